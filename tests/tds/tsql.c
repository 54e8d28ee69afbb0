/*
 * The comparisons and functions of T-SQL as collations and functions of
 * SQLite.  Text is UTF-8, but may hold halves of surrogate pairs, three bytes
 * each, as nvarchar may.
 */
#include "tsql.h"

#include <string.h>
#include <wctype.h>

static int
by_bytes(int na, const void *a, int nb, const void *b)
{
	int n = na < nb ? na : nb;
	int r = memcmp(a, b, (size_t)n);

	return r != 0 ? r : (na > nb) - (na < nb);
}

static int
collate_decimal(void *ctx, int na, const void *a, int nb, const void *b)
{
	struct tsql_decimal x, y;

	(void)ctx;
	if (tsql_decimal_read(a, (size_t)na, &x) != 0 ||
	    tsql_decimal_read(b, (size_t)nb, &y) != 0)
		return by_bytes(na, a, nb, b);
	return tsql_decimal_compare(&x, &y);
}

static int
collate_time(void *ctx, int na, const void *a, int nb, const void *b)
{
	struct tsql_time x, y;

	(void)ctx;
	if (tsql_time_read(a, (size_t)na, &x) != 0 ||
	    tsql_time_read(b, (size_t)nb, &y) != 0)
		return by_bytes(na, a, nb, b);
	return (x.ticks > y.ticks) - (x.ticks < y.ticks);
}

static int
collate_bin(void *ctx, int na, const void *a, int nb, const void *b)
{
	(void)ctx;
	return by_bytes(tsql_trimmed(a, na), a, tsql_trimmed(b, nb), b);
}

static int
collate_ci(void *ctx, int na, const void *a, int nb, const void *b)
{
	const unsigned char *x = a, *y = b;
	const unsigned char *ex = x + tsql_trimmed(a, na);
	const unsigned char *ey = y + tsql_trimmed(b, nb);

	(void)ctx;
	while (x < ex && y < ey) {
		wint_t c = towlower(tsql_next(&x, ex));
		wint_t d = towlower(tsql_next(&y, ey));

		if (c != d)
			return c < d ? -1 : 1;
	}
	return (x < ex) - (y < ey);
}

/* LEN(text): units without the blanks at the end. */
static void
tsql_len(sqlite3_context *c, int n, sqlite3_value **v)
{
	size_t len;
	const char *s = tsql_text(v[0], &len);

	if (sqlite3_value_type(v[0]) == SQLITE_NULL)
		return;
	tsql_units(s, (size_t)tsql_trimmed(s, (int)len), -1, &n);
	sqlite3_result_int(c, n);
}

/* DATALENGTH(text): two bytes a unit. */
static void
tsql_datalength(sqlite3_context *c, int n, sqlite3_value **v)
{
	size_t len;
	const char *s = tsql_text(v[0], &len);

	if (sqlite3_value_type(v[0]) == SQLITE_NULL)
		return;
	if (sqlite3_value_type(v[0]) == SQLITE_BLOB)
		n = (int)len;
	else
		tsql_units(s, len, -1, &n);
	sqlite3_result_int(c, sqlite3_value_type(v[0]) == SQLITE_TEXT ?
	    2 * n : n);
}

/* NCHAR(unit), which may be half of a pair. */
static void
tsql_nchar(sqlite3_context *c, int n, sqlite3_value **v)
{
	unsigned int u = (unsigned int)sqlite3_value_int(v[0]);
	char out[4] = { (char)u };

	n = 1;
	if (u >= 0x800) {
		out[0] = (char)(0xe0 | u >> 12);
		out[1] = (char)(0x80 | (u >> 6 & 0x3f));
		out[2] = (char)(0x80 | (u & 0x3f));
		n = 3;
	} else if (u >= 0x80) {
		out[0] = (char)(0xc0 | u >> 6);
		out[1] = (char)(0x80 | (u & 0x3f));
		n = 2;
	}
	sqlite3_result_text(c, out, n, SQLITE_TRANSIENT);
}

/* CONVERT(varchar(max), bytes, 2), but NULL for NULL. */
static void
tsql_hex(sqlite3_context *c, int n, sqlite3_value **v)
{
	const unsigned char *b = sqlite3_value_blob(v[0]);
	int len = sqlite3_value_bytes(v[0]);
	char *out = sqlite3_malloc(len * 2 + 1);

	(void)n;
	if (out == NULL || sqlite3_value_type(v[0]) == SQLITE_NULL) {
		sqlite3_free(out);
		return;
	}
	for (int i = 0; i < len; i++)
		sqlite3_snprintf(3, out + i * 2, "%02X", b[i]);
	sqlite3_result_text(c, out, len * 2, sqlite3_free);
}

static const struct {
	const char *name;
	int args;
	void (*call)(sqlite3_context *c, int n, sqlite3_value **v);
} functions[] = {
	{ "tsql_cast", 2, tsql_cast },
	{ "tsql_len", 1, tsql_len },
	{ "tsql_datalength", 1, tsql_datalength },
	{ "tsql_nchar", 1, tsql_nchar },
	{ "tsql_charindex", 2, tsql_charindex },
	{ "tsql_hex", 1, tsql_hex },
	{ "like", 2, tsql_like },
	{ "like", 3, tsql_like },
};

static const struct {
	const char *name;
	int (*compare)(void *ctx, int na, const void *a, int nb, const void *b);
} collations[] = {
	{ "tsql_ci", collate_ci },
	{ "tsql_bin", collate_bin },
	{ "tsql_decimal", collate_decimal },
	{ "tsql_time", collate_time },
};

int
tsql_register(sqlite3 *db, bool exact)
{
	static char case_counts;
	void *data = exact ? &case_counts : NULL;
	int r = SQLITE_OK;

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		r |= sqlite3_create_function(db, functions[i].name,
		    functions[i].args, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
		    data, functions[i].call, NULL, NULL);
	for (size_t i = 0; i < sizeof(collations) / sizeof(*collations); i++)
		r |= sqlite3_create_collation(db, collations[i].name,
		    SQLITE_UTF8, NULL, collations[i].compare);
	return r;
}
