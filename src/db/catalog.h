/*
 * What is in a database: tables, views, columns, keys and enums, as the
 * database itself tells.  Each family is asked by SELECTs of its own
 * (catalog_query.c) that give the same columns, so that reading is one code.
 */
#ifndef DB_CATALOG_H
#define DB_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "db/db.h"
#include "model/arena.h"
#include "model/schema.h"

/*
 * Where schema is NULL below, it is the one in which the login finds a name
 * that is given without a schema.
 */
struct catalog_enum {
	const char *schema;
	const char *name;	/* NULL: it belongs to one column */
	size_t nvalues;
	const char **values;
};

struct catalog_column {
	const char *name;
	const char *declared;	/* "varchar(50)", as the database writes it */
	const char *fallback;	/* its DEFAULT as SQL; NULL = none */
	enum scalar_type type;	/* what fits; SCALAR_UNSUPPORTED: nothing */
	const char *native;	/* "VarChar", of @db; NULL: needs no saying */
	int native_args[2];	/* 50, or 18 and 2; -1 = none */
	bool native_max;	/* VarChar(Max) */
	const struct catalog_enum *enumeration;		/* SCALAR_ENUM */
	bool list;
	bool nullable;
	bool automatic;		/* numbered by the database */
};

enum catalog_key_kind {
	CATALOG_PRIMARY,
	CATALOG_UNIQUE,
	CATALOG_INDEX
};

struct catalog_key {
	const char *name;
	enum catalog_key_kind kind;
	size_t n;
	const struct catalog_column *columns[SCHEMA_KEY_MAX];
};

struct catalog_foreign {
	const char *name;
	const struct catalog_table *target;
	size_t n;
	const struct catalog_column *from[SCHEMA_KEY_MAX];
	const struct catalog_column *to[SCHEMA_KEY_MAX];	/* of target */
};

struct catalog_table {
	const char *schema;
	const char *name;
	bool view;
	size_t ncolumns;
	struct catalog_column *columns;
	size_t nkeys;
	struct catalog_key *keys;
	/* Those that lead to a table which the login may read, too. */
	size_t nforeign;
	struct catalog_foreign *foreign;
};

struct catalog {
	const struct dialect *dialect;
	const char *here;	/* that schema; NULL: there are none */
	bool caseless;		/* names count without case */
	size_t ntables;
	struct catalog_table *tables;	/* sorted by schema and name */
	size_t nenums;
	struct catalog_enum *enums;
	struct arena arena;		/* of all the above */
};

/* A right that reading does not need, and on how many things it is held. */
struct catalog_privilege {
	const char *name;	/* "INSERT" */
	const char *example;	/* the first of them */
	int64_t count;
};

/*
 * Read what the login may read; the database's own tables are left out.  0,
 * or -1; c is for catalog_fini() either way.
 */
int catalog_read(struct catalog *c, struct db *db, struct err *err)
    MUST_CHECK;
void catalog_fini(struct catalog *c);

/*
 * Tell each right of the login to write.  0, or -1 when the database does not
 * say.
 */
int catalog_privileges(struct db *db,
    void (*tell)(void *ctx, const struct catalog_privilege *p), void *ctx,
    struct err *err) MUST_CHECK;

/* NULL = none. */
const struct catalog_table *catalog_table(const struct catalog *c,
    const char *schema, const char *name);
const struct catalog_column *catalog_column(const struct catalog *c,
    const struct catalog_table *t, const char *name);

/* Do these columns, in whatever order, name one row at most? */
bool catalog_is_unique(const struct catalog_table *t,
    const struct catalog_column *const *columns, size_t n);

#endif
