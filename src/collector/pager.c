/*
 * Statements and pages of rows.  How large a page is, is learned from the
 * rows: a driver that cannot stream holds a page as a whole.
 */
#include "collector/pager.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/*
 * When rows are huge, a driver's memory shall survive the first page.  It is
 * larger where the schema tells that they are not.
 */
#define PAGE_FIRST 100
/* Above it nothing is gained. */
#define PAGE_MAX 20000
/* How fast pages grow: few statements, without a leap into the dark. */
#define PAGE_GROWTH 4
/* What a value costs besides its text. */
#define VALUE_BYTES_MIN 16
/* The longest text of what is no text: a Decimal's. */
#define NUMBER_BYTES_MAX 72
/* Of a character. */
#define UTF8_BYTES_MAX 4

int
pager_no_memory(struct fetch *f)
{
	return err_set(f->err, ERR_INTERNAL, "out of memory");
}

/* The most bytes of a field's values, by the schema; 0 = any number. */
static size_t
value_bytes_max(const struct schema_field *f)
{
	if (f->list)
		return 0;
	switch (f->type) {
	case SCALAR_STRING:
		return f->native != NULL && f->native_args[0] > 0 ?
		    UTF8_BYTES_MAX * (size_t)f->native_args[0] : 0;
	case SCALAR_JSON:
	case SCALAR_BYTES:
	case SCALAR_UNSUPPORTED:
		return 0;
	default:
		return NUMBER_BYTES_MAX;
	}
}

/* The most bytes of a node's rows, by the schema; 0 = any number. */
static size_t
row_bytes_max(const struct plan_node *node)
{
	size_t bytes = 1;

	for (size_t i = 0; i < node->ncolumns; i++) {
		size_t max = value_bytes_max(node->columns[i]);

		if (max == 0)
			return 0;
		bytes += VALUE_BYTES_MIN + max;
	}
	return bytes;
}

/* Rows that the first page may have: few are as long as can be. */
static size_t
first_page(const struct fetch *f, size_t row_bytes)
{
	size_t page = row_bytes > 0 ? f->p->batch_bytes / row_bytes : 0;

	return page < PAGE_FIRST ? PAGE_FIRST :
	    page < PAGE_MAX ? page : PAGE_MAX;
}

/* May column i hold NULL, by what the schema says? */
static bool
is_optional(const struct plan_node *node, size_t i)
{
	return node->columns[i]->optional || i >= node->nplain;
}

/*
 * All rows of a page are one value only if it is known to be short: a page of
 * long ones may be more than the database can put into one.
 */
static enum dialect_pack
best_pack(const struct dialect *d, const struct plan_node *node,
    bool short_rows)
{
	enum dialect_pack pack = short_rows ? DIALECT_FIELDS : DIALECT_ROWS;

	for (size_t i = 0; i < node->ncolumns; i++) {
		if (node->count || node->columns[i]->type == SCALAR_BYTES)
			return DIALECT_UNPACKED;
		if (pack == DIALECT_FIELDS && is_optional(node, i))
			pack = DIALECT_PAGE;
	}
	while (pack != DIALECT_UNPACKED &&
	    node->ncolumns > d->packs[pack].columns_max)
		pack--;
	return pack;
}

struct source *
pager_source(struct fetch *f, const struct plan_node *node)
{
	struct source *s = f->sources;

	while (s->node != NULL && s->node != node)
		s++;
	if (s->node == NULL) {
		size_t bytes = row_bytes_max(node);

		s->node = node;
		s->page = first_page(f, bytes);
		s->pack = best_pack(f->p->dialect, node, bytes > 0);
	}
	return s;
}

/* ---- rows that are remembered -------------------------------------------- */

static bool
has_text(const struct value *v)
{
	return v->kind == VALUE_TEXT || v->kind == VALUE_BYTES;
}

/* A row's texts are the driver's until the next fetch: put copies in place. */
static int
copy_texts(struct value *values, size_t n, struct buf *texts)
{
	size_t need = 0;
	char *to;

	for (size_t i = 0; i < n; i++)
		if (has_text(&values[i]))
			need += values[i].len;
	buf_clear(texts);
	to = buf_room(texts, need);
	if (to == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (!has_text(&values[i]))
			continue;
		if (values[i].len > 0)
			memcpy(to, values[i].u.text, values[i].len);
		values[i].u.text = to;
		to += values[i].len;
	}
	buf_added(texts, need);
	return 0;
}

/*
 * The row just read is the last of its page.  The boundary of the page before
 * is a parameter of the open statement, and stays.
 */
static int
keep_boundary(struct pager *p)
{
	const struct plan_node *node = p->ask.node;
	struct boundary *b = &p->bounds[p->turn];

	if (b->values == NULL)
		b->values = calloc(node->norder + 1, sizeof(*b->values));
	if (b->values == NULL)
		return pager_no_memory(p->f);
	for (size_t i = 0; i < node->norder; i++)
		b->values[i] = p->f->row[node->order[i].column];
	if (copy_texts(b->values, node->norder, &b->texts) != 0)
		return pager_no_memory(p->f);
	return 0;
}

/* ---- the cursor's row ---------------------------------------------------- */

static struct db_stmt *
run(struct fetch *f, const struct sql *sql, const struct db_columns *columns)
{
	struct db_stmt *st = db_prepare(f->p->db, sql->text.data,
	    sql->text.len, columns, f->err);

	if (st != NULL && db_execute(st, sql->params, sql->nparams,
	    f->err) != 0) {
		db_finish(st);
		return NULL;
	}
	return st;
}

/* 1: its values are in s->from; 0: there is no such row; -1. */
static int
read_cursor(struct fetch *f, struct source *s, struct sql *sql, size_t n)
{
	const struct db_columns columns = { .fields = s->fields, .n = n };
	struct db_stmt *st;
	int r;

	if (sql_cursor(sql, s->node, f->p->dialect, s->fields, f->err) != 0)
		return -1;
	st = run(f, sql, &columns);
	if (st == NULL)
		return -1;
	r = db_fetch(st, f->row, f->err);
	if (r > 0) {
		memcpy(s->from, f->row, n * sizeof(*s->from));
		if (copy_texts(s->from, n, &s->texts) != 0)
			r = pager_no_memory(f);
	}
	db_finish(st);
	return r;
}

int
pager_cursor(struct fetch *f, struct source *s)
{
	const struct plan_node *node = s->node;
	size_t n = node->norder;
	struct sql sql;
	int r;

	if (s->looked)
		return s->found ? 1 : 0;
	s->fields = calloc(n + 1, sizeof(*s->fields));
	s->from = calloc(n + 1, sizeof(*s->from));
	if (s->fields == NULL || s->from == NULL)
		return pager_no_memory(f);
	sql_init(&sql);
	r = read_cursor(f, s, &sql, n);
	sql_fini(&sql);
	s->looked = true;
	s->found = r > 0;
	return r;
}

/* ---- pages --------------------------------------------------------------- */

bool
pager_is_held(const struct fetch *f)
{
	return !f->p->dialect->streams || f->p->dialect->streams_bare;
}

/* Is there a last row behind which to go on? */
static bool
has_pages(const struct plan_node *node)
{
	return !node->count && node->model->key.n > 0 && node->norder > 0;
}

int
pager_open(struct pager *p, const struct pager_params *params)
{
	struct fetch *f = params->f;
	const struct plan_node *node = params->node;
	const struct dialect *d = f->p->dialect;
	int r = 1;

	memset(p, 0, sizeof(*p));
	sql_init(&p->sql);
	p->f = f;
	p->source = pager_source(f, node);
	p->ask.node = node;
	p->ask.keys = params->keys;
	p->ask.nkeys = params->nkeys;
	p->most = params->most;
	p->goes_on = has_pages(node);
	p->lonely = params->nested && d->statements_open != 0;
	p->batch = PAGE_MAX;
	p->paged = p->goes_on && (p->lonely || !d->streams ||
	    (params->nkeys > 0 && pager_is_held(f)));
	if (node->cursor != NULL)
		r = pager_cursor(f, p->source);
	p->ask.from = node->cursor != NULL ? p->source->from : NULL;
	p->ended = r == 0 || node->take == 0;
	return r < 0 ? -1 : 0;
}

void
pager_close(struct pager *p)
{
	if (p->st != NULL)
		db_finish(p->st);
	sql_fini(&p->sql);
	for (size_t i = 0; i < 2; i++) {
		free(p->bounds[i].values);
		buf_fini(&p->bounds[i].texts);
	}
}

/* Rows that the next statement is asked for. */
static uint64_t
next_limit(const struct pager *p)
{
	uint64_t limit = p->most;

	/* To stop reading does as well, and is no parameter. */
	if (!p->paged && p->f->p->dialect->streams_bare)
		return PLAN_ALL;
	if (limit != PLAN_ALL)
		limit -= p->ask.done;
	if (p->paged && limit > p->source->page)
		limit = p->source->page;
	if (p->paged && p->lonely && limit > p->batch)
		limit = p->batch;
	return limit;
}

/* What is no page has any number of rows. */
static enum dialect_pack
next_pack(const struct pager *p)
{
	enum dialect_pack pack = p->source->pack;

	return pack > DIALECT_ROWS && p->ask.limit == PLAN_ALL ?
	    DIALECT_ROWS : pack;
}

static int
write_rows(struct pager *p)
{
	p->ask.limit = next_limit(p);
	p->ask.pack = next_pack(p);
	sql_clear(&p->sql);
	return sql_rows(&p->sql, &p->ask, p->f->p->dialect, p->f->err);
}

static int
start(struct pager *p)
{
	struct db_columns columns = {
		.fields = p->ask.node->columns,
		.n = p->ask.node->ncolumns,
	};

	p->rows = 0;
	p->bytes = 0;
	if (write_rows(p) != 0)
		return -1;
	if (!p->paged && p->goes_on && p->sql.nparams > 0 &&
	    p->f->p->dialect->streams_bare) {
		p->paged = true;
		if (write_rows(p) != 0)
			return -1;
	}
	columns.pack = p->ask.pack;
	p->st = run(p->f, &p->sql, &columns);
	return p->st == NULL ? -1 : 0;
}

/* The next page is larger, as far as its bytes are known to allow it. */
static void
learn(struct pager *p)
{
	size_t share = p->f->p->batch_bytes / PAGER_SHARE_OF_BATCH;
	size_t page = p->source->page * PAGE_GROWTH, fit;

	if (p->rows == 0)
		return;
	fit = share / (p->bytes / p->rows + 1);
	if (page > PAGE_MAX)
		page = PAGE_MAX;
	if (page > fit)
		page = fit;
	p->source->page = page == 0 ? 1 : page;
}

/* The open statement has given what it has, or what we want of it. */
static void
end_page(struct pager *p, bool cut)
{
	const struct sql_rows *ask = &p->ask;
	bool full = cut || (p->paged && p->rows == ask->limit);

	learn(p);
	db_finish(p->st);
	p->st = NULL;
	p->ask.done += p->rows;
	p->rows = 0;
	p->ask.after = p->bounds[p->turn].values;
	p->turn = 1 - p->turn;
	p->ended = !full || ask->done >= p->most ||
	    (ask->nkeys <= 1 && ask->done >= ask->node->take);
}

/* What the driver's memory holds of the row just read. */
static size_t
row_bytes(const struct pager *p)
{
	size_t bytes = db_row_bytes(p->st);

	if (bytes > 0)
		return VALUE_BYTES_MIN + bytes;
	for (size_t i = 0; i < p->ask.node->ncolumns; i++)
		bytes += VALUE_BYTES_MIN + (has_text(&p->f->row[i]) ?
		    p->f->row[i].len : 0);
	return bytes;
}

static int
count_row(struct pager *p)
{
	p->rows++;
	if (!p->paged)
		return 0;
	p->bytes += row_bytes(p);
	return p->rows == p->ask.limit ? keep_boundary(p) : 0;
}

/*
 * A field is NULL or has a separator in it: the same page once more, and all
 * others, as records.  No row of it has been seen.
 */
static void
drop_fields(struct pager *p)
{
	log_debug("rows of %s: not clear as fields, asked for as records",
	    p->ask.node->model->name);
	db_finish(p->st);
	p->st = NULL;
	p->source->pack = DIALECT_PAGE;
}

static bool
has_enough(const struct pager *p)
{
	return p->ended ||
	    (p->ask.limit == PLAN_ALL && p->ask.done + p->rows >= p->most);
}

int
pager_read(struct pager *p)
{
	while (!has_enough(p)) {
		int r;

		if (p->st == NULL && start(p) != 0)
			return -1;
		r = db_fetch(p->st, p->f->row, p->f->err);
		if (r < 0)
			return -1;
		if (r == 1)
			return count_row(p) == 0 ? 1 : -1;
		if (r == DB_UNCLEAR)
			drop_fields(p);
		else
			end_page(p, false);
	}
	return 0;
}

bool
pager_can_pause(const struct pager *p)
{
	return p->goes_on || !p->lonely;
}

int
pager_pause(struct pager *p)
{
	bool cut;

	if (p->st == NULL || !p->lonely || !p->goes_on)
		return 0;
	cut = p->rows < p->ask.limit;
	if (cut && keep_boundary(p) != 0)
		return -1;
	/* Reading to the end is cheaper than to break off. */
	if (!cut && db_fetch(p->st, p->f->row, p->f->err) < 0)
		return -1;
	end_page(p, cut);
	return 0;
}
