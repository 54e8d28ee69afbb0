/* A schema, its rows, and an engine of the simplest kind. */
#include "sql_kit.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static const char schema_text[] =
    "datasource db {\n"
    "  provider = \"sqlite\"\n"
    "}\n"
    "enum Rank {\n"
    "  LOW\n"
    "  MID\n"
    "  TOP\n"
    "}\n"
    "model Author {\n"
    "  id Int @id\n"
    "  name String?\n"
    "  rank Rank?\n"
    "  score Float?\n"
    "  born DateTime?\n"
    "  active Boolean?\n"
    "  wage Decimal?\n"
    "  photo Bytes?\n"
    "  bossId Int?\n"
    "  boss Author? @relation(\"Boss\", fields: [bossId],"
    " references: [id])\n"
    "  team Author[] @relation(\"Boss\")\n"
    "  books Book[]\n"
    "}\n"
    "model Book {\n"
    "  isbn String\n"
    "  edition Int\n"
    "  title String?\n"
    "  authorId Int?\n"
    "  pages BigInt?\n"
    "  author Author? @relation(fields: [authorId], references: [id])\n"
    "  reviews Review[]\n"
    "  @@id([isbn, edition])\n"
    "  @@map(\"a`b[c]d\")\n"
    "}\n"
    "model Review {\n"
    "  id Int @id\n"
    "  bookIsbn String?\n"
    "  bookEdition Int?\n"
    "  stars Int? @map(\"or\\\"der\")\n"
    "  book Book? @relation(fields: [bookIsbn, bookEdition],"
    " references: [isbn, edition])\n"
    "}\n"
    "model Note {\n"
    "  id Int @id\n"
    "  text String\n"
    "  @@schema(\"s\")\n"
    "}\n"
    "view Line {\n"
    "  n Int\n"
    "}\n";

/*
 * Names stand in braces, types that are not the same everywhere as $1 (an
 * enum), $2 (a moment), $3 (bytes) and $4 (text in which case counts).
 */
static const char *const seed[] = {
	"CREATE TABLE {Author} ({id} INT PRIMARY KEY, {name} $4, {rank} $1,"
	" {score} DOUBLE PRECISION, {born} $2, {active} BOOLEAN,"
	" {wage} DECIMAL(20,2), {photo} $3, {bossId} INT)",
	"CREATE TABLE {a`b[c]d} ({isbn} $4, {edition} INT, {title} $4,"
	" {authorId} INT, {pages} BIGINT, PRIMARY KEY ({isbn}, {edition}))",
	"CREATE TABLE {Review} ({id} INT PRIMARY KEY, {bookIsbn} $4,"
	" {bookEdition} INT, {or\"der} INT)",
	"CREATE TABLE {Line} ({n} INT)",
	"INSERT INTO {Author} VALUES"
	" (1, 'Ann', 'TOP', 1.5, '2024-01-02 03:04:05.678', TRUE, 10.25,"
	" NULL, NULL),"
	" (2, 'bob', 'LOW', 0.1, '2024-01-02 03:04:05.679', FALSE, 9.5,"
	" NULL, 1),"
	" (3, 'Cy%d', 'MID', NULL, NULL, NULL, NULL, NULL, 1),"
	" (4, NULL, NULL, -2.5, '1969-12-31 23:59:59.999', TRUE, -0.75,"
	" NULL, 2),"
	" (5, 'ann', 'LOW', 1.5, '2024-06-01 00:00:00.000', FALSE, 10.25,"
	" NULL, 2),"
	" (6, 'E_f!g[h', 'TOP', 100, '9999-12-31 23:59:59.999', TRUE,"
	" 1000000, NULL, NULL)",
	"INSERT INTO {a`b[c]d} VALUES"
	" ('a', 1, 'One', 1, 100), ('a', 2, 'Two', 1, 200),"
	" ('b', 1, 'Two', 1, NULL), ('c', 1, 'Three', 2, 300),"
	" ('d', 1, NULL, 2, 100), ('e', 1, 'One', 5, 100),"
	" ('f', 1, 'Free', NULL, 9007199254740993)",
	"INSERT INTO {Review} VALUES"
	" (1, 'a', 1, 5), (2, 'a', 1, 3), (3, 'a', 2, 5), (4, 'c', 1, NULL),"
	" (5, 'c', 1, 1), (6, 'c', 1, 4), (7, NULL, 1, 2), (8, 'zz', 9, 2)",
	"INSERT INTO {Line} VALUES (1), (2), (3)",
};

static const char *const types[DIALECTS][4] = {
	[DIALECT_SQLITE] = { "TEXT", "DATETIME", "BLOB", "TEXT" },
	[DIALECT_POSTGRESQL] = { "rank", "TIMESTAMP(3)", "BYTEA", "TEXT" },
	[DIALECT_MARIADB] = { "ENUM('LOW','MID','TOP')", "DATETIME(3)",
	    "BLOB", "VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" },
	[DIALECT_SQLSERVER] = { "NVARCHAR(9)", "DATETIME2", "VARBINARY(MAX)",
	    "NVARCHAR(50)" },
};

bool
sql_kit_seed(const struct dialect *d, size_t i, struct buf *out)
{
	int rc = 0;

	buf_clear(out);
	if (i == sizeof(seed) / sizeof(*seed))
		return false;
	for (const char *s = seed[i]; *s != '\0'; s++)
		if (*s == '$')
			rc |= buf_puts(out, types[d->id][*++s - '1']);
		else if (*s == '{' || *s == '}')
			rc |= buf_putc(out, *s == '{' ? d->quote_open :
			    d->quote_close);
		else if (*s == d->quote_close && *s != '\'')
			rc |= buf_printf(out, "%c%c", *s, *s);
		else
			rc |= buf_putc(out, *s);
	ck_assert_int_eq(rc | buf_putc(out, '\0'), 0);
	return true;
}

static struct schema *schema;
static struct collector collector;
static struct collector_filter filters[2];
static struct plan *forced[2];

static void
no_fault(void *ctx, const char *line)
{
	(void)ctx;
	ck_abort_msg("%s", line);
}

void
sql_kit_setup(void)
{
	schema = schema_read("schema", schema_text, strlen(schema_text),
	    no_fault, NULL);
	ck_assert_ptr_nonnull(schema);
	collector = (struct collector){ .name = "test" };
}

void
sql_kit_teardown(void)
{
	plan_free(&forced[0]);
	plan_free(&forced[1]);
	schema_free(&schema);
}

struct plan *
sql_kit_plan(const char *model, const char *options)
{
	static const struct plan_limits limits = { 64, 8 };
	struct err err = { 0 };
	struct plan *plan;

	collector.model = schema_model(schema, model, strlen(model));
	ck_assert_ptr_nonnull(collector.model);
	plan = plan_read(&collector, options, strlen(options), &limits, &err);
	ck_assert_msg(plan != NULL, "%s: %s", options, err.text);
	return plan;
}

void
sql_kit_force(const char *author, const char *book)
{
	const char *const where[] = { author, book };
	static const char *const models[] = { "Author", "Book" };
	char options[512];
	size_t n = 0;

	collector.nfilters = 0;
	for (size_t i = 0; i < 2; i++) {
		plan_free(&forced[i]);
		if (where[i] == NULL)
			continue;
		snprintf(options, sizeof(options), "{\"where\":%s}", where[i]);
		forced[i] = sql_kit_plan(models[i], options);
		filters[n].model = forced[i]->root->model;
		filters[n++].where = forced[i]->root->where;
	}
	collector.filters = filters;
	collector.nfilters = n;
}

/* ---- the engine ---------------------------------------------------------- */

/* Rows of a node, all values side by side. */
struct rows {
	size_t width, n, size;
	struct value *values;
	struct arena arena;
};

static void
add_row(void *ctx, const struct value *values)
{
	struct rows *rows = ctx;

	if (rows->n == rows->size) {
		rows->size = rows->size * 2 + 8;
		rows->values = realloc(rows->values,
		    rows->size * rows->width * sizeof(*values));
		ck_assert_ptr_nonnull(rows->values);
	}
	for (size_t i = 0; i < rows->width; i++) {
		struct value *v = &rows->values[rows->n * rows->width + i];

		*v = values[i];
		if (v->kind == VALUE_TEXT || v->kind == VALUE_BYTES)
			v->u.text = arena_text(&rows->arena,
			    values[i].u.text, values[i].len);
	}
	rows->n++;
}

static void
rows_init(struct rows *rows, size_t width)
{
	*rows = (struct rows){ .width = width };
	arena_init(&rows->arena);
}

static void
rows_fini(struct rows *rows)
{
	free(rows->values);
	arena_fini(&rows->arena);
}

struct engine {
	const struct sql_kit_db *db;
	struct buf *out;
	struct err err;
};

static int
run(struct engine *e, const struct sql *sql,
    const struct schema_field *const *columns, struct rows *rows)
{
	return e->db->run(e->db->ctx, sql, columns, rows->width, add_row,
	    rows, &e->err);
}

/* The cursor's row; its order values, or NULL when there is none. */
static const struct value *
find_cursor(struct engine *e, const struct plan_node *node, struct rows *rows)
{
	const struct schema_field *columns[64];
	struct sql sql;
	int rc;

	rows_init(rows, node->norder);
	sql_init(&sql);
	rc = sql_cursor(&sql, node, e->db->dialect, columns, &e->err);
	if (rc == 0)
		rc = run(e, &sql, columns, rows);
	sql_fini(&sql);
	return rc == 0 && rows->n == 1 ? rows->values : NULL;
}

static void
read_pages(struct engine *e, struct sql_rows *r, struct rows *rows)
{
	const struct plan_node *node = r->node;
	struct value after[64];
	struct sql sql;
	size_t before;

	sql_init(&sql);
	/* A view has no order to go on by. */
	r->limit = node->norder > 0 ? e->db->page : PLAN_ALL;
	do {
		before = rows->n;
		r->done = before;
		if (sql_rows(&sql, r, e->db->dialect, &e->err) != 0 ||
		    run(e, &sql, node->columns, rows) != 0)
			break;
		for (size_t i = 0; i < node->norder && rows->n > 0; i++)
			after[i] = rows->values[(rows->n - 1) * rows->width +
			    node->order[i].column];
		r->after = after;
	} while (rows->n - before == r->limit && rows->n < 1000);
	sql_fini(&sql);
}

static bool
is_same(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == VALUE_INT)
		return a->u.i == b->u.i;
	return a->kind == VALUE_TEXT && a->len == b->len &&
	    memcmp(a->u.text, b->u.text, a->len) == 0;
}

static bool
is_child(const struct plan_node *node, const struct value *parent,
    const struct value *row)
{
	for (size_t i = 0; i < node->via->to.n; i++)
		if (!is_same(&parent[node->parent_keys[i]],
		    &row[node->own_keys[i]]))
			return false;
	return true;
}

static void
put_value(struct buf *out, const struct value *v)
{
	char text[NUM_TEXT_MAX];
	int rc = 0;

	switch (v->kind) {
	case VALUE_NULL:
		rc = buf_puts(out, "-");
		break;
	case VALUE_INT:
		rc = buf_put(out, text, num_put_i64(text, v->u.i));
		break;
	case VALUE_FLOAT:
		rc = buf_put(out, text, num_put_double(text, v->u.f));
		break;
	case VALUE_TEXT:
	case VALUE_BYTES:
		rc = buf_put(out, v->u.text, v->len);
		break;
	}
	ck_assert_int_eq(rc, 0);
}

/* Rows of the node and of all below, loaded for all parents at once. */
struct loaded {
	const struct plan_node *node;
	struct rows rows;
	struct loaded *children;
};

static void load(struct engine *e, struct loaded *l, const struct rows *above);

static void
load_children(struct engine *e, struct loaded *l)
{
	l->children = calloc(l->node->nchildren + 1, sizeof(*l->children));
	ck_assert_ptr_nonnull(l->children);
	for (size_t k = 0; k < l->node->nchildren; k++) {
		l->children[k].node = &l->node->children[k];
		load(e, &l->children[k], &l->rows);
	}
}

/* Keys of the parents' rows; those of the cursor's row only. */
static size_t
collect_keys(const struct plan_node *node, const struct rows *above,
    const struct value *cursor, struct value *keys)
{
	size_t n = 0, width = node->via->to.n;

	for (size_t i = 0; i < above->n; i++) {
		const struct value *row = &above->values[i * above->width];
		bool good = true;

		for (size_t k = 0; k < width; k++) {
			keys[n * width + k] = row[node->parent_keys[k]];
			good = good && keys[n * width + k].kind != VALUE_NULL;
			if (cursor != NULL)
				good = good && is_same(&keys[n * width + k],
				    &cursor[k]);
		}
		n += good;
	}
	return n;
}

static void
load(struct engine *e, struct loaded *l, const struct rows *above)
{
	const struct plan_node *node = l->node;
	struct sql_rows r = { .node = node, .limit = PLAN_ALL };
	struct rows cursor = { 0 };
	struct value keys[128];
	bool wanted = true;

	rows_init(&l->rows, node->ncolumns);
	if (node->cursor != NULL) {
		r.from = find_cursor(e, node, &cursor);
		wanted = r.from != NULL;
	}
	if (node->via != NULL && wanted) {
		ck_assert_uint_lt(above->n * node->via->to.n, 128);
		r.nkeys = collect_keys(node, above, r.from, keys);
		r.keys = keys;
		wanted = r.nkeys > 0;
	}
	if (wanted && (node->via == NULL || r.nkeys == 1))
		read_pages(e, &r, &l->rows);
	else if (wanted) {
		struct sql sql;

		sql_init(&sql);
		if (sql_rows(&sql, &r, e->db->dialect, &e->err) == 0)
			(void)!run(e, &sql, node->columns, &l->rows);
		sql_fini(&sql);
	}
	load_children(e, l);
	rows_fini(&cursor);
}

static void
unload(struct loaded *l)
{
	for (size_t k = 0; k < l->node->nchildren; k++)
		unload(&l->children[k]);
	free(l->children);
	rows_fini(&l->rows);
}

static void
put_rows(struct engine *e, const struct loaded *l, const struct value *parent)
{
	const char *separator = "";

	for (size_t i = 0; i < l->rows.n; i++) {
		const struct value *row = &l->rows.values[i * l->rows.width];

		if (parent != NULL && !is_child(l->node, parent, row))
			continue;
		ck_assert_int_eq(buf_puts(e->out, separator), 0);
		put_value(e->out, &row[0]);
		for (size_t k = 0; k < l->node->nchildren; k++) {
			ck_assert_int_eq(buf_putc(e->out, '['), 0);
			put_rows(e, &l->children[k], row);
			ck_assert_int_eq(buf_putc(e->out, ']'), 0);
		}
		separator = " ";
	}
}

void
sql_kit_rows(const struct sql_kit_db *db, const struct plan *plan,
    struct buf *out)
{
	struct engine e = { .db = db, .out = out };
	struct loaded root = { .node = plan->root };

	load(&e, &root, NULL);
	if (e.err.code == ERR_NONE)
		put_rows(&e, &root, NULL);
	else
		ck_assert_int_eq(buf_puts(out, e.err.text), 0);
	unload(&root);
	ck_assert_int_eq(buf_putc(out, '\0'), 0);
}
