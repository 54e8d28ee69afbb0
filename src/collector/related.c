/* Queries by lists of keys. */
#include "collector/related.h"

#include "model/sql.h"

/* Keys of one query; above it nothing is gained. */
#define KEYS_MAX 512
/* A compound key is a term of an OR: parsers have limits on their depth. */
#define COMPOUND_KEYS_MAX 128

/* One call of related_load(). */
struct load {
	struct fetch *f;
	size_t used;		/* bytes of the rows so far */
};

int
related_no_memory(struct fetch *f)
{
	return err_set(f->err, ERR_INTERNAL, "out of memory");
}

struct db_stmt *
related_start(struct fetch *f, const struct plan_node *node, size_t nkeys,
    size_t limit)
{
	size_t nparams = nkeys == 0 ? 0 : nkeys * node->via->to.n;
	struct db_stmt *st;

	buf_clear(&f->sql);
	if (sql_rows(&f->sql, node, f->dialect, nkeys, limit) != 0) {
		related_no_memory(f);
		return NULL;
	}
	st = db_prepare(f->p->db, f->sql.data, f->sql.len, node->columns,
	    node->ncolumns, f->err);
	if (st != NULL && db_execute(st, f->params, nparams, f->err) != 0) {
		db_finish(st);
		return NULL;
	}
	return st;
}

/*
 * The rows of the next few keys.  The list is filled up to a power of two
 * with its last key, so that few different statements are prepared.
 */
static enum related
load_keys(struct load *l, struct rowset *rs, size_t nkeys)
{
	struct fetch *f = l->f;
	size_t width = rs->node->via->to.n, padded = 1, before;
	enum related result = RELATED_FAILED;
	struct db_stmt *st;
	int r;

	while (padded < nkeys)
		padded *= 2;
	for (size_t i = nkeys * width; i < padded * width; i++)
		f->params[i] = f->params[i - width];
	st = related_start(f, rs->node, padded, 0);
	if (st == NULL)
		return RELATED_FAILED;
	while ((r = db_fetch(st, f->row, f->err)) > 0) {
		before = rowset_bytes(rs);
		if (rowset_add(rs, f->row, f->p->plan->attachments, f->err) !=
		    0)
			goto finish;
		l->used += rowset_bytes(rs) - before;
		if (l->used > f->p->batch_bytes) {
			result = RELATED_TOO_MUCH;
			goto finish;
		}
	}
	if (r == 0)
		result = RELATED_ALL;
finish:
	db_finish(st);
	return result;
}

/* The most keys of a query for a node: a power of two. */
static size_t
keys_max(const struct fetch *f, const struct plan_node *node)
{
	size_t width = node->via->to.n;
	size_t most = width == 1 ? KEYS_MAX : COMPOUND_KEYS_MAX;

	while (most > 1 && most * width > f->dialect->parameters_max)
		most /= 2;
	return most;
}

/* The rows that rows lo to hi of the parents ask for in relation j. */
static enum related
load_relation(struct load *l, struct rowset *parents, size_t j, size_t lo,
    size_t hi)
{
	struct fetch *f = l->f;
	struct rowset *rs = &parents->children[j];
	size_t width = rs->node->via->to.n, most = keys_max(f, rs->node);
	size_t nkeys = 0;
	enum related result = RELATED_ALL;

	if (rowset_index_empty(&f->seen, hi - lo) != 0)
		goto no_memory;
	for (size_t i = lo; i < hi && result == RELATED_ALL; i++) {
		if (!rowset_is_first(parents, &f->seen, i, j))
			continue;
		rowset_key(parents, i, j, &f->params[nkeys++ * width]);
		if (nkeys == most) {
			result = load_keys(l, rs, nkeys);
			nkeys = 0;
		}
	}
	if (result == RELATED_ALL && nkeys > 0)
		result = load_keys(l, rs, nkeys);
	if (result != RELATED_ALL)
		return result;
	if (rowset_index_own(rs) != 0)
		goto no_memory;
	return RELATED_ALL;

no_memory:
	related_no_memory(f);
	return RELATED_FAILED;
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

enum related
related_load(struct fetch *f, struct rowset *rs, size_t lo, size_t hi)
{
	struct load l = { .f = f };

	for (size_t j = 0; j < rs->node->nchildren; j++)
		rowset_clear(&rs->children[j]);
	return load_tree(&l, rs, lo, hi);
}
