/* The options of a call, out of the words of a command line. */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include "base/err.h"

struct json_object;

/*
 * --options gives a whole object; --select, --include, --omit and --distinct
 * take JSON or names with commas between them; --where, --order-by, --cursor,
 * --take and --skip take JSON; --param takes name=JSON or name=text, for the
 * parameters of a .sql file.  Rows for getopt_long():
 */
#define OPTIONS_FLAG 1000
#define OPTIONS_WORDS \
	{ "options", required_argument, NULL, OPTIONS_FLAG }, \
	{ "select", required_argument, NULL, OPTIONS_FLAG }, \
	{ "include", required_argument, NULL, OPTIONS_FLAG }, \
	{ "omit", required_argument, NULL, OPTIONS_FLAG }, \
	{ "distinct", required_argument, NULL, OPTIONS_FLAG }, \
	{ "where", required_argument, NULL, OPTIONS_FLAG }, \
	{ "order-by", required_argument, NULL, OPTIONS_FLAG }, \
	{ "cursor", required_argument, NULL, OPTIONS_FLAG }, \
	{ "take", required_argument, NULL, OPTIONS_FLAG }, \
	{ "skip", required_argument, NULL, OPTIONS_FLAG }, \
	{ "param", required_argument, NULL, OPTIONS_FLAG }

struct options {
	struct json_object *json;	/* an object, or NULL: nothing said */
};

/* name is one of OPTIONS_WORDS.  0, or -1: what is wrong is in err. */
int options_add(struct options *o, const char *name, const char *value,
    struct err *err) MUST_CHECK;

/* As one line of JSON, "" when nothing was said; valid until fini. */
const char *options_text(const struct options *o);
void options_fini(struct options *o);

#endif
