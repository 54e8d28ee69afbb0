/* A run of bytes that grows up to its bound and never loses anything. */
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "unit.h"

static struct buf b;

static void
start(void)
{
	buf_init(&b, 0);
}

static void
stop(void)
{
	buf_fini(&b);
}

START_TEST(test_put)
{
	ck_assert_int_eq(buf_puts(&b, "ab"), 0);
	ck_assert_int_eq(buf_putc(&b, 'c'), 0);
	ck_assert_int_eq(buf_put(&b, NULL, 0), 0);
	ck_assert_int_eq(buf_printf(&b, "%d", 42), 0);
	ck_assert_uint_eq(b.len, 5);
	ck_assert_mem_eq(b.data, "abc42", 5);
}
END_TEST

START_TEST(test_bound)
{
	b.max = 3;
	ck_assert_int_eq(buf_puts(&b, "ab"), 0);
	ck_assert_int_eq(buf_puts(&b, "cd"), -1);
	ck_assert_int_eq(buf_printf(&b, "%s", "cd"), -1);
	ck_assert_uint_eq(b.len, 2);
	ck_assert_int_eq(buf_putc(&b, 'c'), 0);
	ck_assert_int_eq(buf_putc(&b, 'd'), -1);
	ck_assert_mem_eq(b.data, "abc", 3);
	ck_assert_ptr_null(buf_room(&b, SIZE_MAX));
}
END_TEST

START_TEST(test_room)
{
	char *p = buf_room(&b, 1000);

	ck_assert_ptr_nonnull(p);
	memset(p, 'x', 1000);
	buf_added(&b, 10);
	ck_assert_uint_eq(b.len, 10);
	ck_assert_ptr_nonnull(buf_room(&b, 0));
}
END_TEST

START_TEST(test_eat)
{
	ck_assert_int_eq(buf_puts(&b, "hello"), 0);
	buf_eat(&b, 2);
	ck_assert_uint_eq(b.len, 3);
	ck_assert_mem_eq(b.data, "llo", 3);
	buf_eat(&b, 3);
	buf_eat(&b, 0);
	ck_assert_uint_eq(b.len, 0);
}
END_TEST

START_TEST(test_printf_long)
{
	char text[1000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(buf_printf(&b, "<%s>", text), 0);
	ck_assert_uint_eq(b.len, sizeof(text) + 1);
	ck_assert_mem_eq(b.data + 1, text, sizeof(text) - 1);
	/* Exactly at the bound: no byte is lost to a terminator. */
	buf_fini(&b);
	b.max = sizeof(text) - 1;
	ck_assert_int_eq(buf_printf(&b, "%s", text), 0);
	ck_assert_uint_eq(b.len, b.max);
}
END_TEST

START_TEST(test_grow)
{
	for (int i = 0; i < 100000; i++)
		ck_assert_int_eq(buf_putc(&b, (char)('a' + i % 26)), 0);
	ck_assert_uint_eq(b.len, 100000);
	for (int i = 0; i < 100000; i++)
		ck_assert_int_eq(b.data[i], 'a' + i % 26);
}
END_TEST

START_TEST(test_clear_and_wipe)
{
	char *data;

	ck_assert_int_eq(buf_puts(&b, "secret"), 0);
	data = b.data;
	buf_clear(&b);
	ck_assert_uint_eq(b.len, 0);
	ck_assert_ptr_eq(b.data, data);
	b.max = 9;
	buf_wipe(&b);
	ck_assert_ptr_null(b.data);
	ck_assert_uint_eq(b.max, 9);
	buf_wipe(&b);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("buf");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, test_put);
	tcase_add_test(tc, test_bound);
	tcase_add_test(tc, test_room);
	tcase_add_test(tc, test_eat);
	tcase_add_test(tc, test_printf_long);
	tcase_add_test(tc, test_grow);
	tcase_add_test(tc, test_clear_and_wipe);
	return unit_run("buf", tc);
}
