/*
 * What SQL cannot say, as functions that statements of ours call: values that
 * are no parameters, all digits of a number, a row as one text.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "db/pack.h"
#include "db/sqlite.h"

/* A row in a larger buffer is given with it. */
#define KEEP_BYTES ((size_t)64 * 1024)

/* Value n of the statement that runs. */
static void
give_value(sqlite3_context *c, int n, sqlite3_value **args)
{
	const struct sqlite_watch *w = sqlite3_user_data(c);
	sqlite3_int64 i = sqlite3_value_int64(args[0]);
	const struct value *v;

	(void)n;
	if (i < 0 || (size_t)i >= w->nvalues)
		return;
	v = &w->values[i];
	switch (v->kind) {
	case VALUE_NULL:
		break;
	case VALUE_INT:
		sqlite3_result_int64(c, v->u.i);
		break;
	case VALUE_FLOAT:
		sqlite3_result_double(c, v->u.f);
		break;
	case VALUE_TEXT:
		sqlite3_result_text64(c, v->u.text, v->len, SQLITE_STATIC,
		    SQLITE_UTF8);
		break;
	case VALUE_BYTES:
		sqlite3_result_blob64(c, v->u.text, v->len, SQLITE_STATIC);
		break;
	}
}

static void
give_real(sqlite3_context *c, int n, sqlite3_value **args)
{
	char text[NUM_TEXT_MAX];
	double d;

	(void)n;
	if (sqlite3_value_type(args[0]) == SQLITE_FLOAT &&
	    isfinite(d = sqlite3_value_double(args[0])))
		sqlite3_result_text(c, text, (int)num_put_double(text, d),
		    SQLITE_TRANSIENT);
	else
		sqlite3_result_value(c, args[0]);
}

/* As its driver gives a BLOB as text, cut at the first NUL as all text. */
static int
put_blob(struct buf *out, sqlite3_value *v)
{
	static const char digits[] = "0123456789ABCDEF";
	const unsigned char *bytes = sqlite3_value_blob(v);
	size_t n = (size_t)sqlite3_value_bytes(v);
	struct buf hex;
	char *to;
	int r = -1;

	buf_init(&hex, 0);
	to = buf_room(&hex, 2 * n + 3);
	if (to != NULL) {
		*to++ = 'X';
		*to++ = '\'';
		for (size_t i = 0; i < n; i++) {
			*to++ = digits[bytes[i] >> 4];
			*to++ = digits[bytes[i] & 15];
		}
		*to = '\'';
		r = pack_put_text(out, hex.data, 2 * n + 3);
	}
	buf_fini(&hex);
	return r;
}

static int
put_text(struct buf *out, sqlite3_value *v)
{
	const char *text = (const char *)sqlite3_value_text(v);

	return text == NULL ? -1 : pack_put_text(out, text,
	    strnlen(text, (size_t)sqlite3_value_bytes(v)));
}

static int
put_real(struct buf *out, char letter, sqlite3_value *v)
{
	char text[NUM_TEXT_MAX];
	double d = sqlite3_value_double(v);

	if (letter == 'f')
		return pack_put_float(out, d);
	if (letter == 'd' && isfinite(d))
		return pack_put_text(out, text, num_put_double(text, d));
	return put_text(out, v);
}

static int
put_integer(struct buf *out, char letter, sqlite3_value *v)
{
	sqlite3_int64 i = sqlite3_value_int64(v);

	if (letter == 'i')
		return pack_put_int(out, i);
	if (letter == 'f')
		return pack_put_float(out, (double)i);
	return put_text(out, v);
}

/* Columns have any type in each row, whatever the schema says. */
static int
put_value(struct buf *out, char letter, sqlite3_value *v)
{
	switch (sqlite3_value_type(v)) {
	case SQLITE_NULL:
		return pack_put_null(out);
	case SQLITE_INTEGER:
		return put_integer(out, letter, v);
	case SQLITE_FLOAT:
		return put_real(out, letter, v);
	case SQLITE_BLOB:
		return put_blob(out, v);
	default:
		return put_text(out, v);
	}
}

/* The values behind the first argument, which has a letter for each. */
static void
give_row(sqlite3_context *c, int n, sqlite3_value **args)
{
	struct buf *out = sqlite3_user_data(c);
	const char *letters = (const char *)sqlite3_value_text(args[0]);

	if (letters == NULL || strlen(letters) != (size_t)n - 1) {
		sqlite3_result_error(c, "a letter for each value is missing",
		    -1);
		return;
	}
	buf_clear(out);
	for (int i = 1; i < n; i++)
		if (put_value(out, letters[i - 1], args[i]) != 0) {
			sqlite3_result_error_nomem(c);
			return;
		}
	if (out->size <= KEEP_BYTES) {
		sqlite3_result_text64(c, out->data, out->len,
		    SQLITE_TRANSIENT, SQLITE_UTF8);
		return;
	}
	sqlite3_result_text64(c, out->data, out->len, free, SQLITE_UTF8);
	buf_init(out, 0);
}

int
sqlite_functions(struct sqlite3 *handle, struct sqlite_watch *watch)
{
	const struct {
		const char *name;
		int nargs;
		void *ctx;
		void (*give)(sqlite3_context *, int, sqlite3_value **);
	} functions[] = {
		{ DIALECT_SQLITE_VALUE, 1, watch, give_value },
		{ DIALECT_SQLITE_REAL, 1, NULL, give_real },
		{ DIALECT_SQLITE_ROW, -1, &watch->row, give_row },
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (sqlite3_create_function(handle, functions[i].name,
		    functions[i].nargs, SQLITE_UTF8 | SQLITE_DETERMINISTIC |
		    SQLITE_DIRECTONLY, functions[i].ctx, functions[i].give,
		    NULL, NULL) != SQLITE_OK)
			return -1;
	return 0;
}
