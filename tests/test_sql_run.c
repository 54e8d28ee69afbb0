/*
 * Plans run on a real SQLite, in one statement and in pages of one to three
 * rows: what is asked for is what comes.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "sql_kit.h"
#include "unit.h"

struct run_row {
	const char *model, *options, *want;
};

static const struct run_row plain[] = {
	{ "Author", "{\"where\":{\"name\":\"Ann\"}}",
	    "1" },
	{ "Author", "{\"where\":{\"name\":{\"contains\":\"n\"}}}",
	    "1 5" },
	{ "Author", "{\"where\":{\"name\":{\"contains\":\"%\"}}}",
	    "3" },
	{ "Author", "{\"where\":{\"name\":{\"contains\":\"_f!g[\"}}}",
	    "6" },
	{ "Author", "{\"where\":{\"name\":{\"startsWith\":\"E_\"}}}",
	    "6" },
	{ "Author", "{\"where\":{\"name\":{\"endsWith\":\"b\"}}}",
	    "2" },
	{ "Author", "{\"where\":{\"name\":{\"contains\":\"\"}}}",
	    "1 2 3 5 6" },
	{ "Author", "{\"where\":{\"name\":{\"not\":\"Ann\"}}}",
	    "2 3 5 6" },
	{ "Author", "{\"where\":{\"name\":null}}",
	    "4" },
	{ "Author", "{\"where\":{\"name\":{\"not\":null}}}",
	    "1 2 3 5 6" },
	{ "Author", "{\"where\":{\"name\":{\"in\":[\"Ann\",\"bob\",\"x\"]}}}",
	    "1 2" },
	{ "Author", "{\"where\":{\"name\":{\"notIn\":[\"Ann\",\"bob\",\"x\"]}}}",
	    "3 5 6" },
	{ "Author", "{\"where\":{\"name\":{\"in\":[]}}}",
	    "" },
	{ "Author", "{\"where\":{\"name\":{\"notIn\":[]}}}",
	    "1 2 3 4 5 6" },
	{ "Author", "{\"where\":{\"id\":{\"in\":[1,2,3,4,5,11,12,13,14,15,16,17,1"
	    "8,19,20,21,22,23,24]}}}",
	    "1 2 3 4 5" },
	{ "Author", "{\"where\":{\"id\":{\"notIn\":[1,2,3,11,12,13,14,15,16,17,18"
	    ",19,20,21,22,23,24,25]}}}",
	    "4 5 6" },
	{ "Author", "{\"where\":{\"name\":{\"in\":[\"Ann\",\"bob\",\"x\",\"q\\\""
	    "\",\"w\\\\\",\"r\",\"t\",\"z\",\"u\",\"i\",\"o\",\"p\",\"a\""
	    ",\"s\",\"d\",\"f\",\"g\",\"h\",\"E_f!g[h\",\"{\",\"}\",\",\""
	    ",\"NULL\",\"null\",\" \"]}}}",
	    "1 2 6" },
	{ "Author", "{\"where\":{\"name\":{\"notIn\":[\"Ann\",\"bob\",\"x\",\"q\\"
	    "\"\",\"w\\\\\",\"r\",\"t\",\"z\",\"u\",\"i\",\"o\",\"p\",\"a"
	    "\",\"s\",\"d\",\"f\",\"g\",\"h\",\"E_f!g[h\",\"{\",\"}\",\","
	    "\",\"NULL\",\"null\",\" \"]}}}",
	    "3 5" },
	{ "Author", "{\"where\":{\"score\":{\"in\":[1.5,0.1,3,4,5,6,7,8,9,10,11,1"
	    "2,13,14,15,16,17,18,19,20]}}}",
	    "1 2 5" },
	{ "Author", "{\"where\":{\"score\":0.1}}",
	    "2" },
	{ "Author", "{\"where\":{\"score\":{\"gt\":0.1}}}",
	    "1 5 6" },
	{ "Author", "{\"where\":{\"score\":{\"gte\":0.1}}}",
	    "1 2 5 6" },
	{ "Author", "{\"where\":{\"score\":{\"lt\":1e2,\"gt\":-3}}}",
	    "1 2 4 5" },
	{ "Author", "{\"where\":{\"wage\":\"10.25\"}}",
	    "1 5" },
	{ "Author", "{\"where\":{\"wage\":10.250}}",
	    "1 5" },
	{ "Author", "{\"where\":{\"wage\":{\"in\":[\"10.25\",\"9.5\",\"9.50001\"]"
	    "}}}",
	    "1 2 5" },
	{ "Author", "{\"where\":{\"wage\":{\"lt\":\"9.50001\"}}}",
	    "2 4" },
	{ "Author", "{\"where\":{\"wage\":{\"in\":[\"10.25\",\"9.5\",\"9.50001\","
	    "\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\""
	    ",\"11\",\"12\",\"13\",\"1e6\"]}}}",
	    "1 2 5 6" },
	{ "Author", "{\"where\":{\"wage\":\"1e6\"}}",
	    "6" },
	{ "Author", "{\"where\":{\"active\":true}}",
	    "1 4 6" },
	{ "Author", "{\"where\":{\"active\":{\"not\":true}}}",
	    "2 5" },
	{ "Author", "{\"where\":{\"active\":false}}",
	    "2 5" },
	{ "Author", "{\"where\":{\"rank\":\"TOP\"}}",
	    "1 6" },
	{ "Author", "{\"where\":{\"rank\":{\"in\":[\"TOP\",\"LOW\"]}}}",
	    "1 2 5 6" },
	{ "Author", "{\"where\":{\"rank\":{\"notIn\":[\"TOP\"]}}}",
	    "2 3 5" },
	{ "Author", "{\"where\":{\"born\":\"2024-01-02T03:04:05.678Z\"}}",
	    "1" },
	{ "Author", "{\"where\":{\"born\":\"2024-01-02T04:04:05.678+01:00\"}}",
	    "1" },
	{ "Author", "{\"where\":{\"born\":{\"gt\":\"2024-01-02T03:04:05.678Z\"}}}",
	    "2 5 6" },
	{ "Author", "{\"where\":{\"born\":{\"lte\":\"2024-01-02T03:04:05.678Z\"}}"
	    "}",
	    "1 4" },
	{ "Author", "{\"where\":{\"born\":{\"lt\":\"1970-01-01T00:00:00Z\"}}}",
	    "4" },
	{ "Author", "{\"where\":{\"born\":{\"gte\":\"9999-12-31T23:59:59.999Z\"}}"
	    "}",
	    "6" },
	{ "Author", "{\"where\":{\"born\":{\"in\":[\"2024-01-02T03:04:05.678Z\","
	    "\"1969-12-31T23:59:59.999Z\"]}}}",
	    "1 4" },
	{ "Author", "{\"where\":{\"born\":{\"notIn\":[\"2024-01-02T03:04:05.678Z"
	    "\",\"1969-12-31T23:59:59.999Z\"]}}}",
	    "2 5 6" },
	{ "Author", "{\"where\":{\"born\":{\"in\":[\"2024-01-02T03:04:05.678Z\","
	    "\"1969-12-31T23:59:59.999Z\",\"2000-01-01T00:00:00Z\",\"2000"
	    "-01-02T00:00:00Z\",\"2000-01-03T00:00:00Z\",\"2000-01-04T00:"
	    "00:00Z\",\"2000-01-05T00:00:00Z\",\"2000-01-06T00:00:00Z\","
	    "\"2000-01-07T00:00:00Z\",\"2000-01-08T00:00:00Z\",\"2000-01-"
	    "09T00:00:00Z\",\"2000-01-10T00:00:00Z\",\"2000-01-11T00:00:0"
	    "0Z\",\"2000-01-12T00:00:00Z\",\"2000-01-13T00:00:00Z\",\"200"
	    "0-01-14T00:00:00Z\",\"2000-01-15T00:00:00Z\"]}}}",
	    "1 4" },
	{ "Author", "{\"where\":{\"OR\":[{\"id\":1},{\"AND\":[{\"id\":{\"gt\":2}}"
	    ",{\"NOT\":{\"id\":4}}]}]}}",
	    "1 3 5 6" },
	{ "Author", "{\"where\":{\"NOT\":[{\"id\":1},{\"id\":2}]}}",
	    "3 4 5 6" },
	{ "Author", "{\"where\":{\"OR\":[]}}",
	    "" },
	{ "Author", "{\"where\":{\"AND\":[]}}",
	    "1 2 3 4 5 6" },
	{ "Author", "{\"where\":{\"boss\":{\"is\":{\"name\":\"Ann\"}}}}",
	    "2 3" },
	{ "Author", "{\"where\":{\"boss\":{\"isNot\":{\"name\":\"Ann\"}}}}",
	    "1 4 5 6" },
	{ "Author", "{\"where\":{\"boss\":null}}",
	    "1 6" },
	{ "Author", "{\"where\":{\"boss\":{\"isNot\":null}}}",
	    "2 3 4 5" },
	{ "Author", "{\"where\":{\"team\":{\"some\":{\"name\":\"ann\"}}}}",
	    "2" },
	{ "Author", "{\"where\":{\"team\":{\"every\":{\"name\":\"ann\"}}}}",
	    "2 3 4 5 6" },
	{ "Author", "{\"where\":{\"team\":{\"none\":{}}}}",
	    "3 4 5 6" },
	{ "Author", "{\"where\":{\"books\":{\"some\":{\"reviews\":{\"some\":{\"st"
	    "ars\":{\"gte\":5}}}}}}}",
	    "1" },
	{ "Author", "{\"where\":{\"books\":{\"every\":{\"reviews\":{\"none\":{\"s"
	    "tars\":1}}}}}}",
	    "1 3 4 5 6" },
	{ "Author", "{\"where\":{\"boss\":{\"boss\":{\"name\":\"Ann\"}}}}",
	    "4 5" },
	{ "Author", "{\"orderBy\":{\"name\":\"desc\"},\"where\":{\"name\":{\"not"
	    "\":null}}}",
	    "2 5 6 3 1" },
	{ "Author", "{\"orderBy\":{\"name\":{\"sort\":\"asc\",\"nulls\":\"first\""
	    "}}}",
	    "4 1 3 6 5 2" },
	{ "Author", "{\"orderBy\":{\"name\":{\"sort\":\"asc\",\"nulls\":\"last\"}"
	    "}}",
	    "1 3 6 5 2 4" },
	{ "Author", "{\"orderBy\":{\"name\":{\"sort\":\"desc\",\"nulls\":\"first"
	    "\"}}}",
	    "4 2 5 6 3 1" },
	{ "Author", "{\"orderBy\":{\"name\":{\"sort\":\"desc\",\"nulls\":\"last\""
	    "}}}",
	    "2 5 6 3 1 4" },
	{ "Author", "{\"orderBy\":[{\"score\":{\"sort\":\"desc\",\"nulls\":\"last"
	    "\"}},{\"name\":{\"sort\":\"asc\",\"nulls\":\"first\"}}]}",
	    "6 1 5 2 4 3" },
	{ "Author", "{\"orderBy\":[{\"wage\":{\"sort\":\"asc\",\"nulls\":\"last\""
	    "}},{\"active\":{\"sort\":\"desc\",\"nulls\":\"first\"}}]}",
	    "4 2 1 5 6 3" },
	{ "Author", "{\"orderBy\":{\"born\":{\"sort\":\"asc\",\"nulls\":\"last\"}"
	    "}}",
	    "4 1 2 5 6 3" },
	{ "Author", "{\"orderBy\":{\"boss\":{\"name\":\"asc\"}},\"where\":{\"boss"
	    "\":{\"isNot\":null}}}",
	    "2 3 4 5" },
	{ "Author", "{\"orderBy\":{\"team\":{\"_count\":\"desc\"}}}",
	    "1 2 3 4 5 6" },
	{ "Author", "{\"orderBy\":[{\"books\":{\"_count\":\"asc\"}},{\"id\":\"des"
	    "c\"}],\"take\":4}",
	    "6 4 3 5" },
	{ "Author", "{\"take\":2}",
	    "1 2" },
	{ "Author", "{\"take\":2,\"skip\":3}",
	    "4 5" },
	{ "Author", "{\"skip\":2}",
	    "3 4 5 6" },
	{ "Author", "{\"take\":-2}",
	    "5 6" },
	{ "Author", "{\"take\":-2,\"skip\":1}",
	    "4 5" },
	{ "Author", "{\"take\":-3,\"orderBy\":{\"name\":{\"sort\":\"asc\",\"nulls"
	    "\":\"first\"}}}",
	    "6 5 2" },
	{ "Author", "{\"cursor\":{\"id\":3}}",
	    "3 4 5 6" },
	{ "Author", "{\"cursor\":{\"id\":3},\"skip\":1,\"take\":2}",
	    "4 5" },
	{ "Author", "{\"cursor\":{\"id\":3},\"take\":-2}",
	    "2 3" },
	{ "Author", "{\"cursor\":{\"id\":3},\"take\":-2,\"skip\":1}",
	    "1 2" },
	{ "Author", "{\"cursor\":{\"id\":99}}",
	    "" },
	{ "Author", "{\"cursor\":{\"id\":3},\"orderBy\":{\"name\":{\"sort\":\"asc"
	    "\",\"nulls\":\"first\"}}}",
	    "3 6 5 2" },
	{ "Author", "{\"cursor\":{\"id\":4},\"orderBy\":{\"name\":{\"sort\":\"asc"
	    "\",\"nulls\":\"first\"}}}",
	    "4 1 3 6 5 2" },
	{ "Author", "{\"cursor\":{\"id\":4},\"orderBy\":{\"name\":{\"sort\":\"asc"
	    "\",\"nulls\":\"last\"}}}",
	    "4" },
	{ "Author", "{\"cursor\":{\"id\":4},\"orderBy\":{\"name\":{\"sort\":\"des"
	    "c\",\"nulls\":\"last\"}}}",
	    "4" },
	{ "Author", "{\"cursor\":{\"id\":2},\"orderBy\":{\"name\":{\"sort\":\"des"
	    "c\",\"nulls\":\"last\"}},\"take\":-3}",
	    "2" },
	{ "Author", "{\"cursor\":{\"id\":2},\"orderBy\":{\"score\":{\"sort\":\"de"
	    "sc\",\"nulls\":\"last\"}}}",
	    "2 4 3" },
	{ "Author", "{\"cursor\":{\"id\":2},\"orderBy\":{\"wage\":{\"sort\":\"des"
	    "c\",\"nulls\":\"last\"}}}",
	    "2 4 3" },
	{ "Author", "{\"cursor\":{\"id\":2},\"orderBy\":{\"born\":{\"sort\":\"des"
	    "c\",\"nulls\":\"last\"}}}",
	    "2 1 4 3" },
	{ "Author", "{\"cursor\":{\"id\":2},\"orderBy\":{\"team\":{\"_count\":\"d"
	    "esc\"}}}",
	    "2 3 4 5 6" },
	{ "Author", "{\"cursor\":{\"id\":2},\"where\":{\"id\":{\"not\":2}}}",
	    "3 4 5 6" },
	{ "Author", "{\"distinct\":\"wage\"}",
	    "1 2 3 4 6" },
	{ "Author", "{\"distinct\":[\"active\",\"rank\"]}",
	    "1 2 3 4" },
	{ "Author", "{\"distinct\":[\"active\"],\"orderBy\":{\"id\":\"desc\"}}",
	    "6 5 3" },
	{ "Author", "{\"distinct\":[\"active\"],\"skip\":1,\"take\":1}",
	    "2" },
	{ "Author", "{\"distinct\":[\"active\"],\"take\":-2}",
	    "5 6" },
	{ "Author", "{\"distinct\":[\"active\"],\"cursor\":{\"id\":3}}",
	    "3 4 5" },
	{ "Author", "{\"distinct\":[\"born\"]}",
	    "1 2 3 4 5 6" },
	{ "Author", "{\"distinct\":[\"score\"],\"select\":[\"name\"],\"take\":3}",
	    "Ann bob Cy%d" },
	{ "Author", "{\"include\":{\"team\":true}}",
	    "1[2 3] 2[4 5] 3[] 4[] 5[] 6[]" },
	{ "Author", "{\"include\":{\"team\":{\"take\":1}}}",
	    "1[2] 2[4] 3[] 4[] 5[] 6[]" },
	{ "Author", "{\"include\":{\"team\":{\"take\":-1}}}",
	    "1[3] 2[5] 3[] 4[] 5[] 6[]" },
	{ "Author", "{\"include\":{\"team\":{\"skip\":1}}}",
	    "1[3] 2[5] 3[] 4[] 5[] 6[]" },
	{ "Author", "{\"include\":{\"books\":{\"take\":1,\"skip\":1,\"orderBy\":{"
	    "\"title\":\"desc\"},\"where\":{\"title\":{\"not\":null}}}}}",
	    "1[b] 2[] 3[] 4[] 5[] 6[]" },
	{ "Author", "{\"include\":{\"books\":{\"distinct\":[\"title\"]}}}",
	    "1[a a] 2[c d] 3[] 4[] 5[e] 6[]" },
	{ "Author", "{\"include\":{\"books\":{\"distinct\":[\"title\"],\"take\":1"
	    ",\"orderBy\":{\"edition\":\"desc\"}}}}",
	    "1[a] 2[c] 3[] 4[] 5[e] 6[]" },
	{ "Author", "{\"include\":{\"books\":{\"cursor\":{\"isbn_edition\":{\"isb"
	    "n\":\"a\",\"edition\":2}}}}}",
	    "1[a b] 2[] 3[] 4[] 5[] 6[]" },
	{ "Author", "{\"include\":{\"books\":{\"cursor\":{\"isbn_edition\":{\"isb"
	    "n\":\"a\",\"edition\":2}},\"take\":1}}}",
	    "1[a] 2[] 3[] 4[] 5[] 6[]" },
	{ "Author", "{\"include\":{\"books\":{\"cursor\":{\"isbn_edition\":{\"isb"
	    "n\":\"b\",\"edition\":1}},\"take\":-2}}}",
	    "1[a b] 2[] 3[] 4[] 5[] 6[]" },
	{ "Author", "{\"include\":{\"books\":{\"include\":{\"reviews\":{\"take\":"
	    "1,\"orderBy\":{\"id\":\"desc\"}}}}}}",
	    "1[a[2] a[3] b[]] 2[c[6] d[]] 3[] 4[] 5[e[]] 6[]" },
	{ "Author", "{\"include\":{\"boss\":true,\"books\":{\"include\":{\"review"
	    "s\":true}}}}",
	    "1[][a[1 2] a[3] b[]] 2[1][c[4 5 6] d[]] 3[1][] 4[2][] 5[2][e"
	    "[]] 6[][]" },
	{ "Author", "{\"include\":{\"books\":{\"orderBy\":{\"reviews\":{\"_count"
	    "\":\"desc\"}},\"take\":2}}}",
	    "1[a a] 2[c d] 3[] 4[] 5[e] 6[]" },
	{ "Author", "{\"include\":{\"_count\":true}}",
	    "1[2][3] 2[2][2] 3[][] 4[][] 5[][1] 6[][]" },
	{ "Author", "{\"include\":{\"_count\":{\"select\":{\"books\":{\"where\":{"
	    "\"title\":\"Two\"}},\"team\":true}}}}",
	    "1[2][2] 2[][2] 3[][] 4[][] 5[][] 6[][]" },
	{ "Book", "{}",
	    "a a b c d e f" },
	{ "Book", "{\"select\":[\"edition\"],\"where\":{\"reviews\":{\"some\":{"
	    "}}}}",
	    "1 2 1" },
	{ "Book", "{\"include\":[\"reviews\",\"author\"]}",
	    "a[1 2][1] a[3][1] b[][1] c[4 5 6][2] d[][2] e[][5] f[][]" },
	{ "Book", "{\"include\":{\"_count\":true}}",
	    "a[2] a[1] b[] c[3] d[] e[] f[]" },
	{ "Book", "{\"include\":{\"reviews\":{\"take\":-1}}}",
	    "a[2] a[3] b[] c[6] d[] e[] f[]" },
	{ "Book", "{\"orderBy\":[{\"author\":{\"boss\":{\"name\":\"desc\"}}},{"
	    "\"isbn\":\"desc\"}],\"where\":{\"author\":{\"boss\":{\"name"
	    "\":{\"not\":null}}}}}",
	    "e d c" },
	{ "Book", "{\"where\":{\"pages\":\"9007199254740993\"}}",
	    "f" },
	{ "Book", "{\"where\":{\"pages\":{\"in\":[\"9007199254740993\",1,2,3,4,"
	    "5,6,7,8,9,10,11,12,13,14,15,16,17]}}}",
	    "f" },
	{ "Book", "{\"take\":3,\"skip\":2,\"orderBy\":{\"pages\":{\"sort\":\"as"
	    "c\",\"nulls\":\"last\"}}}",
	    "e a c" },
	{ "Review", "{\"include\":{\"book\":{\"include\":{\"author\":true}}}}",
	    "1[a[1]] 2[a[1]] 3[a[1]] 4[c[2]] 5[c[2]] 6[c[2]] 7[] 8[]" },
	{ "Review", "{\"where\":{\"book\":null}}",
	    "" },
	{ "Review", "{\"where\":{\"book\":{\"is\":{\"title\":\"Three\"}}}}",
	    "4 5 6" },
	{ "Review", "{\"orderBy\":{\"stars\":{\"sort\":\"desc\",\"nulls\":\"last"
	    "\"}},\"cursor\":{\"id\":2}}",
	    "2 7 8 5 4" },
	{ "Line", "{}",
	    "1 2 3" },
	{ "Line", "{\"where\":{\"n\":{\"gt\":1}}}",
	    "2 3" },
	{ "Line", "{\"distinct\":\"n\"}",
	    "1 2 3" },
};

static const struct run_row bound[] = {
	{ "Author", "{}",
	    "1 2 3 4" },
	{ "Author", "{\"include\":[\"team\",\"boss\",\"books\"]}",
	    "1[2 3][][a b] 2[4][1][c d] 3[][1][] 4[][2][]" },
	{ "Author", "{\"where\":{\"team\":{\"some\":{}}}}",
	    "1 2" },
	{ "Author", "{\"where\":{\"team\":{\"none\":{}}}}",
	    "3 4" },
	{ "Author", "{\"where\":{\"books\":{\"some\":{\"edition\":2}}}}",
	    "" },
	{ "Author", "{\"orderBy\":{\"books\":{\"_count\":\"desc\"}}}",
	    "1 2 3 4" },
	{ "Author", "{\"include\":{\"_count\":true}}",
	    "1[2][2] 2[1][2] 3[][] 4[][]" },
	{ "Author", "{\"cursor\":{\"id\":5}}",
	    "" },
	{ "Book", "{\"orderBy\":{\"author\":{\"name\":\"asc\"}},\"where\":{\"au"
	    "thor\":{\"isNot\":null}}}",
	    "e a b c d" },
};

static const struct run_row looking[] = {
	{ "Author", "{\"include\":[\"books\"]}",
	    "1[] 2[c d]" },
};

static sqlite3 *sqlite;

static void
must(const char *text)
{
	char *message = NULL;

	ck_assert_msg(sqlite3_exec(sqlite, text, NULL, NULL, &message) ==
	    SQLITE_OK, "%s: %s", text, message);
}

/* As db/sqlite.c has it. */
static void
give_real(sqlite3_context *c, int n, sqlite3_value **args)
{
	char text[NUM_TEXT_MAX];

	(void)n;
	if (sqlite3_value_type(args[0]) != SQLITE_FLOAT)
		sqlite3_result_value(c, args[0]);
	else
		sqlite3_result_text(c, text, (int)num_put_double(text,
		    sqlite3_value_double(args[0])), SQLITE_TRANSIENT);
}

static void
open_sqlite(void)
{
	struct buf text;

	sql_kit_setup();
	ck_assert_int_eq(sqlite3_open(":memory:", &sqlite), SQLITE_OK);
	ck_assert_int_eq(sqlite3_create_function(sqlite, DIALECT_SQLITE_REAL,
	    1, SQLITE_UTF8, NULL, give_real, NULL, NULL), SQLITE_OK);
	buf_init(&text, 0);
	for (size_t i = 0; sql_kit_seed(dialect_by_id(DIALECT_SQLITE), i,
	    &text); i++)
		must(text.data);
	buf_fini(&text);
}

static void
close_sqlite(void)
{
	sqlite3_close(sqlite);
	sql_kit_teardown();
}

static void
bind(sqlite3_stmt *st, int i, const struct value *v)
{
	int rc = SQLITE_ERROR;

	switch (v->kind) {
	case VALUE_NULL:
		rc = sqlite3_bind_null(st, i);
		break;
	case VALUE_INT:
		rc = sqlite3_bind_int64(st, i, v->u.i);
		break;
	case VALUE_FLOAT:
		rc = sqlite3_bind_double(st, i, v->u.f);
		break;
	case VALUE_TEXT:
		rc = sqlite3_bind_text(st, i, v->u.text, (int)v->len,
		    SQLITE_STATIC);
		break;
	case VALUE_BYTES:
		rc = sqlite3_bind_blob(st, i, v->u.text, (int)v->len,
		    SQLITE_STATIC);
		break;
	}
	ck_assert_int_eq(rc, SQLITE_OK);
}

/* As the driver and its room give it: text, and numbers by type. */
static struct value
column(sqlite3_stmt *st, int i, const struct schema_field *f)
{
	struct value v = { .kind = VALUE_TEXT };
	int64_t n;

	if (sqlite3_column_type(st, i) == SQLITE_NULL)
		return (struct value){ .kind = VALUE_NULL };
	v.u.text = (const char *)sqlite3_column_text(st, i);
	v.len = (size_t)sqlite3_column_bytes(st, i);
	if (f->type == SCALAR_FLOAT) {
		v.u.f = strtod(v.u.text, NULL);
		v.kind = VALUE_FLOAT;
	} else if (f->type != SCALAR_STRING && f->type != SCALAR_DECIMAL &&
	    num_read_i64(v.u.text, v.len, &n) == 0) {
		v.u.i = n;
		v.kind = VALUE_INT;
	}
	return v;
}

static int
run(void *ctx, const struct sql *sql,
    const struct schema_field *const *columns, size_t ncolumns,
    void (*row)(void *rows, const struct value *values), void *rows,
    struct err *err)
{
	struct value values[64];
	sqlite3_stmt *st;
	int rc;

	(void)ctx;
	ck_assert_msg(sqlite3_prepare_v2(sqlite, sql->text.data,
	    (int)sql->text.len, &st, NULL) == SQLITE_OK, "%.*s: %s",
	    (int)sql->text.len, sql->text.data, sqlite3_errmsg(sqlite));
	ck_assert_int_eq(sqlite3_bind_parameter_count(st), (int)sql->nparams);
	ck_assert_int_eq(sqlite3_column_count(st), (int)ncolumns);
	ck_assert_uint_le(ncolumns, 64);
	for (size_t i = 0; i < sql->nparams; i++)
		bind(st, (int)i + 1, &sql->params[i]);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		for (size_t i = 0; i < ncolumns; i++)
			values[i] = column(st, (int)i, columns[i]);
		row(rows, values);
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : err_set(err, ERR_DATABASE, "%s",
	    sqlite3_errmsg(sqlite));
}

static void
check_row(const struct run_row *r)
{
	struct sql_kit_db db = {
		.dialect = dialect_by_id(DIALECT_SQLITE), .run = run
	};
	struct buf out;

	for (uint64_t page = 0; page <= 3; page++) {
		struct plan *plan = sql_kit_plan(r->model, r->options);

		db.page = page == 0 ? PLAN_ALL : page;
		buf_init(&out, 0);
		sql_kit_rows(&db, plan, &out);
		ck_assert_msg(strcmp(out.data, r->want) == 0,
		    "%s, pages of %d: %s, not %s", r->options, (int)page,
		    out.data, r->want);
		buf_fini(&out);
		plan_free(&plan);
	}
}

START_TEST(runs)
{
	check_row(&plain[_i]);
}
END_TEST

/* Filters of the collector bind the rows of their models everywhere. */
START_TEST(runs_bound)
{
	sql_kit_force("{\"id\":{\"lt\":5}}", "{\"edition\":1}");
	check_row(&bound[_i]);
}
END_TEST

/* ... but not those that filters of the collector look at. */
START_TEST(runs_looking)
{
	sql_kit_force("{\"team\":{\"some\":{\"books\":{\"some\":{}}}}}",
	    "{\"author\":{\"id\":{\"gt\":1}}}");
	check_row(&looking[_i]);
}
END_TEST

/* A moment in all the spellings that files have. */
START_TEST(moments)
{
	static const char *const spellings[] = {
		"'2024-05-06T07:08:09.123+00:00'",
		"'2024-05-06T07:08:09.123Z'",
		"'2024-05-06 07:08:09.123'",
		"'2024-05-06T09:08:09.123+02:00'",
		"1714979289123"
	};
	static const struct run_row spelled[] = {
		{ "Author", "{\"where\":{\"id\":1,\"born\":"
		    "\"2024-05-06T07:08:09.123Z\"}}", "1" },
		{ "Author", "{\"where\":{\"id\":1,\"born\":{\"lt\":"
		    "\"2024-05-06T07:08:09.124Z\"}}}", "1" },
		{ "Author", "{\"where\":{\"id\":1,\"born\":{\"gt\":"
		    "\"2024-05-06T07:08:09.122Z\"}}}", "1" },
		{ "Author", "{\"where\":{\"id\":1,\"born\":{\"gt\":"
		    "\"2024-05-06T07:08:09.123Z\"}}}", "" },
	};
	char text[128];

	snprintf(text, sizeof(text), "UPDATE Author SET born = %s WHERE id = 1",
	    spellings[_i]);
	must(text);
	for (size_t i = 0; i < sizeof(spelled) / sizeof(*spelled); i++)
		check_row(&spelled[i]);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sql_run");

	tcase_add_checked_fixture(tc, open_sqlite, close_sqlite);
	tcase_add_loop_test(tc, runs, 0, COUNT(plain));
	tcase_add_loop_test(tc, runs_bound, 0, COUNT(bound));
	tcase_add_loop_test(tc, runs_looking, 0, COUNT(looking));
	tcase_add_loop_test(tc, moments, 0, 5);
	return unit_run("sql_run", tc);
}
