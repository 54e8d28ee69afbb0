/* What is remembered of clients' addresses, and for how long. */
#include "master/address.h"

#include <stdio.h>

#include "unit.h"

#define A "192.0.2.1:4711"
#define B "192.0.2.2:4711"

static struct addresses *a;

static void
setup(void)
{
	a = addresses_new();
	ck_assert_ptr_nonnull(a);
}

static void
teardown(void)
{
	addresses_free(&a);
}

START_TEST(test_held)
{
	addresses_hold(a, A, 0, 1);
	addresses_hold(a, "192.0.2.1", 1, 1);
	addresses_hold(a, "[::ffff:192.0.2.1]:1", 2, 1);
	addresses_hold(a, B, 1, 1);
	ck_assert_uint_eq(addresses_held(a, A), 3);
	ck_assert_uint_eq(addresses_held(a, B), 1);
	ck_assert_uint_eq(addresses_held_in_all(a), 4);
	addresses_let(a, A, 0, 2);
	ck_assert_uint_eq(addresses_held(a, A), 2);
	addresses_let_all(a, 1, 2);
	ck_assert_uint_eq(addresses_held(a, A), 1);
	ck_assert_uint_eq(addresses_held(a, B), 0);
	addresses_let(a, A, 2, 2);
	ck_assert_uint_eq(addresses_held_in_all(a), 0);
}
END_TEST

/* A child can say anything. */
START_TEST(test_let_unheld)
{
	addresses_let(a, A, 1, 1);
	addresses_let(a, "nonsense", 1, 1);
	addresses_hold(a, "nonsense", 1, 1);
	addresses_hold(a, A, 0, 1);
	addresses_let(a, A, 1, 1);
	ck_assert_uint_eq(addresses_held(a, A), 1);
	ck_assert_uint_eq(addresses_held_in_all(a), 1);
}
END_TEST

START_TEST(test_v6_is_its_64)
{
	addresses_hold(a, "[2001:db8::1]:1", 0, 1);
	addresses_hold(a, "[2001:db8::ffff:1]:2", 0, 1);
	addresses_hold(a, "[2001:db8:0:1::1]:2", 0, 1);
	ck_assert_uint_eq(addresses_held(a, "2001:db8::9"), 2);
	ck_assert_uint_eq(addresses_count(a), 2);
}
END_TEST

/* How many of n events at now_ms pass. */
static int
passed(const char *who, int n, int64_t rate, uint64_t now_ms)
{
	int i, yes = 0;

	for (i = 0; i < n; i++) {
		if (!addresses_may(a, who, ADDRESS_HANDSHAKE, rate, now_ms))
			continue;
		addresses_event(a, who, ADDRESS_HANDSHAKE, rate, now_ms);
		yes++;
	}
	return yes;
}

START_TEST(test_rate)
{
	ck_assert_int_eq(passed(A, 20, 5, 1000), 5);
	ck_assert_int_eq(passed(B, 20, 5, 1000), 5);
	ck_assert_int_eq(passed(A, 20, 5, 1199), 0);
	ck_assert_int_eq(passed(A, 20, 5, 1200), 1);
	ck_assert_int_eq(passed(A, 20, 5, 1800), 3);
	ck_assert_int_eq(passed(A, 20, 5, 9000), 5);
	ck_assert(addresses_may(a, A, ADDRESS_FAILURE, 1, 9000));
	ck_assert_int_eq(passed(A, 20, 1, 20000), 1);
	/* Another rate after a reload. */
	ck_assert_int_eq(passed(A, 20, 10, 20000), 9);
}
END_TEST

START_TEST(test_events_above_the_rate_do_not_count)
{
	int i;

	for (i = 0; i < 100; i++)
		addresses_event(a, A, ADDRESS_FAILURE, 2, 1000);
	ck_assert(!addresses_may(a, A, ADDRESS_FAILURE, 2, 1499));
	ck_assert(addresses_may(a, A, ADDRESS_FAILURE, 2, 1500));
}
END_TEST

/* A flood of addresses is forgotten; who is connected is not. */
START_TEST(test_forgotten)
{
	char text[32];
	unsigned int i;

	addresses_hold(a, A, 1, 0);
	for (i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16,
		    i >> 8 & 255, i & 255);
		addresses_event(a, text, ADDRESS_HANDSHAKE, 5, i);
		ck_assert_uint_lt(addresses_count(a), 2100);
	}
	ck_assert_uint_eq(addresses_held(a, A), 1);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("address");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_held);
	tcase_add_test(t, test_let_unheld);
	tcase_add_test(t, test_v6_is_its_64);
	tcase_add_test(t, test_rate);
	tcase_add_test(t, test_events_above_the_rate_do_not_count);
	tcase_add_test(t, test_forgotten);
	return unit_run("address", t);
}
