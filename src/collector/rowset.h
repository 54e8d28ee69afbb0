/*
 * Rows of one node of a plan, in memory: their scalars as JSON, and the keys
 * by which relations find them.  Everything is in one buffer and named by its
 * place there, so that growing it moves no pointer.
 */
#ifndef COLLECTOR_ROWSET_H
#define COLLECTOR_ROWSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/plan.h"
#include "model/value.h"

/* No row. */
#define ROWSET_NONE UINT32_MAX

/* A place in rowset.bytes. */
struct rowset_span {
	size_t at;
	size_t len;
};

struct rowset_row {
	struct rowset_span text;	/* "a":1,"b":2 */
	bool absent;			/* no row has its key */
	uint32_t next;			/* row of the same own key, or NONE */
	uint32_t last;			/* in the first of them: the last */
};

/* A non-null Bytes value that goes as an attachment. */
struct rowset_blob {
	uint32_t row;
	const struct schema_field *field;
	size_t digit;			/* of its placeholder, in the text */
	struct rowset_span data;
};

/* Rows of a rowset by one of their keys: slots of an open hash table. */
struct rowset_index {
	uint32_t *slots;
	size_t nslots;			/* 0 or a power of two */
};

struct rowset {
	const struct plan_node *node;
	struct buf bytes;
	size_t n, size;			/* rows used, rows allocated */
	struct rowset_row *rows;
	/*
	 * 1 + nchildren for each row: its own key, by which its parent's row
	 * finds it, and for each relation the key to look for there.  An
	 * empty one has a NULL in it, and finds nothing.
	 */
	struct rowset_span *keys;
	struct rowset_index index;	/* by own key */
	size_t nblobs;
	struct rowset_blob *blobs;	/* in the order of rows */
	struct rowset *children;	/* for each relation */
};

/* A tree of empty ones for the node and all below it.  0 or -1. */
int rowset_init(struct rowset *rs, const struct plan_node *node) MUST_CHECK;
void rowset_fini(struct rowset *rs);

/* Drop the rows, without those of the children or with all below; the memory
 * is kept. */
void rowset_clear(struct rowset *rs);
void rowset_clear_tree(struct rowset *rs);

/*
 * Add a row of the node's columns.  attachments: Bytes go as such.  0, or -1:
 * INTERNAL, DATABASE (a value that does not fit its type), LIMIT.
 */
int rowset_add(struct rowset *rs, const struct value *row, bool attachments,
    struct err *err) MUST_CHECK;

/* Note that no row has the key of row i of rs for the j-th relation. */
int rowset_add_absent(struct rowset *rs, size_t i, size_t j) MUST_CHECK;

/* Drop the rows behind the first n; their bytes stay until rowset_clear(). */
void rowset_cut(struct rowset *rs, size_t n);

/* Memory that the rows take, in the same two ways. */
size_t rowset_bytes(const struct rowset *rs);
size_t rowset_tree_bytes(const struct rowset *rs);

/* What rows are found by: rowset_key.c. */

/* Columns of a row that make a key. */
struct rowset_columns {
	const struct schema_field *const *fields;	/* of the row */
	const size_t *at;
	size_t n;
};

/* Append the key that columns make; an empty span when one is NULL. */
int rowset_put_key(struct buf *out, const struct rowset_columns *key,
    const struct value *row, struct rowset_span *span) MUST_CHECK;

/* Has row i no NULL in its key for the j-th relation? */
bool rowset_has_key(const struct rowset *rs, size_t i, size_t j);

/* Is that key the one that columns of another row make?  1, 0 or -1. */
int rowset_key_is(const struct rowset *rs, size_t i, size_t j,
    const struct rowset_columns *key, const struct value *row) MUST_CHECK;

/* The key of row i for the j-th relation as parameters, via->from.n. */
void rowset_key(const struct rowset *rs, size_t i, size_t j,
    struct value *out);

/* Index the rows by own key; those of one key are chained in their order. */
int rowset_index_own(struct rowset *rs) MUST_CHECK;

/*
 * The first of the j-th relation's rows that belongs to row i of rs, or
 * ROWSET_NONE; the others follow by next.  Rows added since they were indexed
 * are not found.
 */
uint32_t rowset_find(const struct rowset *rs, size_t i, size_t j);

/*
 * Is row i the first to ask for its key of the j-th relation?  seen: an index
 * emptied for as many rows as are asked about.
 */
bool rowset_is_first(const struct rowset *rs, struct rowset_index *seen,
    size_t i, size_t j);

/*
 * The row of the j-th relation that came last: is its key that of a row in
 * asked?  Or give it the key of row i of rs, to which it belongs.  0 or -1.
 */
bool rowset_is_asked(const struct rowset *rs, const struct rowset_index *asked,
    size_t j);
int rowset_adopt(struct rowset *rs, size_t i, size_t j) MUST_CHECK;

/* Empty an index, with room for so many rows.  0 or -1. */
int rowset_index_empty(struct rowset_index *index, size_t rows) MUST_CHECK;
/* ... with the room that it has. */
void rowset_index_clear(struct rowset_index *index);

#endif
