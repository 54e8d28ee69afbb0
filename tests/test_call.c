/* Calls of collectors in C: round trips, and what is no call. */
#include "ipc/call.h"

#include <string.h>

#include "unit.h"

#define BYTES(text) { text, sizeof(text) - 1 }

static const struct call calls[] = {
	{ .connects = true, .auth = BYTES("{}") },
	{ .wants_ack = true, .event = BYTES("[\"e\",1]"),
	    .auth = BYTES("{\"a\":1}") },
	{ .event = BYTES("[\"e\"]"), .auth = BYTES("{}"), .nattachments = 2,
	    .attachments = { BYTES("\0\1\2"), BYTES("") } },
	{ .nattachments = CALL_ATTACHMENTS_MAX },
};

static void
same(const struct msg_bytes *a, const struct msg_bytes *b)
{
	ck_assert_uint_eq(a->len, b->len);
	if (a->len > 0)
		ck_assert_mem_eq(a->data, b->data, a->len);
}

START_TEST(test_round_trip)
{
	const struct call *c = &calls[_i];
	struct call got;
	struct buf b;

	buf_init(&b, 0);
	ck_assert_int_eq(call_put(&b, c), 0);
	ck_assert_int_eq(call_get(b.data, b.len, &got), 0);
	ck_assert(got.connects == c->connects);
	ck_assert(got.wants_ack == c->wants_ack);
	same(&got.event, &c->event);
	same(&got.auth, &c->auth);
	ck_assert_uint_eq(got.nattachments, c->nattachments);
	for (size_t i = 0; i < c->nattachments; i++)
		same(&got.attachments[i], &c->attachments[i]);
	for (size_t n = 0; n < b.len; n++)
		ck_assert_int_eq(call_get(b.data, n, &got), -1);
	ck_assert_int_eq(buf_putc(&b, '\0'), 0);
	ck_assert_int_eq(call_get(b.data, b.len, &got), -1);
	buf_fini(&b);
}
END_TEST

START_TEST(test_wrong)
{
	struct call got;

	ck_assert_int_eq(call_get("\4\0\0\0\0\0\0\0\0\0", 10, &got), -1);
	ck_assert_int_eq(call_get("\0\0\0\0\0\0\0\0\0\13", 10, &got), -1);
	ck_assert_int_eq(call_get("\0\377\377\377\377\0\0\0\0\0", 10, &got),
	    -1);
}
END_TEST

START_TEST(test_bound)
{
	struct buf b;

	buf_init(&b, 10);
	ck_assert_int_eq(call_put(&b, &calls[1]), -1);
	buf_fini(&b);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, test_round_trip, 0, COUNT(calls));
	tcase_add_test(t, test_wrong);
	tcase_add_test(t, test_bound);
	return unit_run("call", t);
}
