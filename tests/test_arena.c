/* Memory of an arena: zeroed whoever had it before, apart, and counted. */
#include "model/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "unit.h"

static struct arena arena;

static void
start(void)
{
	arena_init(&arena);
}

static void
stop(void)
{
	arena_fini(&arena);
	ck_assert_uint_eq(arena_bytes(&arena), 0);
}

/* Take n bytes, which are zero, and leave something else in them. */
static unsigned char *
dirty(size_t n)
{
	unsigned char *p = arena_get(&arena, n, 1);

	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq((uintptr_t)p % alignof(max_align_t), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(p[i], 0);
	memset(p, 0xa5, n);
	return p;
}

START_TEST(test_zeroed_and_apart)
{
	unsigned char *pieces[300];

	for (int turn = 0; turn < 3; turn++) {
		for (size_t i = 0; i < 300; i++)
			pieces[i] = dirty(i * 7);
		for (size_t i = 0; i < 300; i++)
			for (size_t k = 0; k < i * 7; k++)
				ck_assert_uint_eq(pieces[i][k], 0xa5);
		arena_clear(&arena);
	}
}
END_TEST

START_TEST(test_bytes)
{
	size_t small, bytes;

	ck_assert_uint_eq(arena_bytes(&arena), 0);
	dirty(1);
	small = arena_bytes(&arena);
	ck_assert_uint_lt(small, 8 * 1024);
	for (size_t i = 0; i < 1000; i++)
		dirty(1000);
	bytes = arena_bytes(&arena);
	ck_assert_uint_ge(bytes, 1000 * 1000);
	ck_assert_uint_lt(bytes, 1100 * 1000 + 64 * 1024);
	dirty(1024 * 1024);
	ck_assert_uint_ge(arena_bytes(&arena), bytes + 1024 * 1024);
	/* What is kept is no more than what comes next may need. */
	arena_clear(&arena);
	ck_assert_uint_le(arena_bytes(&arena), 65 * 1024);
}
END_TEST

START_TEST(test_text)
{
	char *text;

	dirty(100);
	arena_clear(&arena);
	text = arena_text(&arena, "name=", 4);
	ck_assert_str_eq(text, "name");
	ck_assert_str_eq(arena_text(&arena, NULL, 0), "");
	ck_assert_str_eq(text, "name");
	ck_assert_ptr_null(arena_get(&arena, SIZE_MAX / 2, 4));
	ck_assert_ptr_nonnull(arena_get(&arena, 0, 4));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("arena");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, test_zeroed_and_apart);
	tcase_add_test(tc, test_bytes);
	tcase_add_test(tc, test_text);
	return unit_run("arena", tc);
}
