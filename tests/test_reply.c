/* Messages of a reply: round trips, and what is no message. */
#include <string.h>

#include "ipc/reply.h"
#include "unit.h"

static const struct reply replies[] = {
	{ .type = REPLY_BEGUN, .id = 0x1122334455667788, .held = true },
	{ .type = REPLY_BEGUN, .id = 1, .us = 2 },
	{ .type = REPLY_FAILURE, .code = ERR_TIMEOUT,
	    .text = { "Too late.", 9 } },
	{ .type = REPLY_FAILURE, .code = ERR_INTERNAL },
	{ .type = REPLY_END },
	{ .type = REPLY_ANSWER, .id = 7, .us = 0x12345678,
	    .text = { "{}", 2 } },
	{ .type = REPLY_ANSWER, .id = UINT64_MAX, .us = UINT32_MAX },
	{ .type = REPLY_REFUSAL, .id = 7, .us = 3, .code = ERR_LIMIT,
	    .text = { "Too much.", 9 } },
};

START_TEST(test_round_trip)
{
	const struct reply *r = &replies[_i];
	char out[REPLY_HEAD + ERR_TEXT_MAX];
	struct reply got;
	size_t len = reply_put(out, r);

	ck_assert_int_eq(reply_get(out, len, &got), 0);
	ck_assert_int_eq(got.type, r->type);
	ck_assert(got.id == r->id);
	ck_assert_uint_eq(got.us, r->us);
	ck_assert(got.held == r->held);
	ck_assert_int_eq(got.code, r->code);
	ck_assert_uint_eq(got.text.len, r->text.len);
	if (r->text.len > 0)
		ck_assert_mem_eq(got.text.data, r->text.data, r->text.len);
	/* A beginning of a message is none, unless only text is cut. */
	for (size_t n = 0; n < REPLY_HEAD; n++)
		ck_assert_int_eq(reply_get(out, n, &got), -1);
	if (r->type == REPLY_BEGUN || r->type == REPLY_END) {
		out[len] = 0;
		ck_assert_int_eq(reply_get(out, len + 1, &got), -1);
	}
}
END_TEST

/* Loop index: the flag. */
START_TEST(test_texts)
{
	char out[REPLY_HEAD + 3];
	struct reply r = { .type = REPLY_ROWS, .border = _i != 0 }, got;

	memcpy(out + REPLY_HEAD, "abc", 3);
	reply_head(out, &r);
	ck_assert_int_eq(reply_get(out, sizeof(out), &got), 0);
	ck_assert_int_eq(got.type, REPLY_ROWS);
	ck_assert(got.border == (_i != 0));
	ck_assert_uint_eq(got.text.len, 3);
	ck_assert_ptr_eq(got.text.data, out + REPLY_HEAD);
	r = (struct reply){ .type = REPLY_ATTACHMENT, .last = _i != 0 };
	reply_head(out, &r);
	ck_assert_int_eq(reply_get(out, sizeof(out), &got), 0);
	ck_assert_int_eq(got.type, REPLY_ATTACHMENT);
	ck_assert(got.last == (_i != 0));
	ck_assert_int_eq(reply_get(out, REPLY_HEAD, &got), 0);
	ck_assert_uint_eq(got.text.len, 0);
}
END_TEST

/* A sentence that is too long is cut: out never overflows. */
START_TEST(test_long_failure)
{
	char out[REPLY_HEAD + ERR_TEXT_MAX], text[2 * ERR_TEXT_MAX];
	struct reply r = { .type = REPLY_FAILURE, .code = ERR_LIMIT,
		.text = { text, sizeof(text) } };

	memset(text, 'x', sizeof(text));
	ck_assert_uint_eq(reply_put(out, &r), sizeof(out));
}
END_TEST

static const struct {
	const char *data;
	size_t len;
} wrong[] = {
#define ROW(text) { text, sizeof(text) - 1 }
#define ZEROS "\0\0\0\0\0\0\0\0\0\0\0\0\0"
	ROW(""),
	ROW("\0\0\0" ZEROS),			/* no type */
	ROW("\17\0\0" ZEROS),
	ROW("\14\2\0" ZEROS "x"),		/* no flag */
	ROW("\377\0\0" ZEROS),
	ROW("\6\2\0" ZEROS "x"),		/* no flag */
	ROW("\10\177\0" ZEROS "x"),		/* no code */
	ROW("\11\1\0" ZEROS),			/* END has no flag, */
	ROW("\12\1\0" ZEROS),			/* nor has ANSWER */
	ROW("\6\0\1" ZEROS "x"),		/* not zero */
	ROW("\6\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0"),	/* no time */
	ROW("\6\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"),	/* no id */
	/* Of the first version. */
	ROW("\2\0\0\0\0\0\0"),
	ROW("\2\0\0\0\1\0\0\0x"),		/* not zero */
	ROW("\4\177\0\0\0\0\0\0x"),		/* no code */
	ROW("\5\0\0\0\0\0\0\0\0"),		/* more than END */
};

/* As the first version wrote them, and what they are. */
static const struct {
	struct msg_bytes said;
	struct reply r;
} first[] = {
	{ ROW("\1\1\0\0\0\0\0\0\7\0\0\0\0\0\0\1"), { REPLY_BEGUN,
	    .held = true, .id = UINT64_C(0x0100000000000007) } },
	{ ROW("\2\1\0\0\0\0\0\0abc"), { REPLY_ROWS, .border = true,
	    .text = { "abc", 3 } } },
	{ ROW("\3\0\0\0\0\0\0\0x"), { REPLY_ATTACHMENT,
	    .text = { "x", 1 } } },
	{ ROW("\3\1\0\0\0\0\0\0"), { REPLY_ATTACHMENT, .last = true } },
	{ ROW("\4\1\0\0\0\0\0\0no"), { REPLY_FAILURE, .code = 1,
	    .text = { "no", 2 } } },
	{ ROW("\5\0\0\0\0\0\0\0"), { .type = REPLY_END } }
};

START_TEST(test_first_version)
{
	const struct reply *r = &first[_i].r;
	struct reply got;

	ck_assert_int_eq(reply_get(first[_i].said.data, first[_i].said.len,
	    &got), 0);
	ck_assert_int_eq(got.type, r->type);
	ck_assert(got.id == r->id);
	ck_assert_uint_eq(got.us, 0);
	ck_assert(got.held == r->held && got.border == r->border &&
	    got.last == r->last);
	ck_assert_int_eq(got.code, r->code);
	ck_assert_uint_eq(got.text.len, r->text.len);
	if (r->text.len > 0)
		ck_assert_mem_eq(got.text.data, r->text.data, r->text.len);
}
END_TEST

START_TEST(test_wrong)
{
	struct reply got;

	ck_assert_int_eq(reply_get(wrong[_i].data, wrong[_i].len, &got), -1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("reply");

	tcase_add_loop_test(tc, test_round_trip, 0, COUNT(replies));
	tcase_add_loop_test(tc, test_texts, 0, 2);
	tcase_add_test(tc, test_long_failure);
	tcase_add_loop_test(tc, test_wrong, 0, COUNT(wrong));
	tcase_add_loop_test(tc, test_first_version, 0, COUNT(first));
	return unit_run("reply", tc);
}
