/* What strings of the conf must look like, for the table's check column. */
#ifndef CONF_CONF_CHECK_H
#define CONF_CONF_CHECK_H

/* NULL when text is right, else what it must be: "must begin with '/'". */
const char *conf_check_address(const char *text);
const char *conf_check_path(const char *text);
const char *conf_check_namespace(const char *text);
const char *conf_check_origin(const char *text);
const char *conf_check_network(const char *text);
const char *conf_check_key_name(const char *text);

#endif
