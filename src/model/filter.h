/*
 * A condition on the rows of one model, as a tree: what `where` and `cursor`
 * mean once they are read.  Values are kept as the schema's types have them;
 * how a dialect wants them is the matter of sql_filter.c.
 *
 * A comparison with a NULL column is neither true nor false, as in SQL: NOT
 * of it matches no row either.
 */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "model/schema.h"
#include "model/value.h"

enum filter_kind {
	FILTER_AND,	/* all parts; of none: every row */
	FILTER_OR,	/* any part; of none: no row */
	FILTER_NOT,	/* not parts[0] */
	FILTER_NULL,	/* field is NULL */
	FILTER_EQUAL,	/* field = values[0], and so on */
	FILTER_LESS,
	FILTER_LESS_EQUAL,
	FILTER_GREATER,
	FILTER_GREATER_EQUAL,
	FILTER_IN,	/* field is one of values; of none: no row */
	FILTER_CONTAINS,	/* values[0] as literal text, no wildcards */
	FILTER_STARTS,
	FILTER_ENDS,
	FILTER_RELATED,	/* a row of relation exists for which parts[0] */
	FILTER_KINDS
};

/*
 * The kind of a value by the type of its field:
 *
 *	String, enum, uuid	TEXT (an enum's as the database stores it)
 *	Int, BigInt, Boolean	INT
 *	Float			FLOAT
 *	Decimal			TEXT, digits without an exponent: "-12.5"
 *	DateTime		INT, microseconds since 1970 in UTC
 *	Json			TEXT, JSON
 *	Bytes			BYTES
 *
 * None is VALUE_NULL.  Text and bytes are in the plan's arena.
 */
struct filter {
	enum filter_kind kind;
	bool insensitive;			/* mode: "insensitive" */
	const struct schema_field *field;	/* kinds NULL to ENDS */
	const struct schema_relation *relation;	/* RELATED */
	size_t nparts;
	struct filter **parts;
	size_t nvalues;
	struct value *values;
};

#endif
