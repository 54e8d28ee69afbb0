/*
 * A Prisma schema, read and resolved (schema_lex.c, schema_parse.c,
 * schema_resolve.c).  Everything in it lives in one arena and is constant
 * after schema_read(); pointers between its parts are valid until
 * schema_free().
 */
#ifndef MODEL_SCHEMA_H
#define MODEL_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Fields of one compound key or index; SQL Server allows 32. */
#define SCHEMA_KEY_MAX 32

enum scalar_type {
	SCALAR_STRING,
	SCALAR_BOOLEAN,
	SCALAR_INT,
	SCALAR_BIGINT,
	SCALAR_FLOAT,
	SCALAR_DECIMAL,
	SCALAR_DATETIME,
	SCALAR_JSON,
	SCALAR_BYTES,
	SCALAR_ENUM,
	SCALAR_UNSUPPORTED,	/* Unsupported("..."): never fetched */
	SCALAR_TYPES
};

/* "String" and so on. */
const char *scalar_type_name(enum scalar_type type);

struct schema_enum {
	const char *name;
	const char *doc;		/* NULL = none */
	size_t nvalues;
	const char **values;		/* as clients see them */
	const char **columns;		/* as the database stores them (@map) */
};

struct schema_field {
	const char *name;		/* as clients see it */
	const char *column;		/* as the database calls it */
	const char *doc;		/* "///" lines; NULL = none */
	enum scalar_type type;
	const struct schema_enum *enumeration;	/* SCALAR_ENUM only */
	const char *native;		/* "VarChar"; NULL = no @db */
	int native_args[2];		/* 50, or 18 and 2; -1 = not given */
	bool optional;
	bool list;			/* scalar list, String[] */
	bool id;			/* alone the primary key */
	bool unique;			/* alone unique */
	bool ignored;			/* @ignore: clients cannot name it */
	unsigned int line, column_nr;	/* place in the file */
};

struct schema_key {
	size_t n;
	const struct schema_field *fields[SCHEMA_KEY_MAX];
};

/* One side of a relation, as a member of its model. */
struct schema_relation {
	const char *name;		/* the member's name */
	const char *doc;
	const char *tag;		/* @relation("tag"), or NULL */
	const struct schema_model *model;	/* whose member it is */
	const struct schema_model *target;
	const struct schema_relation *opposite;
	bool list;			/* to-many */
	bool optional;			/* to-one that may be null */
	bool holds_key;			/* this side has fields: [...] */
	bool ignored;
	/*
	 * A row of target belongs to a row of model when each to[i] equals
	 * from[i]; filled on both sides.  from is in model, to in target.
	 */
	struct schema_key from, to;
	unsigned int line, column_nr;
};

struct schema_model {
	const char *name;
	const char *table;
	const char *db_schema;		/* @@schema, or NULL */
	const char *doc;
	bool view;			/* "view" block */
	bool ignored;			/* @@ignore */
	size_t nfields;
	const struct schema_field *fields;	/* in file order */
	size_t nrelations;
	const struct schema_relation *relations;	/* in file order */
	struct schema_key key;		/* @id or @@id, else the first
					 * unique of required fields; n = 0:
					 * none (views) */
	size_t nuniques;		/* @unique and @@unique, and the key */
	const struct schema_key *uniques;
	unsigned int line, column_nr;
};

struct schema;

/*
 * Read the text of a schema file.  name is used in messages.  On faults:
 * NULL, and fault() is called for each, in file order, at most 100 of them,
 * with "NAME:LINE:COLUMN: what, and what was expected".  Names are judged
 * when the syntax is right, relations when all else is: one slip shall not
 * make faults of what is good.
 */
struct schema *schema_read(const char *name, const char *text, size_t len,
    void (*fault)(void *ctx, const char *line), void *ctx);
void schema_free(struct schema **s);

/* May no type (member: no field) be called so, in whatever schema? */
bool schema_is_reserved(const char *name, bool member);
/* Is a model or an enum called so, be it ignored? */
bool schema_has_type(const struct schema *s, const char *name);

size_t schema_nmodels(const struct schema *s);
const struct schema_model *schema_model_at(const struct schema *s, size_t i);

/*
 * By the client's name; NULL = none, or ignored.  len: names need no
 * terminator.
 */
const struct schema_model *schema_model(const struct schema *s,
    const char *name, size_t len);
const struct schema_field *schema_field(const struct schema_model *m,
    const char *name, size_t len);
const struct schema_relation *schema_relation(const struct schema_model *m,
    const char *name, size_t len);

#endif
