/*
 * Queries by lists of keys.  Which row belongs to which key is seen by their
 * bytes.  Where a database calls texts equal that are not the same ('abc' and
 * 'ABC' in a collation without case), its own word counts: see load_list().
 */
#include "collector/related.h"

#include <stdlib.h>

/* Keys of one query; above it nothing is gained. */
#define KEYS_MAX 512
/* Rows that many parents share stay for the next batch, up to this share of
 * batch_bytes. */
#define STAYING_SHARE 8
/* A compound key is a term of an OR: parsers have limits on their depth. */
#define COMPOUND_KEYS_MAX 128

/* One call of related_load(). */
struct load {
	struct fetch *f;
	size_t used;		/* bytes of the rows so far */
};

/* One relation of it. */
struct relation {
	struct load *l;
	struct rowset *parents;
	size_t j;
	struct rowset *rows;		/* = &parents->children[j] */
	bool loose;			/* equal keys may differ in bytes */
	bool stray;			/* a row was met that is none's */
	struct value *keys;		/* of one list, keys_max() at most */
	struct rowset_index seen;	/* keys of the relation */
	struct rowset_index asked;	/* keys of one list */
};

/* Types whose equality is a database's own matter. */
static bool
is_loose(const struct schema_key *key)
{
	for (size_t i = 0; i < key->n; i++)
		if (key->fields[i]->type == SCALAR_STRING ||
		    key->fields[i]->type == SCALAR_DATETIME)
			return true;
	return false;
}

static bool
is_listed(const struct fetch *f, const struct plan_node *node)
{
	return sql_keys_are_listed(f->p->dialect, &node->via->to);
}

/* May parents of several batches have the same row, with all below it? */
static bool
is_shared(const struct plan_node *node)
{
	bool shared = !node->via->list && !node->count;

	for (size_t j = 0; j < node->nchildren; j++)
		shared = shared && is_shared(&node->children[j]);
	return shared;
}

/* The most keys that a query for a node can have: a power of two. */
static size_t
keys_max(const struct fetch *f, const struct plan_node *node)
{
	size_t width = node->via->to.n, most = KEYS_MAX;
	/* Conditions, and two for each order value of cursor and boundary. */
	size_t others = PLAN_PARAMETERS_MAX + 4 * node->norder;
	size_t all = f->p->dialect->parameters_max;

	if (width > 1)
		most = COMPOUND_KEYS_MAX;
	while (!is_listed(f, node) && most > 1 && most * width + others > all)
		most /= 2;
	return most;
}

/* ... and that the next one has: a row for each may be as large as a page. */
static size_t
keys_next(struct fetch *f, const struct plan_node *node)
{
	size_t most = keys_max(f, node);

	if (!node->via->list && pager_is_held(f))
		while (most > 1 && most > pager_source(f, node)->page)
			most /= 2;
	return most;
}

int
related_may_have(struct fetch *f, const struct rowset *rs, size_t i, size_t j)
{
	const struct plan_node *node = rs->children[j].node;
	struct rowset_columns key = { .n = node->via->to.n };
	size_t at[SCHEMA_KEY_MAX];
	struct source *s;
	int r;

	if (!rowset_has_key(rs, i, j))
		return 0;
	if (node->cursor == NULL)
		return 1;
	s = pager_source(f, node);
	r = pager_cursor(f, s);
	if (r <= 0)
		return r;
	for (size_t k = 0; k < key.n; k++)
		at[k] = k;	/* the first order values are own keys */
	key.fields = s->fields;
	key.at = at;
	r = rowset_key_is(rs, i, j, &key, s->from);
	return r < 0 ? pager_no_memory(f) : r;
}

/* ---- one list of keys ---------------------------------------------------- */

/*
 * The keys of these rows.  As parameters of their own they are filled up to a
 * power of two with the last one, so that few different statements are
 * prepared.  How many.
 */
static size_t
put_keys(struct relation *r, const uint32_t *askers, size_t n)
{
	size_t width = r->rows->node->via->to.n, padded = 1;

	for (size_t i = 0; i < n; i++)
		rowset_key(r->parents, askers[i], r->j, &r->keys[i * width]);
	if (is_listed(r->l->f, r->rows->node))
		return n;
	while (padded < n)
		padded *= 2;
	for (size_t i = n * width; i < padded * width; i++)
		r->keys[i] = r->keys[i - width];
	return padded;
}

static int
index_asked(struct relation *r, const uint32_t *askers, size_t n)
{
	if (rowset_index_empty(&r->asked, n) != 0)
		return pager_no_memory(r->l->f);
	for (size_t i = 0; i < n; i++)
		(void)rowset_is_first(r->parents, &r->asked, askers[i], r->j);
	return 0;
}

/* The row just read, for one of n keys. */
static enum related
take_row(struct relation *r, const uint32_t *askers, size_t n)
{
	struct fetch *f = r->l->f;
	struct rowset *rs = r->rows;
	size_t before = rowset_bytes(rs);

	if (rowset_add(rs, f->row, f->p->plan->attachments, f->err) != 0)
		return RELATED_FAILED;
	r->stray = r->loose && n > 1 &&
	    !rowset_is_asked(r->parents, &r->asked, r->j);
	if (r->loose && n == 1 &&
	    rowset_adopt(r->parents, askers[0], r->j) != 0) {
		pager_no_memory(f);
		return RELATED_FAILED;
	}
	/* There are no more counts than parents. */
	if (!rs->node->count)
		r->l->used += rowset_bytes(rs) - before;
	return r->l->used > f->p->batch_bytes ? RELATED_TOO_MUCH : RELATED_ALL;
}

static enum related
read_rows(struct relation *r, struct pager *p, const uint32_t *askers,
    size_t n)
{
	enum related result = RELATED_ALL;
	int more = 0;

	while (result == RELATED_ALL && !r->stray && (more = pager_read(p)) > 0)
		result = take_row(r, askers, n);
	return more < 0 ? RELATED_FAILED : result;
}

static enum related
load_rows(struct relation *r, const uint32_t *askers, size_t n)
{
	const struct pager_params params = {
		.f = r->l->f,
		.node = r->rows->node,
		.keys = r->keys,
		.nkeys = put_keys(r, askers, n),
		.most = PLAN_ALL,
	};
	enum related result = RELATED_FAILED;
	struct pager p;

	if (r->loose && n > 1 && index_asked(r, askers, n) != 0)
		return RELATED_FAILED;
	if (pager_open(&p, &params) == 0)
		result = read_rows(r, &p, askers, n);
	pager_close(&p);
	return result;
}

/*
 * The rows that belong to the keys of these rows.  One whose key is none of
 * them to the byte is a stray: the database knows to which it belongs, and
 * says so when it is asked for half of the keys, and at last for one.
 */
static enum related
load_list(struct relation *r, const uint32_t *askers, size_t n)
{
	size_t rows = r->rows->n, used = r->l->used;
	enum related result = load_rows(r, askers, n);

	if (!r->stray)
		return result;
	r->stray = false;
	rowset_cut(r->rows, rows);
	r->l->used = used;
	result = load_list(r, askers, n / 2);
	if (result != RELATED_ALL)
		return result;
	return load_list(r, askers + n / 2, n - n / 2);
}

/* ---- all keys ------------------------------------------------------------ */

/* In lists, the keys of rows lo to hi that have found nothing yet. */
static enum related
load_keys(struct relation *r, size_t lo, size_t hi)
{
	struct fetch *f = r->l->f;
	uint32_t askers[KEYS_MAX];
	size_t n = 0, most = keys_next(f, r->rows->node);
	enum related result = RELATED_ALL;

	if (rowset_index_empty(&r->seen, hi - lo) != 0) {
		pager_no_memory(f);
		return RELATED_FAILED;
	}
	for (size_t i = lo; i < hi && result == RELATED_ALL; i++) {
		int may = related_may_have(f, r->parents, i, r->j);

		if (may < 0)
			return RELATED_FAILED;
		if (may == 0 ||
		    !rowset_is_first(r->parents, &r->seen, i, r->j) ||
		    rowset_find(r->parents, i, r->j) != ROWSET_NONE)
			continue;
		askers[n++] = (uint32_t)i;
		if (n == most) {
			result = load_list(r, askers, n);
			most = keys_next(f, r->rows->node);
			n = 0;
		}
	}
	if (result == RELATED_ALL && n > 0)
		result = load_list(r, askers, n);
	return result;
}

/* ... and find their rows. */
static enum related
load_and_index(struct relation *r, size_t lo, size_t hi)
{
	enum related result = load_keys(r, lo, hi);

	if (result == RELATED_ALL && rowset_index_own(r->rows) != 0) {
		pager_no_memory(r->l->f);
		return RELATED_FAILED;
	}
	return result;
}

/* Keys that no row has are not asked for again by the next batch. */
static int
note_absent(struct relation *r, size_t lo, size_t hi)
{
	size_t n = r->rows->n;

	if (rowset_index_empty(&r->seen, hi - lo) != 0)
		return -1;
	for (size_t i = lo; i < hi; i++)
		if (rowset_is_first(r->parents, &r->seen, i, r->j) &&
		    rowset_find(r->parents, i, r->j) == ROWSET_NONE &&
		    rowset_add_absent(r->parents, i, r->j) != 0)
			return -1;
	return r->rows->n == n ? 0 : rowset_index_own(r->rows);
}

/*
 * Of two keys that are equal to the database only one found its row by its
 * bytes; the other is asked for again, without it.  Keys of to-many relations
 * are unique, and none equals another.
 */
static enum related
load_all(struct relation *r, size_t lo, size_t hi)
{
	const struct plan_node *node = r->rows->node;
	enum related result = load_and_index(r, lo, hi);

	if (result == RELATED_ALL && r->loose && !node->via->list &&
	    r->rows->n > 0)
		result = load_and_index(r, lo, hi);
	if (result == RELATED_ALL && is_shared(node) &&
	    note_absent(r, lo, hi) != 0) {
		pager_no_memory(r->l->f);
		return RELATED_FAILED;
	}
	return result;
}

/* The rows that rows lo to hi of the parents ask for in relation j. */
static enum related
load_relation(struct load *l, struct rowset *parents, size_t j, size_t lo,
    size_t hi)
{
	const struct plan_node *node = parents->children[j].node;
	struct relation r = { .l = l, .parents = parents, .j = j,
	    .rows = &parents->children[j], .loose = is_loose(&node->via->to) };
	enum related result = RELATED_FAILED;

	r.keys = calloc(keys_max(l->f, node) * node->via->to.n,
	    sizeof(*r.keys));
	if (r.keys == NULL)
		pager_no_memory(l->f);
	else
		result = load_all(&r, lo, hi);
	free(r.asked.slots);
	free(r.seen.slots);
	free(r.keys);
	return result;
}

/* Down the tree: all that is below rows lo to hi. */
static enum related
load_tree(struct load *l, struct rowset *rs, size_t lo, size_t hi)
{
	for (size_t j = 0; j < rs->node->nchildren; j++) {
		struct rowset *child = &rs->children[j];
		enum related result = load_relation(l, rs, j, lo, hi);

		if (result == RELATED_ALL)
			result = load_tree(l, child, 0, child->n);
		if (result != RELATED_ALL)
			return result;
	}
	return RELATED_ALL;
}

static void
clear_children(struct rowset *rs)
{
	for (size_t j = 0; j < rs->node->nchildren; j++)
		rowset_clear_tree(&rs->children[j]);
}

/* The last batch is over.  The bytes of what may stay for the next one. */
static size_t
clear_batch(struct rowset *rs)
{
	size_t bytes = 0;

	for (size_t j = 0; j < rs->node->nchildren; j++) {
		struct rowset *child = &rs->children[j];

		if (is_shared(child->node)) {
			bytes += rowset_tree_bytes(child);
		} else {
			rowset_clear(child);
			bytes += clear_batch(child);
		}
	}
	return bytes;
}

enum related
related_load(struct fetch *f, struct rowset *rs, size_t lo, size_t hi)
{
	struct load l = { .f = f, .used = clear_batch(rs) };
	enum related result;

	if (l.used > f->p->batch_bytes / STAYING_SHARE) {
		clear_children(rs);
		l.used = 0;
	}
	result = load_tree(&l, rs, lo, hi);
	if (result != RELATED_ALL)
		clear_children(rs);
	return result;
}

int
related_counts(struct fetch *f, struct rowset *rs, size_t i)
{
	struct load l = { .f = f };

	clear_children(rs);
	for (size_t j = 0; j < rs->node->nchildren; j++)
		if (rs->children[j].node->count && load_relation(&l, rs, j, i,
		    i + 1) != RELATED_ALL)
			return -1;
	return 0;
}
