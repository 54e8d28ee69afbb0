/* Bodies by length and in chunks: PROTOCOL H22, H25, P7; whole and by bytes. */
#include "proto/http_body.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define BOUND 10	/* of the content */
#define MORE -1
#define BY_LENGTH(n) { .body = HTTP_BODY_LENGTH, .content_length = n }
#define IN_CHUNKS { .body = HTTP_BODY_CHUNKED }

static const struct {
	struct http_head head;
	const char *text, *content;
	size_t left;	/* bytes behind the body */
	int status;	/* 0 = whole; MORE; else the refusal */
} rows[] = {
	{ { .body = HTTP_BODY_NONE }, "abc", "", 3, 0 },
	{ BY_LENGTH(3), "abc", "abc", 0, 0 },
	{ BY_LENGTH(3), "abcd", "abc", 1, 0 },
	{ BY_LENGTH(3), "ab", "ab", 0, MORE },
	{ BY_LENGTH(10), "0123456789", "0123456789", 0, 0 },
	{ BY_LENGTH(11), "", "", 0, 413 },
	{ BY_LENGTH(UINT64_MAX), "a", "", 0, 413 },

	{ IN_CHUNKS, "0\r\n\r\nx", "", 1, 0 },
	{ IN_CHUNKS, "3\r\nabc\r\n0\r\n\r\n", "abc", 0, 0 },
	{ IN_CHUNKS, "1\r\na\r\n02\r\nbc\r\n000\r\n\r\n", "abc", 0, 0 },
	{ IN_CHUNKS, "A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0, 0 },
	{ IN_CHUNKS, "a\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0, 0 },
	{ IN_CHUNKS, "1;a=\"b\";c\r\na\r\n0;\r\n\r\n", "a", 0, 0 },
	{ IN_CHUNKS, "1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\nx", "a", 1, 0 },
	{ IN_CHUNKS, "2\r\n\r\n\r\n0\r\n\r\n", "\r\n", 0, 0 },

	{ IN_CHUNKS, "", "", 0, MORE },
	{ IN_CHUNKS, "1", "", 0, MORE },
	{ IN_CHUNKS, "1\r\na", "a", 0, MORE },
	{ IN_CHUNKS, "0\r\n\r", "", 0, MORE },
	{ IN_CHUNKS, "0\r\nA: b\r\n", "", 0, MORE },

	{ IN_CHUNKS, "\r\n", "", 0, 400 },
	{ IN_CHUNKS, ";a\r\n", "", 0, 400 },
	{ IN_CHUNKS, " 1\r\n", "", 0, 400 },
	{ IN_CHUNKS, "-1\r\n", "", 0, 400 },
	{ IN_CHUNKS, "0x1\r\n", "", 0, 400 },
	{ IN_CHUNKS, "1\na", "", 0, 400 },
	{ IN_CHUNKS, "1\rx", "", 0, 400 },
	{ IN_CHUNKS, "1 \r\n", "", 0, 400 },
	{ IN_CHUNKS, "1;\n", "", 0, 400 },
	{ IN_CHUNKS, "1;\x01\r\n", "", 0, 400 },
	{ IN_CHUNKS, "1\r\nab", "a", 0, 400 },
	{ IN_CHUNKS, "1\r\na\r\r", "a", 0, 400 },
	{ IN_CHUNKS, "1\r\na\n", "a", 0, 400 },
	{ IN_CHUNKS, "0\r\n\rx", "", 0, 400 },
	{ IN_CHUNKS, "0\r\n\n", "", 0, 400 },
	{ IN_CHUNKS, "0\r\nA: b\n", "", 0, 400 },
	{ IN_CHUNKS, "0\r\nA: b\rC", "", 0, 400 },
	{ IN_CHUNKS, "00000000000000000000\r\n\r\n", "", 0, 0 },
	{ IN_CHUNKS, "10000000000000000\r\n", "", 0, 400 },
	{ IN_CHUNKS, "FFFFFFFFFFFFFFFF\r\na", "", 0, 413 },
	{ IN_CHUNKS, "b\r\n0", "", 0, 413 },
	{ IN_CHUNKS, "9\r\n012345678\r\n2\r\nx", "012345678", 0, 413 }
};
#define NROWS ((int)(sizeof(rows) / sizeof(rows[0])))

/* Feed the row in pieces of at most step bytes, each of its own memory. */
static void
feed(int row, size_t step)
{
	const char *text = rows[row].text;
	size_t len = strlen(text), pos = 0, n, used;
	enum parse result;
	struct http_body body;
	struct buf content;
	int status, wanted = rows[row].status;
	char *piece;

	buf_init(&content, BOUND);
	http_body_init(&body, &rows[row].head);
	do {
		n = len - pos < step ? len - pos : step;
		piece = malloc(n > 0 ? n : 1);
		ck_assert_ptr_nonnull(piece);
		memcpy(piece, text + pos, n);
		result = http_body_take(&body, piece, n, &content, &used,
		    &status);
		free(piece);
		if (result == PARSE_MORE)
			ck_assert_uint_eq(used, n);
		pos += used;
	} while (result == PARSE_MORE && pos < len);

	ck_assert_int_eq(result, wanted == 0 ? PARSE_DONE :
	    wanted == MORE ? PARSE_MORE : PARSE_BAD);
	if (wanted > 0)
		ck_assert_int_eq(status, wanted);
	else
		ck_assert_uint_eq(len - pos, rows[row].left);
	ck_assert_uint_eq(content.len, strlen(rows[row].content));
	if (content.len > 0)
		ck_assert_mem_eq(content.data, rows[row].content, content.len);
	buf_fini(&content);
}

START_TEST(whole)
{
	feed(_i, SIZE_MAX);
}
END_TEST

START_TEST(by_bytes)
{
	feed(_i, 1);
}
END_TEST

START_TEST(by_threes)
{
	feed(_i, 3);
}
END_TEST

/* What is read and thrown away has a bound too. */
START_TEST(endless)
{
	static const char *const starts[] = { "1;", "0\r\n", "0\r\nA" };
	static const char line[] = "A: b\r\n";
	struct http_head head = IN_CHUNKS;
	enum parse result;
	struct http_body body;
	struct buf content;
	size_t used, i = 0;
	int status;

	buf_init(&content, BOUND);
	http_body_init(&body, &head);
	result = http_body_take(&body, starts[_i], strlen(starts[_i]),
	    &content, &used, &status);
	while (result == PARSE_MORE) {
		ck_assert_uint_lt(i++, 17000);
		result = http_body_take(&body, &line[_i == 1 ? i % 6 : 0], 1,
		    &content, &used, &status);
	}
	ck_assert_int_eq(result, PARSE_BAD);
	ck_assert_int_eq(status, 400);
	ck_assert_uint_gt(i, 1000);
	buf_fini(&content);
}
END_TEST

/* A body that is done takes nothing more. */
START_TEST(done)
{
	struct http_head head = IN_CHUNKS;
	struct http_body body;
	struct buf content;
	size_t used;
	int status;

	buf_init(&content, BOUND);
	http_body_init(&body, &head);
	ck_assert_int_eq(http_body_take(&body, "0\r\n\r\n", 5, &content,
	    &used, &status), PARSE_DONE);
	ck_assert_int_eq(http_body_take(&body, "1\r\n", 3, &content, &used,
	    &status), PARSE_DONE);
	ck_assert_uint_eq(used, 0);
	buf_fini(&content);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, whole, 0, NROWS);
	tcase_add_loop_test(tcase, by_bytes, 0, NROWS);
	tcase_add_loop_test(tcase, by_threes, 0, NROWS);
	tcase_add_loop_test(tcase, endless, 0, 3);
	tcase_add_test(tcase, done);
	return unit_run("http_body", tcase);
}
