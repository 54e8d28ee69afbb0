/* What the files of this room know of a statement. */
#ifndef DB_STMT_H
#define DB_STMT_H

#include "db/column.h"
#include "db/handle.h"
#include "db/pack.h"
#include "model/arena.h"

/* The columns of db_prepare_any(). */
struct stmt_fields {
	size_t n;
	struct schema_field *fields;
	const struct schema_field **list;	/* to each of them */
	/*
	 * SQLite's columns of no type: those are typed by each value, whose
	 * type stands in a further column behind all others, for each column
	 * loose[i].
	 */
	size_t nloose;
	size_t *loose;
	struct arena arena;			/* of all the above */
};

struct db_stmt {
	struct db *db;
	SQLHSTMT handle;
	char *sql;		/* as it was asked for */
	size_t len;
	bool any;		/* typed from its result: own has its fields */
	struct stmt_fields own;
	bool busy;		/* between db_prepare() and db_finish() */
	bool ended;		/* all its rows have been read */
	bool used;		/* it has been run before */
	bool alone;		/* it runs in a transaction of its own */
	enum dialect_pack pack;
	struct pack rows;	/* packed ones of the driver's last row */
	size_t row_bytes;	/* of the last of them that was taken */
	size_t nvalues;
	enum scalar_type *types;	/* of the values of a packed row */
	size_t ncolumns;	/* of the driver: one when they are packed */
	struct column *columns;
	size_t block;		/* rows that one fetch may give; 0 = its
				 * columns are not bound yet */
	bool cut;		/* a value of the last row was not whole in
				 * its buffer */
	bool was_cut;		/* ... nor one since the last fetch */
	SQLULEN fetched;	/* rows that the last one gave */
	size_t row;		/* the next of them */
	size_t nlens;
	SQLLEN *lens;		/* of parameters, while it runs */
	struct arena wide;	/* of their texts in UTF-16, while it runs */
};

/* Make room for n columns, with no type yet.  0 or -1. */
int stmt_columns(struct db_stmt *st, size_t n, struct err *err) MUST_CHECK;

/*
 * Prepare a statement whose columns are not known, and learn them: own, and
 * columns with their types, are filled.  0 or -1.
 */
int describe_prepare(struct db_stmt *st, struct err *err) MUST_CHECK;

/* Type a value by what SQLite's typeof() said of it. */
void describe_value(struct schema_field *f, struct value *v,
    const struct value *type);

#endif
