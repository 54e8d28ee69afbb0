/* Nothing is lost in a table, whatever is inserted and removed. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/table.h"
#include "unit.h"

#define ITEMS 20000

struct item {
	int number;
	char name[24];
	struct table_node node;
	bool seen;
};

static struct table t;
static struct item items[ITEMS];

static void
start(void)
{
	uint64_t seed[2];

	clock_random(seed, sizeof(seed));
	table_init(&t, seed);
	for (int i = 0; i < ITEMS; i++) {
		items[i].number = i;
		items[i].seen = false;
		snprintf(items[i].name, sizeof(items[i].name), "sid-%d", i);
	}
}

static void
stop(void)
{
	table_fini(&t);
}

static void
insert(int i)
{
	ck_assert_int_eq(table_insert(&t, &items[i].node, items[i].name,
	    strlen(items[i].name)), 0);
}

static struct item *
find(int i)
{
	struct table_node *node = table_find(&t, items[i].name,
	    strlen(items[i].name));

	return node != NULL ? TABLE_ENTRY(node, struct item, node) : NULL;
}

START_TEST(test_empty)
{
	ck_assert_ptr_null(find(0));
	ck_assert_ptr_null(table_first(&t));
	ck_assert_uint_eq(t.count, 0);
}
END_TEST

START_TEST(test_many)
{
	for (int i = 0; i < ITEMS; i++)
		insert(i);
	ck_assert_uint_eq(t.count, ITEMS);
	for (int i = 0; i < ITEMS; i++)
		ck_assert_int_eq(find(i)->number, i);
	for (int i = 0; i < ITEMS; i += 2)
		table_remove(&t, &items[i].node);
	ck_assert_uint_eq(t.count, ITEMS / 2);
	for (int i = 0; i < ITEMS; i++)
		ck_assert(i % 2 == 0 ? find(i) == NULL : find(i) == &items[i]);
	for (int i = 0; i < ITEMS; i += 2)
		insert(i);
	for (int i = 0; i < ITEMS; i++)
		ck_assert_ptr_eq(find(i), &items[i]);
}
END_TEST

/* Keys are bytes: length and zeros count. */
START_TEST(test_keys)
{
	ck_assert_int_eq(table_insert(&t, &items[0].node, "a\0b", 3), 0);
	ck_assert_int_eq(table_insert(&t, &items[1].node, "a\0c", 3), 0);
	ck_assert_int_eq(table_insert(&t, &items[2].node, "", 0), 0);
	ck_assert_ptr_eq(table_find(&t, "a\0b", 3), &items[0].node);
	ck_assert_ptr_eq(table_find(&t, "a\0c", 3), &items[1].node);
	ck_assert_ptr_eq(table_find(&t, "", 0), &items[2].node);
	ck_assert_ptr_null(table_find(&t, "a", 1));
}
END_TEST

START_TEST(test_walk_and_remove)
{
	struct table_node *node, *next;
	int n = 0;

	for (int i = 0; i < 1000; i++)
		insert(i);
	for (node = table_first(&t); node != NULL; node = next) {
		struct item *item = TABLE_ENTRY(node, struct item, node);

		next = table_next(&t, node);
		ck_assert(!item->seen);
		item->seen = true;
		if (item->number % 3 != 0)
			table_remove(&t, node);
		n++;
	}
	ck_assert_int_eq(n, 1000);
	ck_assert_uint_eq(t.count, 334);
	n = 0;
	for (node = table_first(&t); node != NULL; node = table_next(&t, node))
		n++;
	ck_assert_int_eq(n, 334);
}
END_TEST

/* Without the seed nobody can tell which slot a key goes to. */
START_TEST(test_seed)
{
	struct table other;
	static const uint64_t seeds[2][2] = { { 1, 2 }, { 1, 3 } };
	struct table_node a, b;

	table_fini(&t);
	table_init(&t, seeds[0]);
	table_init(&other, seeds[1]);
	ck_assert_int_eq(table_insert(&t, &a, "key", 3), 0);
	ck_assert_int_eq(table_insert(&other, &b, "key", 3), 0);
	ck_assert_uint_ne(a.hash, b.hash);
	table_fini(&other);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("table");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, test_empty);
	tcase_add_test(tc, test_many);
	tcase_add_test(tc, test_keys);
	tcase_add_test(tc, test_walk_and_remove);
	tcase_add_test(tc, test_seed);
	return unit_run("table", tc);
}
