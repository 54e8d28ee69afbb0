/*
 * The arguments of attributes: "name: value" pairs against the rules of who
 * takes them.
 */
#ifndef MODEL_SCHEMA_ARGS_H
#define MODEL_SCHEMA_ARGS_H

#include "model/schema_resolve.h"

#define SCHEMA_ARGS_MAX 8

/* What an argument must be; how it is tested is in schema_args.c. */
enum arg_kind {
	ARG_STRING,
	ARG_NUMBER,
	ARG_FLAG,
	ARG_SORT,
	ARG_ACTION,
	ARG_NAME,
	ARG_FIELDS,
	ARG_ANY,
	ARG_KINDS
};

struct arg_rule {
	const char *name;	/* NULL ends the list */
	enum arg_kind kind;
	bool bare;		/* may also stand without its name */
	bool required;
};

/* Is the value of this kind? */
bool schema_arg_fits(enum arg_kind kind, const struct ast_value *v);

/*
 * Sort arguments into the order of their rules, into an array of NULLs.  -1
 * when there is a fault; all faults of the list are told.
 */
int schema_args(struct resolver *r, const struct ast_arg *args,
    const struct arg_rule *rules, const struct ast_value **out);

/* Find the fields that a list names; -1 = told why not. */
int schema_arg_fields(struct resolver *r, const struct draft *draft,
    const struct ast_value *list, struct schema_key *out);

#endif
