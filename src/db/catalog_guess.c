/*
 * Columns of SQLite that have no declared type, as the results of expressions
 * in views: what their first values are is the best that can be said.
 */
#include "db/catalog_guess.h"

#include <string.h>

#include "base/buf.h"

/* Rows that are looked at. */
#define ROWS "100"

/* What values are called by the query, and what holds them all. */
static const struct {
	const char *name;
	enum scalar_type type;
} kinds[] = {
	{ "integer", SCALAR_INT },
	{ "bigint", SCALAR_BIGINT },
	{ "real", SCALAR_FLOAT },
	{ "text", SCALAR_STRING },
	{ "blob", SCALAR_BYTES },
};

/* The smallest type that holds both; SCALAR_TYPES = nothing is known yet. */
static enum scalar_type
join(enum scalar_type a, enum scalar_type b)
{
	static const enum scalar_type ladder[] = {
		SCALAR_INT, SCALAR_BIGINT, SCALAR_FLOAT
	};
	size_t x = 0, y = 0;

	if (a == b || b == SCALAR_TYPES)
		return a;
	if (a == SCALAR_TYPES)
		return b;
	while (x < 3 && ladder[x] != a)
		x++;
	while (y < 3 && ladder[y] != b)
		y++;
	if (x == 3 || y == 3)
		return SCALAR_STRING;
	return ladder[x > y ? x : y];
}

static enum scalar_type
type_of(const struct value *v)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (v->kind == VALUE_TEXT && v->len == strlen(kinds[i].name) &&
		    memcmp(v->u.text, kinds[i].name, v->len) == 0)
			return kinds[i].type;
	return SCALAR_TYPES;
}

static int
put_name(struct buf *out, const char *name)
{
	int ok = buf_putc(out, '"');

	for (; *name != '\0' && ok == 0; name++)
		ok = *name == '"' ? buf_puts(out, "\"\"") :
		    buf_putc(out, *name);
	return ok == 0 ? buf_putc(out, '"') : -1;
}

static int
put_query(struct buf *out, const struct catalog_table *t, size_t column)
{
	const char *name = t->columns[column].name;

	return buf_puts(out, "SELECT CASE WHEN typeof(c) = 'integer' AND "
	    "c NOT BETWEEN -2147483648 AND 2147483647 THEN 'bigint' "
	    "ELSE typeof(c) END FROM (SELECT ") != 0 ||
	    put_name(out, name) != 0 || buf_puts(out, " AS c FROM ") != 0 ||
	    put_name(out, t->name) != 0 || buf_puts(out, " WHERE ") != 0 ||
	    put_name(out, name) != 0 ||
	    buf_puts(out, " IS NOT NULL LIMIT " ROWS ")") != 0 ? -1 : 0;
}

static int
read_kinds(struct db *db, const struct buf *sql, enum scalar_type *type,
    struct err *err)
{
	static const struct schema_field text = { .type = SCALAR_STRING };
	const struct schema_field *field = &text;
	const struct db_columns columns = { .fields = &field, .n = 1 };
	struct db_stmt *st;
	struct value v;
	int got;

	st = db_prepare(db, sql->data, sql->len, &columns, err);
	if (st == NULL)
		return -1;
	got = db_execute(st, NULL, 0, err) == 0 ? 1 : -1;
	while (got == 1 && (got = db_fetch(st, &v, err)) == 1)
		*type = join(*type, type_of(&v));
	db_finish(st);
	return got;
}

int
catalog_guess(struct catalog_table *t, struct db *db, struct err *err)
{
	enum scalar_type type;
	struct buf sql;
	int result = 0;

	buf_init(&sql, 0);
	for (size_t i = 0; i < t->ncolumns && result == 0; i++) {
		if (*t->columns[i].declared != '\0')
			continue;
		type = SCALAR_TYPES;
		buf_clear(&sql);
		if (put_query(&sql, t, i) != 0)
			result = err_set(err, ERR_INTERNAL, "out of memory");
		/* A view that cannot be run has no values. */
		else if (read_kinds(db, &sql, &type, err) == 0 &&
		    type != SCALAR_TYPES)
			t->columns[i].type = type;
	}
	buf_fini(&sql);
	return result;
}
