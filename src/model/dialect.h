/* What one family of databases wants to be written differently: a row each. */
#ifndef MODEL_DIALECT_H
#define MODEL_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/schema.h"
#include "model/value.h"

enum dialect_id {
	DIALECT_SQLITE,
	DIALECT_POSTGRESQL,
	DIALECT_MARIADB,
	DIALECT_SQLSERVER,
	DIALECTS
};

/* Where the row limit stands in a SELECT; OFFSET is only known at the end. */
enum dialect_limit { DIALECT_LIMIT_END, DIALECT_LIMIT_TOP };

/* MariaDB makes indexes of texts of that many characters. */
#define DIALECT_SHORT 190

/* In what form values are given to a database. */
enum dialect_form {
	DIALECT_FORM_PLAIN,		/* as they are */
	DIALECT_FORM_BOOLEAN_TEXT,	/* "true" and "false" */
	DIALECT_FORM_FLOAT_TEXT,	/* the shortest exact text */
	DIALECT_FORM_MOMENT_MS,		/* milliseconds since 1970 */
	DIALECT_FORM_MOMENT_TEXT,	/* 2024-01-02 03:04:05.678900 */
	DIALECT_FORM_MOMENT_ZONED	/* the same and +00 */
};

/*
 * Templates of one type: "@" stands for the column (or what another template
 * has made of it), "?" for a parameter, "#" for the number of digits behind
 * the point of the parameter's value.  NULL: "@", or "?".
 */
struct dialect_type {
	const char *read;	/* a column that is selected */
	const char *compared;	/* a column beside a value of a filter */
	const char *ordered;	/* a column in an order, beside one of a row */
	const char *apart;	/* a column, told apart exactly */
	const char *value;	/* a parameter */
	const char *list;	/* is in a list that is one parameter */
	enum dialect_form form;	/* of parameters */
};

/* A parameter beside a column of one native type. */
struct dialect_native {
	enum scalar_type type;
	const char *native;	/* NULL ends the list */
	const char *value;
	/* As text, the ends of what it can hold; NULL = any value. */
	const char *from, *to;
};

/*
 * SQLite's driver holds the result of a statement with parameters, but streams
 * it without: this function gives value n instead.
 */
#define DIALECT_SQLITE_VALUE "dalpuri_value"
/* A REAL as its shortest exact text; all else as it is. */
#define DIALECT_SQLITE_REAL "dalpuri_real"
/*
 * Makes one text of the values of a row (db/pack.h).  Its first argument has a
 * letter for the type of each of the others.
 */
#define DIALECT_SQLITE_ROW "dalpuri_row"

/*
 * A row as one value, and all rows of a statement as one: a driver's work is
 * for each value that it hands over, whatever its length.
 */
enum dialect_pack {
	DIALECT_UNPACKED,
	DIALECT_ROWS,
	DIALECT_PAGE,
	/*
	 * The fields of all rows, apart by separators, and how many rows there
	 * are: cheaper, but no field may be NULL or have a separator in it.
	 */
	DIALECT_FIELDS,
	DIALECT_PACKS
};

/*
 * SYN and ETB, which hardly any text has.  Those that are made for it are not
 * as rare: in what word processors paste, U+001E and U+001F are hyphens.
 */
#define DIALECT_FIELD_END '\x16'
#define DIALECT_ROW_END '\x17'

struct dialect {
	enum dialect_id id;
	const char *name;	/* "sqlite" ... as in messages */
	char quote_open;	/* around identifiers; doubled inside */
	char quote_close;
	bool schemas;		/* knows tables in schemas: "dbo"."Member" */
	bool nulls_high;	/* NULL is above all values in an order */
	bool nulls_syntax;	/* knows NULLS FIRST and NULLS LAST */
	bool lists_are_arrays;	/* {a,b}, else JSON: [a,b] */
	bool keys_are_listed;	/* many keys of a relation are one parameter,
				 * where each is an integer or an array's */
	enum dialect_limit limit;
	struct dialect_type types[SCALAR_TYPES];
	const struct dialect_native *natives;
	const char *list;	/* for types that have none of their own */
	/*
	 * The same for values of up to DIALECT_SHORT bytes; "~" stands for
	 * the column's table, by its own alias.  NULL: no other.
	 */
	const char *list_short;
	const char *like;	/* @ matches a pattern, "!" escapes */
	const char *like_special;	/* what must be escaped in it */
	/* The same without regard to case; NULL: the dialect cannot. */
	const char *fold;	/* a column or a parameter */
	const char *fold_like;
	const char *fold_list;
	size_t parameters_max;	/* in one statement */
	/*
	 * Up to this a number of rows is no parameter: PostgreSQL keeps the
	 * plan of a statement if it is as good as one made for its parameters,
	 * but without knowing the LIMIT it expects a tenth of all rows.
	 */
	uint64_t limit_written;
	size_t statements_open;	/* results open at once on a connection;
				 * 0 = any number */
	const char *pack_columns;	/* a function of a row's, or NULL */
	struct dialect_packing {
		size_t columns_max;	/* of a row that may be packed so; 0 =
					 * none.  Bytes are not */
		/*
		 * What stands around a whole SELECT, "@" for names of its
		 * columns; NULL: nothing.
		 */
		const char *before, *behind;
	} packs[DIALECT_PACKS];
	bool streams;		/* an open result costs bounded memory ... */
	bool streams_bare;	/* ... but only of one statement at once,
				 * without parameters or a transaction */
};

/* Never NULL for an id of the enum. */
const struct dialect *dialect_by_id(enum dialect_id id);

/* The template of this parameter beside this field's column. */
const char *dialect_value(const struct dialect *d,
    const struct schema_field *f, const struct value *v);

/*
 * The letter of a column's type for a function that packs rows: i, f, d are
 * integers, floats and decimals, t is text.
 */
char dialect_pack_letter(enum scalar_type type);

#endif
