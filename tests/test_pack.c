/* Packed rows: what is in them, and what is none. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "db/pack.h"
#include "unit.h"

#define COLUMNS 4

static const enum scalar_type types[COLUMNS] = {
	SCALAR_STRING, SCALAR_INT, SCALAR_FLOAT, SCALAR_BOOLEAN
};

/* Texts are written as a mark and the text; NULL is "-". */
struct record {
	const char *text;
	const char *name;	/* NULL: no such row */
	const char *number, *real, *flag;
};

static const struct record records[] = {
	{ "(abc,12,1.5,t)", "abc", "12", "1.5", "1" },
	{ "(,,,)", "-", "-", "-", "-" },
	{ "(\"\",-3,0,f)", "", "-3", "0", "0" },
	{ "(\"a,b\",1,2,t)", "a,b", "1", "2", "1" },
	{ "(\"a\"\"b\",1,2,t)", "a\"b", "1", "2", "1" },
	{ "(\"\"\"\",1,2,t)", "\"", "1", "2", "1" },
	{ "(\"\"\"\"\"\",1,2,t)", "\"\"", "1", "2", "1" },
	{ "(\"\\\\x41\",1,2,t)", "\\x41", "1", "2", "1" },
	{ "(\"(a) \\\\ \"\"b\"\",\",1,2,t)", "(a) \\ \"b\",", "1", "2", "1" },
	{ "(\"\n\",9223372036854775807,-1e-300,)", "\n",
	    "9223372036854775807", "-1e-300", "-" },
	{ "(\"é 😀\",1,NaN,f)", "é 😀", "1", "nan", "0" },
	{ "(t,t,f,t)", "t", "1", "f", "1" },
	{ "", NULL, NULL, NULL, NULL },
	{ "a", NULL, NULL, NULL, NULL },
	{ "(a,1,2)", NULL, NULL, NULL, NULL },
	{ "(a,1,2,t,u)", NULL, NULL, NULL, NULL },
	{ "(\"a,1,2,t)", NULL, NULL, NULL, NULL },
	{ "(\"a\"b,1,2,t)", NULL, NULL, NULL, NULL },
	{ "(\"a\\b\",1,2,t)", "a\\b", "1", "2", "1" },
	{ "(a,1,2,t", NULL, NULL, NULL, NULL },
};

static void
check_value(const struct value *v, const char *want)
{
	char text[64];

	switch (v->kind) {
	case VALUE_NULL:
		ck_assert_str_eq(want, "-");
		return;
	case VALUE_INT:
		snprintf(text, sizeof(text), "%lld", (long long)v->u.i);
		break;
	case VALUE_FLOAT:
		snprintf(text, sizeof(text), "%g", v->u.f);
		break;
	default:
		ck_assert_uint_lt(v->len, sizeof(text));
		memcpy(text, v->u.text, v->len);
		text[v->len] = '\0';
	}
	ck_assert_str_eq(text, want);
}

static void
check_record(struct pack *p, const struct record *r)
{
	struct value row[COLUMNS];
	int result = pack_take_record(p, types, COLUMNS, row);

	ck_assert_int_eq(result, r->name == NULL ? -1 : 0);
	if (r->name == NULL)
		return;
	check_value(&row[0], r->name);
	check_value(&row[1], r->number);
	check_value(&row[2], r->real);
	check_value(&row[3], r->flag);
}

/* In memory of its own, so that a sanitizer sees what is read behind it. */
static struct pack
copy(const char *text, size_t len)
{
	char *data = malloc(len + 1);

	ck_assert_ptr_nonnull(data);
	memcpy(data, text, len);
	data[len] = '\0';
	return (struct pack){ .at = data, .end = data + len };
}

START_TEST(test_record)
{
	const struct record *r = &records[_i];
	struct pack p = copy(r->text, strlen(r->text));
	char *data = p.at;

	check_record(&p, r);
	if (r->name != NULL)
		ck_assert_ptr_eq(p.at, p.end);
	free(data);
}
END_TEST

/* One behind the other, in one text. */
START_TEST(test_page)
{
	struct buf all;
	struct pack p;

	buf_init(&all, 0);
	for (int i = 0; i < COUNT(records); i++)
		if (records[i].name != NULL)
			ck_assert_int_eq(buf_puts(&all, records[i].text), 0);
	ck_assert_int_eq(buf_putc(&all, '\0'), 0);
	p = (struct pack){ .at = all.data, .end = all.data + all.len - 1 };
	for (int i = 0; i < COUNT(records); i++)
		if (records[i].name != NULL)
			check_record(&p, &records[i]);
	ck_assert_ptr_eq(p.at, p.end);
	buf_fini(&all);
}
END_TEST

/* A row that is cut anywhere is none. */
START_TEST(test_cut)
{
	const char *text = records[_i].text;
	struct value row[COLUMNS];

	for (size_t len = 0; records[_i].name != NULL && len < strlen(text);
	    len++) {
		struct pack p = copy(text, len);
		char *data = p.at;

		ck_assert_int_eq(pack_take_record(&p, types, COLUMNS, row),
		    -1);
		free(data);
	}
}
END_TEST

/* ";" stands for the end of a field, "|" for that of a row. */
static const struct {
	const char *text;
	uint64_t rows;
	const char *want;	/* NULL: it does not add up */
} pages[] = {
	{ "", 0, "" },
	{ "abc;12;1.5;t|", 1, "abc;12;1.5;1|" },
	{ ";-3;0;f|", 1, ";-3;0;0|" },
	{ "t;t;f;t|", 1, "t;1;f;1|" },
	{ "é 😀;1;NaN;|", 1, "é 😀;1;nan;|" },
	{ ";;;|;;;|", 2, ";;;|;;;|" },
	{ "(a,\"\\;1;1;t|b;2;2;f|c;3;3;t|", 3,
	    "(a,\"\\;1;1;1|b;2;2;0|c;3;3;1|" },
	/* a row with NULL, which is left out */
	{ "", 1, NULL },
	{ "a;1;1;t|", 2, NULL },
	/* separators in a text, which may look like rows */
	{ ";a;1;1;t|", 1, NULL },
	{ "a;;1;1;t|", 1, NULL },
	{ "a|;1;1;t|", 1, NULL },
	{ "|;1;1;t|", 1, NULL },
	{ "a;1;1;t|b;1;1;t|", 1, NULL },
	{ "a;1;1;t|b;2;2;f|;1;1;t|", 2, NULL },
	/* both at once */
	{ "a;1;1;t|b;1;1;t|", 3, NULL },
	{ "a;;1;1;t|", 2, NULL },
	/* what no database gives */
	{ "a;1;1|", 1, NULL },
	{ "a;1;1;t|", 0, NULL },
	{ "a;1;1;t|", UINT64_MAX, NULL },
};

static struct pack
copy_page(const char *text)
{
	struct pack p = copy(text, strlen(text));

	for (char *c = p.at; c < p.end; c++)
		*c = *c == ';' ? DIALECT_FIELD_END :
		    *c == '|' ? DIALECT_ROW_END : *c;
	return p;
}

static void
put_value(struct buf *out, const struct value *v)
{
	int r = v->kind == VALUE_INT ?
	    buf_printf(out, "%lld", (long long)v->u.i) :
	    v->kind == VALUE_FLOAT ? buf_printf(out, "%g", v->u.f) :
	    buf_put(out, v->u.text, v->len);

	ck_assert_int_eq(r, 0);
}

START_TEST(test_fields)
{
	struct pack p = copy_page(pages[_i].text);
	bool clear = pages[_i].want != NULL;
	struct value row[COLUMNS];
	char *data = p.at;
	struct buf got;

	ck_assert_int_eq(pack_adds_up(&p, COLUMNS, pages[_i].rows), clear);
	buf_init(&got, 0);
	while (clear && p.at < p.end) {
		ck_assert_int_eq(pack_take_fields(&p, types, COLUMNS, row), 0);
		for (size_t i = 0; i < COLUMNS; i++) {
			put_value(&got, &row[i]);
			ck_assert_int_eq(buf_putc(&got,
			    i + 1 < COLUMNS ? ';' : '|'), 0);
		}
	}
	ck_assert_int_eq(buf_putc(&got, '\0'), 0);
	ck_assert_str_eq(got.data, clear ? pages[_i].want : "");
	buf_fini(&got);
	free(data);
}
END_TEST

/* One column has no end of a field, and may be empty. */
START_TEST(test_one_field)
{
	struct pack p = copy_page("a||b|");
	char *data = p.at;
	struct value v;

	ck_assert(pack_adds_up(&p, 1, 3));
	ck_assert(!pack_adds_up(&p, 1, 2));
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(pack_take_fields(&p, types, 1, &v), 0);
		ck_assert_uint_eq(v.len, i != 1);
	}
	ck_assert_ptr_eq(p.at, p.end);
	ck_assert_int_eq(pack_take_fields(&p, types, 1, &v), -1);
	free(data);
}
END_TEST

/* Wherever in a text a separator is, it is counted. */
START_TEST(test_separators)
{
	static const char ends[] = { DIALECT_FIELD_END, DIALECT_ROW_END };
	char text[600];

	for (size_t len = 3; len < sizeof(text); len++) {
		char end = ends[len % 2];
		struct pack p = { .at = text, .end = text + len };
		size_t at = len * 7 % (len - 2);

		memset(text, 'x', len);
		text[len - 2] = DIALECT_FIELD_END;
		text[len - 1] = DIALECT_ROW_END;
		ck_assert(pack_adds_up(&p, 2, 1));
		text[at] = end;
		ck_assert(!pack_adds_up(&p, 2, 1));
	}
	memset(text, DIALECT_ROW_END, sizeof(text));
	ck_assert(pack_adds_up(&(struct pack){ text, text + sizeof(text) }, 1,
	    sizeof(text)));
}
END_TEST

START_TEST(test_fields_cut)
{
	struct value row[COLUMNS];

	for (size_t len = 0; pages[_i].rows == 1 && len + 1 <
	    strlen(pages[_i].text) && pages[_i].want != NULL; len++) {
		struct pack p = copy_page(pages[_i].text);
		char *data = p.at;

		p.end = data + len;
		ck_assert_int_eq(pack_take_fields(&p, types, COLUMNS, row),
		    -1);
		free(data);
	}
}
END_TEST

static const int64_t integers[] = {
	0, 1, -1, 15, 16, -16, -17, 31, 32, 63, 64, 1000, -1000, INT32_MAX,
	INT32_MIN, INT64_C(1) << 53, INT64_MAX, INT64_MAX - 1, INT64_MIN,
	INT64_MIN + 1
};
static const double reals[] = {
	0, -0.0, 1, -1.5, 0.1, DBL_MAX, DBL_MIN, -DBL_MAX, 5e-324, INFINITY
};

/* What SQLite's function writes is read again; nothing in it is a NUL. */
START_TEST(test_text)
{
	enum scalar_type type[1] = { SCALAR_BIGINT };
	struct pack p;
	struct value v;
	struct buf b;

	buf_init(&b, 0);
	for (int i = 0; i < COUNT(integers); i++)
		ck_assert_int_eq(pack_put_int(&b, integers[i]), 0);
	for (int i = 0; i < COUNT(reals); i++)
		ck_assert_int_eq(pack_put_float(&b, reals[i]), 0);
	ck_assert_int_eq(pack_put_null(&b), 0);
	ck_assert_int_eq(pack_put_text(&b, "12", 2), 0);
	ck_assert_int_eq(pack_put_text(&b, "12x", 3), 0);
	ck_assert_ptr_null(memchr(b.data, 0, b.len));
	for (size_t i = 0; i < b.len; i++)
		ck_assert_int_gt(b.data[i], 0);
	p = (struct pack){ .at = b.data, .end = b.data + b.len };
	for (int i = 0; i < COUNT(integers); i++) {
		ck_assert_int_eq(pack_take_text(&p, type, 1, &v), 0);
		ck_assert_int_eq((int)v.kind, VALUE_INT);
		ck_assert_int_eq(v.u.i, integers[i]);
	}
	for (int i = 0; i < COUNT(reals); i++) {
		ck_assert_int_eq(pack_take_text(&p, type, 1, &v), 0);
		ck_assert_int_eq((int)v.kind, VALUE_FLOAT);
		ck_assert_int_eq(memcmp(&v.u.f, &reals[i], sizeof(v.u.f)), 0);
	}
	ck_assert_int_eq(pack_take_text(&p, type, 1, &v), 0);
	ck_assert_int_eq((int)v.kind, VALUE_NULL);
	ck_assert_int_eq(pack_take_text(&p, type, 1, &v), 0);
	check_value(&v, "12");
	ck_assert_int_eq((int)v.kind, VALUE_INT);
	ck_assert_int_eq(pack_take_text(&p, type, 1, &v), 0);
	check_value(&v, "12x");
	ck_assert_int_eq(pack_take_text(&p, type, 1, &v), -1);
	buf_fini(&b);
}
END_TEST

static const char *const garbage[] = {
	"", "i", "f", "t", "x!", "i@", "iAAAAAAAAAAA", "iAAAAAAAAAA@", "t\"a",
	"tAAAAAAAAAA/", "\x01!", "i\x80",
};

START_TEST(test_garbage)
{
	enum scalar_type type[1] = { SCALAR_STRING };
	struct pack p = copy(garbage[_i], strlen(garbage[_i]));
	char *data = p.at;
	struct value v;

	ck_assert_int_eq(pack_take_text(&p, type, 1, &v), -1);
	free(data);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pack");

	tcase_add_loop_test(tc, test_record, 0, COUNT(records));
	tcase_add_test(tc, test_page);
	tcase_add_loop_test(tc, test_cut, 0, COUNT(records));
	tcase_add_loop_test(tc, test_fields, 0, COUNT(pages));
	tcase_add_test(tc, test_one_field);
	tcase_add_test(tc, test_separators);
	tcase_add_loop_test(tc, test_fields_cut, 0, COUNT(pages));
	tcase_add_test(tc, test_text);
	tcase_add_loop_test(tc, test_garbage, 0, COUNT(garbage));
	return unit_run("pack", tc);
}
