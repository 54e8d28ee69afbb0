/* Plans that are kept: whose they are, and that they are bounded. */
#include "collector/plans.h"

#include <stdio.h>
#include <string.h>

#include "ipc/fingerprint.h"
#include "unit.h"

static const char schema_text[] =
    "model Item {\n"
    "  id Int @id\n"
    "  name String\n"
    "  secret Boolean\n"
    "}\n";

/* With the second none is read: what it gives was kept. */
static const struct plan_limits usual = { 10, 10 }, none = { 0, 0 };

static struct schema *schema;
static struct collector *items, *open_items;
static struct plans plans;

static void
fault(void *ctx, const char *line)
{
	(void)ctx;
	ck_abort_msg("%s", line);
}

static struct collector *
collector_of(const char *text)
{
	struct collector *c = collector_read(schema, "items",
	    "items.collector", text, fault, NULL);

	ck_assert_ptr_nonnull(c);
	return c;
}

static void
use(int64_t n, int64_t bytes)
{
	const struct conf c = { .limits.plans = n,
	    .limits.plan_bytes = bytes };

	plans_use(&plans, &c);
}

static void
start(void)
{
	schema = schema_read("schema", schema_text, strlen(schema_text), fault,
	    NULL);
	ck_assert_ptr_nonnull(schema);
	items = collector_of("model = Item\n");
	open_items = collector_of("model = Item\n"
	    "where { Item = '{\"secret\":false}' }\n");
	plans_init(&plans);
	use(100, 1024 * 1024);
}

static void
stop(void)
{
	plans_forget(&plans);
	collector_free(&items);
	collector_free(&open_items);
	schema_free(&schema);
}

static const struct plan *
get(const struct collector *c, const char *options,
    const struct plan_limits *limits)
{
	const struct msg_bytes bytes = { options, strlen(options) };
	struct err err;

	return plans_get(&plans, c, &bytes, limits, &err);
}

static bool
is_kept(const struct collector *c, const char *options)
{
	return get(c, options, &none) != NULL;
}

START_TEST(test_same_again)
{
	const struct plan *p = get(items, "{\"select\":[\"id\"]}", &usual);

	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_eq(get(items, "{\"select\":[\"id\"]}", &usual), p);
	ck_assert(is_kept(items, "{\"select\":[\"id\"]}"));
	/* Byte for byte, and no beginning of it. */
	ck_assert(!is_kept(items, "{\"select\":[\"id\"] }"));
	ck_assert(!is_kept(items, "{\"select\":[\"ie\"]}"));
	ck_assert(!is_kept(items, "{\"select\":[\"id\"]"));
	ck_assert_uint_eq(plans.n, 1);
}
END_TEST

/* The same options under another collector, with a condition of its own. */
START_TEST(test_other_collector)
{
	const struct plan *p = get(items, "{\"take\":9}", &usual), *q;

	ck_assert(!is_kept(open_items, "{\"take\":9}"));
	q = get(open_items, "{\"take\":9}", &usual);
	ck_assert_ptr_nonnull(q);
	ck_assert_ptr_eq(q->root->collector, open_items);
	ck_assert_ptr_null(collector_filter(p->root->collector,
	    p->root->model));
	ck_assert_ptr_nonnull(collector_filter(q->root->collector,
	    q->root->model));
	ck_assert_ptr_eq(get(items, "{\"take\":9}", &usual), p);
	ck_assert_ptr_eq(get(open_items, "{\"take\":9}", &usual), q);
}
END_TEST

/* One of another generation has the same name, and perhaps the address. */
START_TEST(test_other_generation)
{
	struct collector *next = collector_of("model = Item\nhide = {name}\n");
	const struct plan *p;

	get(items, "{\"take\":9}", &usual);
	ck_assert(!is_kept(next, "{\"take\":9}"));
	p = get(next, "{\"take\":9}", &usual);
	ck_assert_uint_eq(p->root->nshown, 2);
	ck_assert(is_kept(items, "{\"take\":9}"));
	plans_forget(&plans);
	ck_assert(!is_kept(items, "{\"take\":9}"));
	ck_assert(!is_kept(next, "{\"take\":9}"));
	ck_assert_uint_eq(plans.bytes, 0);
	get(items, "{\"take\":9}", &usual);
	use(100, 1024 * 1024);
	ck_assert(!is_kept(items, "{\"take\":9}"));
	collector_free(&next);
}
END_TEST

START_TEST(test_oldest_goes)
{
	use(2, 1024 * 1024);
	get(items, "{\"take\":1}", &usual);
	get(items, "{\"take\":2}", &usual);
	get(items, "{\"take\":1}", &usual);
	get(items, "{\"take\":3}", &usual);
	ck_assert_uint_eq(plans.n, 2);
	ck_assert(is_kept(items, "{\"take\":1}"));
	ck_assert(!is_kept(items, "{\"take\":2}"));
	ck_assert(is_kept(items, "{\"take\":3}"));
}
END_TEST

START_TEST(test_memory)
{
	static char large[100 * 1024];
	char options[32];

	use(4096, 64 * 1024);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(options, sizeof(options), "{\"take\":%d}", i);
		ck_assert_ptr_nonnull(get(items, options, &usual));
		ck_assert_uint_le(plans.bytes, 64 * 1024);
	}
	ck_assert_uint_gt(plans.n, 4);
	ck_assert(is_kept(items, options));
	/* It would drive out all others. */
	memset(large, ' ', sizeof(large) - 1);
	memcpy(large, "{\"take\":9}", 10);
	ck_assert_ptr_nonnull(get(items, large, &usual));
	ck_assert(!is_kept(items, large));
	ck_assert(is_kept(items, options));
}
END_TEST

START_TEST(test_none)
{
	use(0, 64 * 1024);
	ck_assert_ptr_nonnull(get(items, "{\"take\":9}", &usual));
	ck_assert(!is_kept(items, "{\"take\":9}"));
}
END_TEST

/* Kept or not, poison must be found by it. */
START_TEST(test_fingerprint)
{
	struct queue_request q = { .collector = "items",
	    .options = { "{\"take\":9}", 10 } };
	uint64_t print = fingerprint("items", "{\"take\":9}", 10);

	ck_assert(plans_fingerprint(&plans, NULL, &q) == print);
	ck_assert(plans_fingerprint(&plans, items, &q) == print);
	get(items, "{\"take\":9}", &usual);
	ck_assert(plans_fingerprint(&plans, items, &q) == print);
	ck_assert(plans_fingerprint(&plans, open_items, &q) == print);
	q.options = (struct msg_bytes){ "{\"take\":8}", 10 };
	ck_assert(plans_fingerprint(&plans, items, &q) != print);
	q.options.len = 0;
	get(items, "", &usual);
	ck_assert(plans_fingerprint(&plans, items, &q) ==
	    fingerprint("items", "", 0));
}
END_TEST

START_TEST(test_refusal)
{
	struct err err;
	const struct msg_bytes wrong = { "{\"take\":\"x\"}", 12 };

	for (int i = 0; i < 2; i++) {
		ck_assert_ptr_null(plans_get(&plans, items, &wrong, &usual,
		    &err));
		ck_assert_int_eq(err.code, ERR_BAD_OPTIONS);
	}
	ck_assert_uint_eq(plans.n, 0);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		test_same_again, test_other_collector, test_other_generation,
		test_oldest_goes, test_memory, test_none, test_fingerprint,
		test_refusal,
	};
	TCase *tc = tcase_create("plans");

	tcase_add_checked_fixture(tc, start, stop);
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_test(tc, tests[i]);
	return unit_run("plans", tc);
}
