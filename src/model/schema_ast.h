/*
 * A Prisma schema as it is written, before anything is looked up: what
 * schema_parse.c hands to schema_resolve.c.  Lists keep the file's order.
 */
#ifndef MODEL_SCHEMA_AST_H
#define MODEL_SCHEMA_AST_H

#include <stdbool.h>
#include <stddef.h>

#include "model/arena.h"
#include "model/schema_fault.h"

enum ast_value_kind {
	AST_STRING,
	AST_NUMBER,
	AST_NAME,		/* a field, an enum value, true, a.b */
	AST_CALL,		/* now(), name(sort: Desc) */
	AST_LIST		/* [a, b] */
};

struct ast_arg;

struct ast_value {
	enum ast_value_kind kind;
	struct schema_place at;
	const char *text;	/* what is written; NULL for a list */
	struct ast_arg *items;	/* AST_CALL, AST_LIST */
};

struct ast_arg {
	struct ast_arg *next;
	struct schema_place at;
	const char *name;	/* of "name: value"; NULL = none */
	struct ast_value *value;
};

struct ast_attr {
	struct ast_attr *next;
	struct schema_place at;
	const char *name;	/* "id", "db.VarChar" */
	struct ast_arg *args;
};

/* A field of a model, or a value of an enum (which has no type). */
struct ast_member {
	struct ast_member *next;
	struct schema_place at;
	const char *name;
	const char *doc;
	const char *type;	/* NULL: an enum's value, or Unsupported */
	struct schema_place type_at;
	bool optional, list;
	struct ast_attr *attrs;
};

enum ast_block_kind {
	AST_MODEL,
	AST_VIEW,
	AST_ENUM
};

struct ast_block {
	struct ast_block *next;
	enum ast_block_kind kind;
	struct schema_place at;		/* of the name */
	const char *name;
	const char *doc;
	struct ast_member *members;
	struct ast_attr *attrs;		/* "@@" */
};

struct ast {
	struct ast_block *blocks;
	const char *datasource;		/* its name; NULL = there is none */
};

/*
 * Read the text of a file.  Names and strings go into texts, the tree's nodes
 * into nodes.  What cannot be read is told to faults and left out.
 */
struct schema_source {
	const char *text;
	size_t len;
	struct arena *texts, *nodes;
	struct schema_faults *faults;
};

void schema_parse(const struct schema_source *source, struct ast *out);

#endif
