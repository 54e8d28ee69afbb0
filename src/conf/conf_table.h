/*
 * THE table of settings: the file reader, the views, the manual's test and
 * the sample's test are all driven by its rows.  Adding a setting is a member
 * in conf.h, a row here, and its paragraphs in the sample and the manual.
 */
#ifndef CONF_CONF_TABLE_H
#define CONF_CONF_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

/* How a value is written, and the type of the member that holds it. */
enum conf_kind {
	CONF_STRING,	/* char * */
	CONF_PATH,	/* char *; relative to the conf file's folder */
	CONF_LIST,	/* struct conf_list of strings */
	CONF_INT,	/* int64_t from here on */
	CONF_DURATION,	/* milliseconds; written 25s, 300ms, 2min */
	CONF_SIZE,	/* bytes; written 1000000, 64K, 100M */
	CONF_ENUM,	/* place of the word in names */
	CONF_KINDS
};

/* The section whose rows describe a struct conf_key, once for each key. */
#define CONF_KEY_SECTION "key"

struct conf_row {
	const char *section;	/* "" = top level */
	const char *key;
	const char *member;	/* of the struct: "socketio.ping_interval_ms" */
	enum conf_kind kind;
	size_t offset;		/* in struct conf, or in struct conf_key */
	const char *standard;	/* the default, in the file's spelling (a
				 * list's only element); NULL = none */
	int64_t min, max;	/* of the numbers; min: elements of a list */
	const char *unit;	/* CONF_INT: what is counted */
	const char *const *names;	/* CONF_ENUM: the words, then NULL */
	const char *(*check)(const char *text);	/* strings, each of a list:
				 * NULL = right, else what it must be */
	bool reloadable;	/* SIGHUP takes it over */
	bool secret;		/* never printed, overwritten when freed */
	unsigned int roles;	/* enum conf_role bits: who may know it */
	const char *meaning;	/* one line */
};

extern const struct conf_row conf_table[];
extern const size_t conf_table_rows;

/* "string", "path", "list" ... */
const char *conf_kind_name(enum conf_kind kind);

/* Write the row's name into out: "workers", "socketio.path". */
#define CONF_ROW_NAME_MAX 64
void conf_row_name(const struct conf_row *row, char out[CONF_ROW_NAME_MAX]);

/* The members of every kind, found in what the row's offset is of. */
char **conf_string_at(const struct conf_row *row, const void *base);
struct conf_list *conf_list_at(const struct conf_row *row, const void *base);
int64_t *conf_number_at(const struct conf_row *row, const void *base);

/*
 * Store one value as it is written in the file; an element of a list is
 * appended.  0, or -1 with a sentence that quotes no secret.
 */
int conf_row_set(const struct conf_row *row, void *base, const char *text,
    struct err *err) MUST_CHECK;

/* Set all rows of a section's struct, or of struct conf, to the default. */
int conf_rows_init(void *base, bool key) MUST_CHECK;

/* Free what the rows own; secrets are overwritten first. */
void conf_rows_fini(void *base, bool key);

/* Is this row about a struct conf_key? */
bool conf_row_of_key(const struct conf_row *row);

/* Append a copy of text.  0, or -1: out of memory. */
int conf_list_add(struct conf_list *l, const char *text) MUST_CHECK;
void conf_list_fini(struct conf_list *l);

#endif
