/*
 * Reading a catalogue: one loop over the rows of each part, and a function
 * that takes a row of it.  Rows that speak of a table or column which is not
 * there (the login may not read it) are passed over.
 */
#include "db/catalog.h"

#include <string.h>
#include <strings.h>

#include "db/catalog_guess.h"
#include "db/catalog_query.h"
#include "db/catalog_type.h"

#define COLUMNS_MAX 11
#define LAST(list, n) ((n) == 0 ? NULL : &(list)[(n) - 1])

struct reader {
	struct catalog *c;
	struct db *db;
	struct err *err;
	struct catalog_table *table;	/* of the last row: the next, mostly */
	void (*tell)(void *ctx, const struct catalog_privilege *p);
	void *ctx;
};

static int
no_memory(struct reader *r)
{
	return err_set(r->err, ERR_INTERNAL, "out of memory");
}

/*
 * Room for one more in a list of n: it doubles whenever n is a power of two,
 * so nothing else must point into it while it grows.
 */
static void *
grow(struct reader *r, void *list, size_t n, size_t size)
{
	void *grown;

	if ((n & (n - 1)) != 0)
		return list;
	grown = arena_get(&r->c->arena, n == 0 ? 1 : 2 * n, size);
	if (grown != NULL && n > 0)
		memcpy(grown, list, n * size);
	return grown;
}

/* A copy of a text; NULL stays NULL. */
static const char *
text_of(struct reader *r, const struct value *v)
{
	if (v->kind != VALUE_TEXT)
		return NULL;
	return arena_text(&r->c->arena, v->u.text, v->len);
}

static int64_t
number_of(const struct value *v, int64_t otherwise)
{
	return v->kind == VALUE_INT ? v->u.i : otherwise;
}

static bool
is_text(const struct catalog *c, const struct value *v, const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	if (v->kind != VALUE_TEXT || text == NULL)
		return (v->kind == VALUE_TEXT) == (text != NULL);
	if (v->len != len)
		return false;
	return c->caseless ?
	    strncasecmp(v->u.text, text, len) == 0 :
	    memcmp(v->u.text, text, len) == 0;
}

/*
 * Finding what a row speaks of
 */

static bool
is_table(const struct reader *r, const struct catalog_table *t,
    const struct value *schema, const struct value *name)
{
	return is_text(r->c, name, t->name) &&
	    is_text(r->c, schema, t->schema);
}

static struct catalog_table *
find_table(struct reader *r, const struct value *schema,
    const struct value *name)
{
	for (size_t i = 0; i < r->c->ntables; i++)
		if (is_table(r, &r->c->tables[i], schema, name))
			return &r->c->tables[i];
	return NULL;
}

/* The table of row[0], row[1]: rows of a table follow each other. */
static struct catalog_table *
table_of(struct reader *r, const struct value *row)
{
	if (r->table == NULL || !is_table(r, r->table, &row[0], &row[1]))
		r->table = find_table(r, &row[0], &row[1]);
	return r->table;
}

static const struct catalog_column *
find_column(const struct reader *r, const struct catalog_table *t,
    const struct value *name)
{
	for (size_t i = 0; i < t->ncolumns; i++)
		if (is_text(r->c, name, t->columns[i].name))
			return &t->columns[i];
	return NULL;
}

static const struct catalog_enum *
find_enum(const struct reader *r, const struct value *schema,
    const struct value *name)
{
	const struct catalog_enum *e = r->c->enums;

	for (size_t i = 0; name->kind == VALUE_TEXT && i < r->c->nenums; i++)
		if (is_text(r->c, name, e[i].name) &&
		    is_text(r->c, schema, e[i].schema))
			return &e[i];
	return NULL;
}

/*
 * Rows of the parts: 0, or -1: out of memory
 */

static int
take_here(struct reader *r, const struct value *row)
{
	r->c->here = text_of(r, &row[0]);
	return 0;
}

static int
take_table(struct reader *r, const struct value *row)
{
	struct catalog *c = r->c;
	struct catalog_table *t;

	t = grow(r, c->tables, c->ntables, sizeof(*t));
	if (t == NULL)
		return -1;
	c->tables = t;
	t += c->ntables;
	memset(t, 0, sizeof(*t));
	t->schema = text_of(r, &row[0]);
	t->name = text_of(r, &row[1]);
	t->view = number_of(&row[2], 0) != 0;
	c->ntables += t->name != NULL;
	return t->name == NULL ? -1 : 0;
}

static int
take_enum(struct reader *r, const struct value *row)
{
	struct catalog *c = r->c;
	struct catalog_enum *e = LAST(c->enums, c->nenums);
	const char **values;

	if (e == NULL || !is_text(c, &row[1], e->name) ||
	    !is_text(c, &row[0], e->schema)) {
		e = grow(r, c->enums, c->nenums, sizeof(*e));
		if (e == NULL)
			return -1;
		c->enums = e;
		e += c->nenums++;
		memset(e, 0, sizeof(*e));
		e->schema = text_of(r, &row[0]);
		e->name = text_of(r, &row[1]);
	}
	values = grow(r, e->values, e->nvalues, sizeof(*values));
	if (values == NULL)
		return -1;
	e->values = values;
	e->values[e->nvalues] = text_of(r, &row[2]);
	return e->values[e->nvalues++] == NULL ? -1 : 0;
}

static int
take_column(struct reader *r, const struct value *row)
{
	struct catalog_table *t = table_of(r, row);
	struct catalog_column *c;
	int64_t length = number_of(&row[4], -2);

	if (t == NULL)
		return 0;
	c = grow(r, t->columns, t->ncolumns, sizeof(*c));
	if (c == NULL)
		return -1;
	t->columns = c;
	c += t->ncolumns;
	memset(c, 0, sizeof(*c));
	c->name = text_of(r, &row[2]);
	c->declared = row[3].kind == VALUE_NULL ? "" : text_of(r, &row[3]);
	c->native_max = length == -1;
	c->native_args[0] = length < 0 || length > INT32_MAX ? -1 :
	    (int)length;
	c->native_args[1] = (int)number_of(&row[5], -1);
	c->nullable = number_of(&row[6], 1) != 0;
	c->automatic = number_of(&row[7], 0) != 0;
	c->fallback = text_of(r, &row[8]);
	c->enumeration = find_enum(r, &row[9], &row[10]);
	if (c->name == NULL || c->declared == NULL)
		return -1;
	t->ncolumns++;
	return catalog_type(c, r->c->dialect->id, &r->c->arena);
}

static int
take_key(struct reader *r, const struct value *row)
{
	struct catalog_table *t = table_of(r, row);
	struct catalog_key *k;

	if (t == NULL || row[3].kind != VALUE_TEXT || row[3].len != 1)
		return 0;
	k = LAST(t->keys, t->nkeys);
	if (k == NULL || !is_text(r->c, &row[2], k->name)) {
		k = grow(r, t->keys, t->nkeys, sizeof(*k));
		if (k == NULL)
			return -1;
		t->keys = k;
		k += t->nkeys++;
		memset(k, 0, sizeof(*k));
		k->name = text_of(r, &row[2]);
		k->kind = row[3].u.text[0] == 'p' ? CATALOG_PRIMARY :
		    row[3].u.text[0] == 'u' ? CATALOG_UNIQUE : CATALOG_INDEX;
	}
	if (k->n == SCHEMA_KEY_MAX || k->name == NULL)
		return k->name == NULL ? -1 : 0;
	k->columns[k->n++] = find_column(r, t, &row[4]);
	return 0;
}

/* The column that a foreign key without columns of its own means. */
static const struct catalog_column *
primary_column(const struct catalog_table *t, size_t i)
{
	for (size_t k = 0; k < t->nkeys; k++)
		if (t->keys[k].kind == CATALOG_PRIMARY && i < t->keys[k].n)
			return t->keys[k].columns[i];
	return NULL;
}

static int
take_foreign(struct reader *r, const struct value *row)
{
	struct catalog_table *t = table_of(r, row);
	struct catalog_foreign *f;

	if (t == NULL)
		return 0;
	f = LAST(t->foreign, t->nforeign);
	if (f == NULL || !is_text(r->c, &row[2], f->name)) {
		f = grow(r, t->foreign, t->nforeign, sizeof(*f));
		if (f == NULL)
			return -1;
		t->foreign = f;
		f += t->nforeign++;
		memset(f, 0, sizeof(*f));
		f->name = text_of(r, &row[2]);
		f->target = find_table(r, &row[4], &row[5]);
	}
	if (f->n == SCHEMA_KEY_MAX || f->name == NULL)
		return f->name == NULL ? -1 : 0;
	f->from[f->n] = find_column(r, t, &row[3]);
	if (f->target != NULL)
		f->to[f->n] = row[6].kind == VALUE_NULL ?
		    primary_column(f->target, f->n) :
		    find_column(r, f->target, &row[6]);
	f->n++;
	return 0;
}

static int
take_privilege(struct reader *r, const struct value *row)
{
	const struct catalog_privilege p = {
		.name = text_of(r, &row[0]),
		.example = text_of(r, &row[1]),
		.count = number_of(&row[2], 0),
	};

	if (p.name == NULL || p.example == NULL)
		return -1;
	r->tell(r->ctx, &p);
	return 0;
}

static int (*const take[CATALOG_PARTS])(struct reader *r,
    const struct value *row) = {
	[CATALOG_HERE] = take_here,
	[CATALOG_TABLES] = take_table,
	[CATALOG_ENUMS] = take_enum,
	[CATALOG_COLUMNS] = take_column,
	[CATALOG_KEYS] = take_key,
	[CATALOG_FOREIGN] = take_foreign,
	[CATALOG_PRIVILEGES] = take_privilege,
};

/*
 * Asking
 */

static int
read_rows(struct reader *r, struct db_stmt *st, enum catalog_part part)
{
	struct value row[COLUMNS_MAX];
	int got;

	if (db_execute(st, NULL, 0, r->err) != 0)
		return -1;
	while ((got = db_fetch(st, row, r->err)) == 1)
		if (take[part](r, row) != 0)
			return no_memory(r);
	return got;
}

static int
read_part(struct reader *r, enum catalog_part part)
{
	static const struct schema_field text = { .type = SCALAR_STRING };
	static const struct schema_field number = { .type = SCALAR_INT };
	const char *sql = catalog_query(r->c->dialect->id, part);
	const char *shape = catalog_shapes[part];
	const struct schema_field *fields[COLUMNS_MAX];
	struct db_columns columns = { .fields = fields };
	struct db_stmt *st;
	int result;

	if (sql == NULL)
		return 0;
	for (; shape[columns.n] != '\0'; columns.n++)
		fields[columns.n] = shape[columns.n] == 'i' ? &number : &text;
	st = db_prepare(r->db, sql, strlen(sql), &columns, r->err);
	if (st == NULL)
		return -1;
	r->table = NULL;
	result = read_rows(r, st, part);
	db_finish(st);
	return result;
}

/* Keys over columns that are none (an expression, a part of one) say nothing,
 * nor do foreign keys that lead where the login may not read. */
static void
drop_useless(struct catalog_table *t)
{
	size_t n = 0, k;

	for (size_t i = 0; i < t->nkeys; i++) {
		for (k = 0; k < t->keys[i].n; k++)
			if (t->keys[i].columns[k] == NULL)
				break;
		if (k == t->keys[i].n)
			t->keys[n++] = t->keys[i];
	}
	t->nkeys = n;
	n = 0;
	for (size_t i = 0; i < t->nforeign; i++) {
		for (k = 0; k < t->foreign[i].n; k++)
			if (t->foreign[i].from[k] == NULL ||
			    t->foreign[i].to[k] == NULL)
				break;
		if (k == t->foreign[i].n)
			t->foreign[n++] = t->foreign[i];
	}
	t->nforeign = n;
}

int
catalog_read(struct catalog *c, struct db *db, struct err *err)
{
	struct reader r = { .c = c, .db = db, .err = err };

	memset(c, 0, sizeof(*c));
	arena_init(&c->arena);
	c->dialect = db_dialect(db);
	c->caseless = c->dialect->id == DIALECT_SQLITE ||
	    c->dialect->id == DIALECT_SQLSERVER;
	for (enum catalog_part part = 0; part < CATALOG_PRIVILEGES; part++)
		if (read_part(&r, part) != 0)
			return -1;
	for (size_t i = 0; i < c->ntables; i++)
		drop_useless(&c->tables[i]);
	for (size_t i = 0; i < c->ntables &&
	    c->dialect->id == DIALECT_SQLITE; i++)
		if (catalog_guess(&c->tables[i], db, err) != 0)
			return -1;
	return 0;
}

void
catalog_fini(struct catalog *c)
{
	arena_fini(&c->arena);
}

int
catalog_privileges(struct db *db,
    void (*tell)(void *ctx, const struct catalog_privilege *p), void *ctx,
    struct err *err)
{
	struct catalog c = { .dialect = db_dialect(db) };
	struct reader r = { .c = &c, .db = db, .err = err, .tell = tell,
	    .ctx = ctx };
	int result;

	arena_init(&c.arena);
	result = read_part(&r, CATALOG_PRIVILEGES);
	arena_fini(&c.arena);
	return result;
}

/*
 * Looking up
 */

static struct value
value_of(const char *text)
{
	struct value v = { .kind = VALUE_NULL };

	if (text != NULL) {
		v.kind = VALUE_TEXT;
		v.len = strlen(text);
		v.u.text = text;
	}
	return v;
}

const struct catalog_table *
catalog_table(const struct catalog *c, const char *schema, const char *name)
{
	const struct value n = value_of(name);
	struct value s = value_of(schema);

	if (c->here != NULL && is_text(c, &s, c->here))
		s = value_of(NULL);
	for (size_t i = 0; i < c->ntables; i++)
		if (is_text(c, &n, c->tables[i].name) &&
		    is_text(c, &s, c->tables[i].schema))
			return &c->tables[i];
	return NULL;
}

const struct catalog_column *
catalog_column(const struct catalog *c, const struct catalog_table *t,
    const char *name)
{
	const struct value n = value_of(name);

	for (size_t i = 0; i < t->ncolumns; i++)
		if (is_text(c, &n, t->columns[i].name))
			return &t->columns[i];
	return NULL;
}

static bool
has_column(const struct catalog_column *const *columns, size_t n,
    const struct catalog_column *column)
{
	for (size_t i = 0; i < n; i++)
		if (columns[i] == column)
			return true;
	return false;
}

bool
catalog_is_unique(const struct catalog_table *t,
    const struct catalog_column *const *columns, size_t n)
{
	const struct catalog_key *key;
	size_t k;

	for (size_t i = 0; i < t->nkeys; i++) {
		key = &t->keys[i];
		for (k = 0; k < key->n &&
		    has_column(columns, n, key->columns[k]); k++)
			;
		if (key->kind != CATALOG_INDEX && k == key->n && key->n == n)
			return true;
	}
	return false;
}
