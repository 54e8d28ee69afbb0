/*
 * How relations are fetched.  A running statement is a stream of rows of one
 * node: it is read batch by batch, and for each batch the rows of all nodes
 * below are loaded, a query for each few hundred distinct keys, never one for
 * each row.  When they do not fit into batch_bytes, the batch is halved.  When
 * it is a single row, each of its relations becomes a stream of its own.  So
 * memory is bounded by batches times depth, whatever the sizes.
 */
#include "collector/fetch.h"

#include <stdlib.h>

#include "collector/related.h"
#include "model/json_out.h"

/* A batch leaves most of batch_bytes to the rows below it. */
#define SHARE_OF_BATCH 4

/* Rows of one node, out of one statement. */
struct stream {
	struct fetch *f;
	struct db_stmt *st;
	struct rowset rows;		/* the batch */
	size_t batch;			/* rows that it may have */
	bool root;
	bool any;			/* a row has been written */
};

static int
put(struct fetch *f, const char *text, size_t len)
{
	if (buf_put(&f->p->writer->out, text, len) != 0)
		return related_no_memory(f);
	return 0;
}

/* ---- writing rows that are in memory ------------------------------------- */

/* The attachments of row i, whose text begins at `at` in the answer. */
static int
put_blobs(struct fetch *f, const struct rowset *rs, size_t i, size_t at)
{
	struct writer *w = f->p->writer;

	for (size_t b = 0; b < rs->nblobs; b++) {
		const struct rowset_blob *blob = &rs->blobs[b];

		if (blob->row != i)
			continue;
		w->out.data[at + blob->digit] = (char)('0' + w->nattachments);
		if (writer_attach(w, blob->field,
		    rs->bytes.data + blob->data.at, blob->data.len,
		    f->err) != 0)
			return -1;
	}
	return 0;
}

/* The opening brace and the scalars of row i. */
static int
put_scalars(struct fetch *f, const struct rowset *rs, size_t i)
{
	const struct rowset_span *text = &rs->rows[i].text;
	size_t at = f->p->writer->out.len + 1;

	if (put(f, "{", 1) != 0 ||
	    put(f, rs->bytes.data + text->at, text->len) != 0)
		return -1;
	return rs->nblobs > 0 ? put_blobs(f, rs, i, at) : 0;
}

/* The name of relation j; the first member of a row has no comma. */
static int
put_label(struct fetch *f, const struct plan_node *node, size_t j)
{
	const struct plan_label *label = &node->children[j].label;
	size_t comma = node->nshown == 0 && j == 0 ? 1 : 0;

	return put(f, label->text + comma, label->len - comma);
}

static int put_tree(struct fetch *f, const struct rowset *rs, size_t i);

/* What row i has in relation j: a row or null, or a list. */
static int
put_related(struct fetch *f, const struct rowset *rs, size_t i, size_t j)
{
	const struct rowset *child = &rs->children[j];
	uint32_t row = rowset_find(rs, i, j);
	bool any = false;

	if (!child->node->via->list)
		return row == ROWSET_NONE ? put(f, "null", 4) :
		    put_tree(f, child, row);
	if (put(f, "[", 1) != 0)
		return -1;
	for (; row != ROWSET_NONE; row = child->rows[row].next) {
		if ((any && put(f, ",", 1) != 0) ||
		    put_tree(f, child, row) != 0)
			return -1;
		any = true;
	}
	return put(f, "]", 1);
}

/* Row i with all below it. */
static int
put_tree(struct fetch *f, const struct rowset *rs, size_t i)
{
	if (put_scalars(f, rs, i) != 0)
		return -1;
	for (size_t j = 0; j < rs->node->nchildren; j++)
		if (put_label(f, rs->node, j) != 0 ||
		    put_related(f, rs, i, j) != 0)
			return -1;
	if (put(f, "}", 1) != 0)
		return -1;
	/* Shared rows are written for each that refers to them. */
	return rs->node->parent == NULL ? 0 : writer_part(f->p->writer,
	    f->err);
}

/* ---- streams ------------------------------------------------------------- */

static int stream_all(struct fetch *f, const struct plan_node *node,
    struct db_stmt *st);

/* A row whose relations are too large for memory: each is a stream. */
static int
put_streaming(struct fetch *f, const struct rowset *rs, size_t i)
{
	if (put_scalars(f, rs, i) != 0)
		return -1;
	for (size_t j = 0; j < rs->node->nchildren; j++) {
		const struct plan_node *child = &rs->node->children[j];
		bool list = child->via->list;

		if (put_label(f, rs->node, j) != 0)
			return -1;
		if (!rowset_has_key(rs, i, j)) {
			if (put(f, list ? "[]" : "null", list ? 2 : 4) != 0)
				return -1;
			continue;
		}
		rowset_key(rs, i, j, f->params);
		if (stream_all(f, child, related_start(f, child, 1, 0)) != 0)
			return -1;
	}
	return put(f, "}", 1);
}

static int
end_row(struct stream *s)
{
	struct writer *w = s->f->p->writer;

	return s->root ? writer_row(w, s->f->err) : writer_part(w, s->f->err);
}

static int
put_row(struct stream *s, size_t i, bool streaming)
{
	struct fetch *f = s->f;

	if (s->any && put(f, ",", 1) != 0)
		return -1;
	s->any = true;
	if ((streaming ? put_streaming(f, &s->rows, i) :
	    put_tree(f, &s->rows, i)) != 0)
		return -1;
	return end_row(s);
}

/* Rows lo to hi of the batch, in as many parts as memory asks for. */
static int
put_range(struct stream *s, size_t lo, size_t hi)
{
	struct rowset *rs = &s->rows;
	size_t middle;

	switch (related_load(s->f, rs, lo, hi)) {
	case RELATED_ALL:
		for (size_t i = lo; i < hi; i++)
			if (put_row(s, i, false) != 0)
				return -1;
		return 0;
	case RELATED_TOO_MUCH:
		break;
	case RELATED_FAILED:
		return -1;
	}
	if (hi - lo == 1) {
		for (size_t j = 0; j < rs->node->nchildren; j++)
			rowset_clear(&rs->children[j]);
		return put_row(s, lo, true);
	}
	middle = lo + (hi - lo) / 2;
	s->batch = middle - lo;		/* and the next ones are like it */
	if (put_range(s, lo, middle) != 0)
		return -1;
	return put_range(s, middle, hi);
}

/* 1: there may be more rows behind the batch; 0: none; -1. */
static int
read_batch(struct stream *s)
{
	struct fetch *f = s->f;
	size_t bytes = f->p->batch_bytes / SHARE_OF_BATCH;
	int r;

	rowset_clear(&s->rows);
	do {
		r = db_fetch(s->st, f->row, f->err);
		if (r <= 0)
			return r;
		if (rowset_add(&s->rows, f->row, f->p->plan->attachments,
		    f->err) != 0)
			return -1;
	} while (s->rows.n < s->batch && rowset_bytes(&s->rows) < bytes);
	return 1;
}

static int
stream_batches(struct stream *s, bool one)
{
	int more;

	if (one)
		s->batch = 1;
	do {
		size_t batch = s->batch;

		more = read_batch(s);
		if (more < 0 || (s->rows.n > 0 &&
		    put_range(s, 0, s->rows.n) != 0))
			return -1;
		/* One crowded place in a table must not slow down the rest. */
		if (s->batch == batch && batch < s->f->p->batch_rows)
			s->batch += batch / 4 + 1;
	} while (more > 0 && !one);
	return 0;
}

/* Rows without relations go from the driver's buffers into the message. */
static int
stream_plain(struct stream *s, bool one)
{
	struct fetch *f = s->f;
	struct writer *w = f->p->writer;
	int r;

	while ((r = db_fetch(s->st, f->row, f->err)) > 0) {
		if (put(f, s->any ? ",{" : "{", s->any ? 2 : 1) != 0)
			return -1;
		s->any = true;
		switch (json_put_scalars(&w->out, s->rows.node, f->row, NULL,
		    f->err)) {
		case JSON_PUT_DONE:
			break;
		case JSON_PUT_FULL:
			return related_no_memory(f);
		case JSON_PUT_MISFIT:
			return -1;
		}
		if (put(f, "}", 1) != 0 || end_row(s) != 0)
			return -1;
		if (one)
			break;
	}
	return r < 0 ? -1 : 0;
}

/*
 * All rows of a statement (NULL: it could not be started), which is given
 * back: the root's as they are, a list with its brackets, a row or null.
 */
static int
stream_all(struct fetch *f, const struct plan_node *node, struct db_stmt *st)
{
	struct stream s = { .f = f, .st = st, .batch = f->p->batch_rows,
	    .root = node->parent == NULL };
	bool one = !s.root && !node->via->list;
	bool list = !s.root && node->via->list;
	int r = -1;

	if (st == NULL)
		return -1;
	if (rowset_init(&s.rows, node) != 0)
		related_no_memory(f);
	else if (!list || put(f, "[", 1) == 0)
		r = node->nchildren == 0 && !f->p->plan->attachments ?
		    stream_plain(&s, one) : stream_batches(&s, one);
	if (r == 0 && list)
		r = put(f, "]", 1);
	if (r == 0 && one && !s.any)
		r = put(f, "null", 4);
	rowset_fini(&s.rows);
	db_finish(st);
	return r;
}

static size_t
widest(const struct plan_node *node)
{
	size_t most = node->ncolumns;

	for (size_t j = 0; j < node->nchildren; j++) {
		size_t n = widest(&node->children[j]);

		if (n > most)
			most = n;
	}
	return most;
}

int
fetch_run(const struct fetch_params *p, struct err *err)
{
	struct fetch f = { .p = p, .dialect = db_dialect(p->db), .err = err };
	const struct plan_node *root = p->plan->root;
	uint64_t max_rows = p->writer->p.max_rows;
	int r = -1;

	buf_init(&f.sql, 0);
	f.row = calloc(widest(root) + 1, sizeof(*f.row));
	f.params = calloc(f.dialect->parameters_max, sizeof(*f.params));
	if (f.row == NULL || f.params == NULL)
		related_no_memory(&f);
	else	/* one more than may be: so the limit can be told */
		r = stream_all(&f, root, related_start(&f, root, 0,
		    max_rows == 0 ? 0 : max_rows + 1));
	free(f.params);
	free(f.row);
	free(f.seen.slots);
	buf_fini(&f.sql);
	return r;
}
