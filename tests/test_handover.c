/* What one binary leaves, another one reads, and nothing else. */
#include <string.h>

#include "ipc/handover.h"
#include "unit.h"

static struct err err;

/* One of each kind, and values at their edges. */
static const struct handover_item items[] = {
	{ .kind = HANDOVER_MASTER, .fds = { -1, -1 }, .numbers = { 7 },
	  .flag = true, .text = { "/run/dalpuri.pid", 16 } },
	{ .kind = HANDOVER_VIEW, .fds = { 9, -1 } },
	{ .kind = HANDOVER_LISTENER, .fds = { 3, -1 },
	  .text = { "*:3000", 6 } },
	{ .kind = HANDOVER_CONTROL, .fds = { 4, -1 },
	  .text = { "/run/dalpuri.sock", 17 } },
	{ .kind = HANDOVER_CALLER, .fds = { 5, -1 } },
	{ .kind = HANDOVER_QUEUE, .fds = { 6, 2147483647 } },
	{ .kind = HANDOVER_WORKER, .fds = { 8, -1 },
	  .numbers = { 4294967295, 1, 0 } },
	{ .kind = HANDOVER_SESSION, .fds = { -1, -1 },
	  .numbers = { 4294967295 }, .flag = true,
	  .text = { "uXn6yYDhFYcU0VNlAAAB", 20 } },
	{ .kind = HANDOVER_COLLECTOR, .fds = { 10, -1 },
	  .numbers = { 5, 1, 2 } },
	{ .kind = HANDOVER_FRONT, .fds = { 11, -1 },
	  .text = { "192.0.2.1:4711", 14 }, .in = { "GET / HT\0TP", 11 },
	  .out = { "HTTP/1.1 200", 12 } }
};
#define ITEMS (sizeof(items) / sizeof(items[0]))

static struct buf
make(void)
{
	struct buf b;

	buf_init(&b, 0);
	ck_assert_int_eq(handover_put_head(&b, "0.9"), 0);
	for (size_t i = 0; i < ITEMS; i++)
		ck_assert_int_eq(handover_put(&b, &items[i]), 0);
	return b;
}

static void
assert_same(struct msg_bytes a, struct msg_bytes b)
{
	ck_assert_uint_eq(a.len, b.len);
	if (a.len > 0)
		ck_assert_mem_eq(a.data, b.data, a.len);
}

START_TEST(test_round_trip)
{
	struct buf b = make();
	struct wire_reader r = wire_reader(b.data, b.len);
	char version[HANDOVER_VERSION_MAX];
	struct handover_item item;

	ck_assert_int_eq(handover_get_head(&r, version, &err), 0);
	ck_assert_str_eq(version, "0.9");
	for (size_t i = 0; i < ITEMS; i++) {
		ck_assert_int_eq(handover_get(&r, &item), 1);
		ck_assert_int_eq(item.kind, items[i].kind);
		for (size_t k = 0; k < handover_fds(item.kind); k++)
			ck_assert_int_eq(item.fds[k], items[i].fds[k]);
		for (size_t k = 0; k < HANDOVER_NUMBERS; k++)
			ck_assert_uint_eq(item.numbers[k],
			    items[i].numbers[k]);
		ck_assert_int_eq(item.flag, items[i].flag);
		assert_same(item.text, items[i].text);
		assert_same(item.in, items[i].in);
		assert_same(item.out, items[i].out);
	}
	ck_assert_int_eq(handover_get(&r, &item), 0);
	ck_assert_int_eq(handover_check(b.data, b.len, &err), 0);
	buf_fini(&b);
}
END_TEST

/* It may end between two items, and nowhere else. */
START_TEST(test_cut_off)
{
	struct buf b = make();
	size_t whole = 0;

	for (size_t len = 0; len < b.len; len++)
		whole += handover_check(b.data, len, &err) == 0;
	ck_assert_uint_eq(whole, ITEMS - 1);
	buf_fini(&b);
}
END_TEST

START_TEST(test_other_form)
{
	struct buf b = make();

	b.data[8]++;
	ck_assert_int_eq(handover_check(b.data, b.len, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "0.9"));
	b.data[0]++;
	ck_assert_int_eq(handover_check(b.data, b.len, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "no state"));
	buf_fini(&b);
}
END_TEST

/* Kinds of a later version, no kind, a sid of another length, two masters. */
START_TEST(test_unsound)
{
	struct handover_item wrong = items[0];
	struct buf b = make();
	size_t len = b.len;

	ck_assert_int_eq(handover_put(&b, &wrong), 0);
	ck_assert_int_eq(handover_check(b.data, b.len, &err), -1);
	b.data[len] = HANDOVER_KINDS;
	ck_assert_int_eq(handover_check(b.data, b.len, &err), -1);
	b.data[len] = 0;
	ck_assert_int_eq(handover_check(b.data, b.len, &err), -1);
	b.len = len;
	wrong = (struct handover_item){ .kind = HANDOVER_SESSION,
	    .text = { "uXn6yYDhFYcU0VNlAAA", 19 } };
	ck_assert_int_eq(handover_put(&b, &wrong), 0);
	ck_assert_int_eq(handover_check(b.data, b.len, &err), -1);
	b.len = len;
	wrong = (struct handover_item){ .kind = HANDOVER_LISTENER,
	    .text = { "*:80\0", 5 } };
	ck_assert_int_eq(handover_put(&b, &wrong), 0);
	ck_assert_int_eq(handover_check(b.data, b.len, &err), -1);
	buf_fini(&b);
}
END_TEST

START_TEST(test_names)
{
	for (int i = 1; i < HANDOVER_KINDS; i++)
		ck_assert_ptr_nonnull(handover_name((enum handover_kind)i));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("handover");

	tcase_add_test(tc, test_round_trip);
	tcase_add_test(tc, test_cut_off);
	tcase_add_test(tc, test_other_form);
	tcase_add_test(tc, test_unsound);
	tcase_add_test(tc, test_names);
	return unit_run("handover", tc);
}
