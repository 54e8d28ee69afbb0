/*
 * A .sql file: one SELECT with named, typed parameters, which are declared in
 * the comments at its head.  The grammar is in dalpuri-collector(5).
 */
#ifndef MODEL_SQL_FILE_H
#define MODEL_SQL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/arena.h"
#include "model/collector_file.h"
#include "model/dialect.h"
#include "model/schema.h"
#include "model/value.h"

/* Larger than any that a person writes. */
#define SQL_FILE_BYTES_MAX (1024 * 1024)
#define SQL_FILE_PARAMETERS_MAX 100

/* What a parameter is for one call: NULL is one value of that kind. */
struct sql_argument {
	size_t n;		/* more than one: a list */
	struct value *values;
};

struct sql_parameter {
	struct schema_field field;	/* name, type, list, optional, doc */
	bool has_fallback;
	struct sql_argument fallback;	/* its default */
	unsigned int line;
	bool used;
};

/* Text, and the parameter behind it; the last one has none. */
struct sql_piece {
	const char *text;
	size_t len;
	const struct sql_parameter *parameter;
};

struct sql_file {
	const char *doc;	/* "describe"; NULL = none */
	int64_t max_rows;	/* 0 = none */
	int64_t max_running;	/* requests at once; 0 = any */
	bool bytes_base64;
	bool coalesce;		/* requests may share an answer */
	struct schema_model model;	/* bears the event's name, for
					 * sentences; the parameters are no
					 * fields of it */
	size_t nparameters;
	struct sql_parameter *parameters;
	size_t npieces;
	struct sql_piece *pieces;
	bool limited;		/* it has a LIMIT, OFFSET, FETCH or FOR of
				 * its own at the end */
};

struct sql_source {
	const char *name;	/* the event */
	const struct dialect *dialect;	/* NULL = not known yet */
	const char *text;
	size_t len;
};

/*
 * Everything of the file is in the arena.  NULL with each fault told as
 * "PATH:LINE: what, expected what".
 */
struct sql_file *sql_file_read(const struct sql_source *source,
    struct arena *arena, struct collector_faults *faults);

/* The parameter of that name; NULL = none. */
struct sql_parameter *sql_file_parameter(const struct sql_file *f,
    const char *name, size_t len);

/*
 * sql_head.c: a line comment in front of the query.  What begins with no
 * keyword of the head is just a comment.
 */
void sql_head_line(struct sql_file *f, const char *text, size_t len,
    unsigned int line, struct arena *arena, struct collector_faults *faults);

#endif
