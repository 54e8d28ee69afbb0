/*
 * How relations are fetched.  A stream is rows of one node, from a pager: it
 * is read batch by batch, and for each batch the rows of all nodes below are
 * loaded, a query for each few hundred distinct keys, never one for each row.
 * When they do not fit into batch_bytes, the batch is halved.  When it is a
 * single row, each of its relations becomes a stream of its own.  So memory is
 * bounded by batches times depth, whatever the sizes.
 */
#include "collector/fetch.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/num.h"
#include "collector/related.h"
#include "model/json_out.h"

/* Rows of one node. */
struct stream {
	struct fetch *f;
	struct pager pager;
	struct rowset rows;		/* the batch */
	size_t batch;			/* rows that it may have */
	bool root;
	bool any;			/* a row has been written */
};

static int
put(struct fetch *f, const char *text, size_t len)
{
	if (buf_put(&f->p->writer->out, text, len) != 0)
		return pager_no_memory(f);
	return 0;
}

static int
put_char(struct fetch *f, char c)
{
	return buf_putc(&f->p->writer->out, c) == 0 ? 0 : pager_no_memory(f);
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

	if (put_char(f, '{') != 0)
		return -1;
	/* Rows without any have no bytes at all. */
	if (text->len > 0 &&
	    put(f, rs->bytes.data + text->at, text->len) != 0)
		return -1;
	return rs->nblobs > 0 ? put_blobs(f, rs, i, at) : 0;
}

/* The label of relation j; the first member of a row has no comma. */
static int
put_label(struct fetch *f, const struct plan_node *node, size_t j)
{
	const struct plan_label *label = &node->children[j].label;
	size_t comma = node->nshown == 0 && j == 0 ? 1 : 0;

	return put(f, label->text + comma, label->len - comma);
}

/*
 * How many rows there are, and what ends the counts of a row.  Rows of equal
 * keys that are spelled in several ways have been counted for each.
 */
static int
put_count(struct fetch *f, const struct rowset *rs, uint32_t row)
{
	int64_t all = 0, n;

	for (; row != ROWSET_NONE; row = rs->rows[row].next) {
		const struct rowset_span *text = &rs->rows[row].text;

		if (num_read_i64(rs->bytes.data + text->at, text->len,
		    &n) == 0)
			all += n;
	}
	if (buf_printf(&f->p->writer->out, "%" PRId64 "%s", all,
	    rs->node->closing) != 0)
		return pager_no_memory(f);
	return 0;
}

static int put_tree(struct fetch *f, const struct rowset *rs, size_t i);

/* What row i has in relation j: a number, a row or null, or a list. */
static int
put_related(struct fetch *f, const struct rowset *rs, size_t i, size_t j)
{
	const struct rowset *child = &rs->children[j];
	uint32_t row = rowset_find(rs, i, j);
	bool any = false;

	if (child->node->count)
		return put_count(f, child, row);
	if (!child->node->via->list)
		return row == ROWSET_NONE || child->rows[row].absent ?
		    put(f, "null", 4) : put_tree(f, child, row);
	if (put_char(f, '[') != 0)
		return -1;
	for (; row != ROWSET_NONE; row = child->rows[row].next) {
		if ((any && put_char(f, ',') != 0) ||
		    put_tree(f, child, row) != 0)
			return -1;
		any = true;
	}
	return put_char(f, ']');
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
	if (put_char(f, '}') != 0)
		return -1;
	/* Shared rows are written for each that refers to them. */
	return rs->node->parent == NULL ? 0 : writer_part(f->p->writer,
	    f->err);
}

/* ---- streams ------------------------------------------------------------- */

static int stream_all(struct fetch *f, const struct plan_node *node,
    const struct value *key);

/* Relation j of row i as a stream of its own. */
static int
stream_related(struct fetch *f, const struct rowset *rs, size_t i, size_t j)
{
	const struct plan_node *child = &rs->node->children[j];
	struct value key[SCHEMA_KEY_MAX];
	int may = related_may_have(f, rs, i, j);

	if (may < 0)
		return -1;
	if (may == 0)
		return child->via->list ? put(f, "[]", 2) : put(f, "null", 4);
	rowset_key(rs, i, j, key);
	return stream_all(f, child, key);
}

/* A row whose relations are too large for memory; its counts are there. */
static int
put_streaming(struct fetch *f, const struct rowset *rs, size_t i)
{
	if (put_scalars(f, rs, i) != 0)
		return -1;
	for (size_t j = 0; j < rs->node->nchildren; j++)
		if (put_label(f, rs->node, j) != 0 ||
		    (rs->node->children[j].count ?
		    put_related(f, rs, i, j) :
		    stream_related(f, rs, i, j)) != 0)
			return -1;
	return put_char(f, '}');
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

	if (s->any && put_char(f, ',') != 0)
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
	if (hi - lo == 1)
		return related_counts(s->f, rs, lo) != 0 ? -1 :
		    put_row(s, lo, true);
	middle = lo + (hi - lo) / 2;
	s->batch = middle - lo;		/* and the next ones are like it */
	if (put_range(s, lo, middle) != 0)
		return -1;
	return put_range(s, middle, hi);
}

/* Rows of a view without a key cannot be left and found again. */
static int
too_many_to_hold(struct stream *s)
{
	return err_set(s->f->err, ERR_LIMIT, "the rows of %s have no key to "
	    "read them in pages by, and are larger than batch_bytes",
	    s->rows.node->model->name);
}

/* 1: there may be more rows behind the batch; 0: none; -1. */
static int
read_batch(struct stream *s)
{
	struct fetch *f = s->f;
	struct rowset *rs = &s->rows;
	bool hold = !pager_can_pause(&s->pager);
	size_t most = f->p->batch_bytes;
	int r;

	rowset_clear(rs);
	do {
		if (!hold)
			s->pager.batch = s->batch - rs->n;
		r = pager_read(&s->pager);
		if (r <= 0)
			return r;
		if (rowset_add(rs, f->row, f->p->plan->attachments,
		    f->err) != 0)
			return -1;
		if (hold && rowset_bytes(rs) > most)
			return too_many_to_hold(s);
	} while (hold || (rs->n < s->batch &&
	    rowset_bytes(rs) < most / PAGER_SHARE_OF_BATCH));
	return pager_pause(&s->pager) == 0 ? 1 : -1;
}

static int
stream_batches(struct stream *s)
{
	int more;

	do {
		size_t batch = s->batch;

		more = read_batch(s);
		if (more < 0 || (s->rows.n > 0 &&
		    put_range(s, 0, s->rows.n) != 0))
			return -1;
		/* One crowded place in a table must not slow down the rest. */
		if (s->batch == batch && batch < s->f->p->batch_rows)
			s->batch += batch / 4 + 1;
	} while (more > 0);
	return 0;
}

/* Rows without relations go from the driver's buffers into the message. */
static int
stream_plain(struct stream *s)
{
	struct fetch *f = s->f;
	struct writer *w = f->p->writer;
	int r;

	while ((r = pager_read(&s->pager)) > 0) {
		if (put(f, s->any ? ",{" : "{", s->any ? 2 : 1) != 0)
			return -1;
		s->any = true;
		switch (json_put_scalars(&w->out, s->rows.node, f->row, NULL,
		    f->err)) {
		case JSON_PUT_DONE:
			break;
		case JSON_PUT_FULL:
			return pager_no_memory(f);
		case JSON_PUT_MISFIT:
			return -1;
		}
		if (put_char(f, '}') != 0 || end_row(s) != 0)
			return -1;
	}
	return r;
}

/* One more row than may be: so that the limit can be told. */
static uint64_t
rows_wanted(const struct fetch *f, const struct plan_node *node)
{
	uint64_t max = f->p->writer->p.max_rows;

	if (node->parent != NULL)
		return node->via->list ? PLAN_ALL : 1;
	return max == 0 ? PLAN_ALL : max + 1;
}

static int
stream_rows(struct stream *s)
{
	const struct plan_node *node = s->rows.node;
	struct fetch *f = s->f;
	bool list = !s->root && node->via->list;

	if (list && put_char(f, '[') != 0)
		return -1;
	if ((node->nchildren == 0 && !f->p->plan->attachments ?
	    stream_plain(s) : stream_batches(s)) != 0)
		return -1;
	if (list)
		return put_char(f, ']');
	return s->root || s->any ? 0 : put(f, "null", 4);
}

/*
 * All rows of a node: the root's (key NULL) as they are, or those of one key,
 * a list with its brackets, or a row or null.
 */
static int
stream_all(struct fetch *f, const struct plan_node *node,
    const struct value *key)
{
	const struct pager_params params = {
		.f = f,
		.node = node,
		.keys = key,
		.nkeys = key == NULL ? 0 : 1,
		.most = rows_wanted(f, node),
		.nested = node->nchildren > 0,
	};
	struct stream s = { .f = f, .batch = f->p->batch_rows,
	    .root = node->parent == NULL };
	int r = pager_open(&s.pager, &params);

	if (rowset_init(&s.rows, node) != 0)
		r = pager_no_memory(f);
	if (r == 0)
		r = stream_rows(&s);
	rowset_fini(&s.rows);
	pager_close(&s.pager);
	return r;
}

/* ---- the whole ----------------------------------------------------------- */

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* How many nodes there are, and columns in the widest of their statements. */
static void
survey(const struct plan_node *node, size_t *nodes, size_t *columns)
{
	++*nodes;
	*columns = larger(*columns, node->ncolumns);
	if (node->cursor != NULL)
		*columns = larger(*columns, node->norder);
	for (size_t j = 0; j < node->nchildren; j++)
		survey(&node->children[j], nodes, columns);
}

int
fetch_run(const struct fetch_params *p, struct err *err)
{
	struct fetch f = { .p = p, .err = err };
	size_t columns = 1;
	int r = -1;

	survey(p->plan->root, &f.nsources, &columns);
	f.row = calloc(columns, sizeof(*f.row));
	f.sources = calloc(f.nsources, sizeof(*f.sources));
	if (f.row == NULL || f.sources == NULL)
		pager_no_memory(&f);
	else
		r = stream_all(&f, p->plan->root, NULL);
	for (size_t i = 0; f.sources != NULL && i < f.nsources; i++) {
		buf_fini(&f.sources[i].texts);
		free(f.sources[i].from);
		free(f.sources[i].fields);
	}
	free(f.sources);
	free(f.row);
	return r;
}
