/* Conditions and cursors in, a filter as text out. */
#include "model/filter_read.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "filter_kit.h"
#include "unit.h"

static const struct row {
	const char *where, *want;
} conditions[] = {
	/* Nothing said is no condition; what is empty joins nothing. */
	{ "{}", "and()" },
	{ "{\"AND\":[]}", "and()" },
	{ "{\"AND\":{}}", "and()" },
	{ "{\"AND\":[{},{}]}", "and()" },
	{ "{\"NOT\":[]}", "and()" },
	{ "{\"NOT\":{}}", "and()" },
	{ "{\"NOT\":[{},{}]}", "and()" },
	{ "{\"NOT\":{\"NOT\":{}}}", "and()" },
	{ "{\"NOT\":{\"name\":{}}}", "and()" },
	{ "{\"name\":{}}", "and()" },
	{ "{\"nick\":{\"not\":{}}}", "and()" },
	{ "{\"nick\":{\"mode\":\"default\"}}", "and()" },
	{ "{\"up\":{}}", "and()" },
	{ "{\"down\":{}}", "and()" },
	{ "{\"OR\":[]}", "or()" },
	{ "{\"OR\":[{}]}", "or()" },
	{ "{\"OR\":[{\"up\":{}}]}", "or()" },
	{ "{\"OR\":[{},{\"id\":1}]}", "id=1" },
	{ "{\"OR\":[{\"OR\":[]},{\"id\":1}]}", "or(or(), id=1)" },
	{ "{\"NOT\":[{},{\"id\":1}]}", "not(id=1)" },
	{ "{\"NOT\":{\"OR\":[]}}", "and()" },
	{ "{\"nick\":{\"notIn\":[]}}", "not(nick in )" },
	{ "{\"nick\":{\"in\":[]}}", "nick in " },

	/* Joints. */
	{ "{\"id\":1,\"a\":2}", "and(id=1, a=2)" },
	{ "{\"AND\":{\"id\":1,\"a\":2}}", "and(id=1, a=2)" },
	{ "{\"AND\":[{\"id\":1},{\"a\":2}],\"b\":3}",
	    "and(and(id=1, a=2), b=3)" },
	{ "{\"OR\":[{\"id\":1},{\"a\":2,\"b\":3}]}",
	    "or(id=1, and(a=2, b=3))" },
	{ "{\"NOT\":{\"id\":1,\"a\":2}}", "or(not(id=1), not(a=2))" },
	{ "{\"NOT\":[{\"id\":1},{\"a\":2}]}", "and(not(id=1), not(a=2))" },
	{ "{\"NOT\":{\"NOT\":{\"id\":1}}}", "id=1" },

	/* Operators. */
	{ "{\"id\":{\"equals\":1}}", "id=1" },
	{ "{\"id\":{\"not\":1}}", "not(id=1)" },
	{ "{\"id\":{\"not\":{\"gt\":3,\"lt\":6}}}", "and(not(id>3), not(id<6))" },
	{ "{\"id\":{\"not\":{\"not\":{\"gt\":3}}}}", "id>3" },
	{ "{\"id\":{\"not\":{\"not\":3}}}", "id=3" },
	{ "{\"id\":{\"not\":{\"in\":[1,2]}}}", "not(id in 1|2)" },
	{ "{\"id\":{\"in\":[3,1,2]}}", "id in 3|1|2" },
	{ "{\"id\":{\"notIn\":[1]}}", "not(id in 1)" },
	{ "{\"id\":{\"lt\":1,\"lte\":2,\"gt\":3,\"gte\":4}}",
	    "and(id<1, id<=2, id>3, id>=4)" },
	{ "{\"name\":{\"contains\":\"%\",\"startsWith\":\"_\","
	    "\"endsWith\":\"\\\\\"}}",
	    "and(name has '%', name starts '_', name ends '\\')" },
	{ "{\"name\":{\"contains\":\"\"}}", "name has ''" },
	{ "{\"name\":{\"contains\":\"A\",\"mode\":\"insensitive\"}}",
	    "name~ has 'A'" },
	{ "{\"name\":{\"mode\":\"insensitive\",\"not\":{\"in\":[\"x\"]},"
	    "\"gt\":\"b\"}}", "and(not(name~ in 'x'), name~>'b')" },
	{ "{\"name\":{\"contains\":\"A\",\"mode\":\"default\"}}",
	    "name has 'A'" },

	/* NULL. */
	{ "{\"nick\":null}", "nick is null" },
	{ "{\"nick\":{\"equals\":null}}", "nick is null" },
	{ "{\"nick\":{\"not\":null}}", "not(nick is null)" },
	{ "{\"nick\":{\"not\":{\"equals\":null}}}", "not(nick is null)" },
	{ "{\"nick\":{\"in\":null}}", "nick is null" },
	{ "{\"nick\":{\"notIn\":null}}", "not(nick is null)" },
	{ "{\"data\":null}", "data is null" },
	{ "{\"data\":{\"not\":null}}", "not(data is null)" },
	{ "{\"maybe\":{\"not\":null}}", "not(maybe is null)" },

	/* Types. */
	{ "{\"name\":\"\"}", "name=''" },
	{ "{\"name\":\"\\u00e9\\ud83d\\ude00\"}",
	    "name='\xc3\xa9\xf0\x9f\x98\x80'" },
	{ "{\"guid\":\"A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11\"}",
	    "guid='a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'" },
	{ "{\"guid\":{\"in\":[\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"],"
	    "\"mode\":\"insensitive\"}}",
	    "guid in 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'" },
	{ "{\"flag\":true}", "flag=1" },
	{ "{\"flag\":{\"not\":false}}", "not(flag=0)" },
	{ "{\"maybe\":{\"not\":{\"equals\":true}}}", "not(maybe=1)" },
	{ "{\"id\":-2147483648}", "id=-2147483648" },
	{ "{\"id\":2147483647}", "id=2147483647" },
	{ "{\"id\":1.0}", "id=1" },
	{ "{\"id\":1e3}", "id=1000" },
	{ "{\"big\":9223372036854775807}", "big=9223372036854775807" },
	{ "{\"big\":-9223372036854775808}", "big=-9223372036854775808" },
	{ "{\"big\":\"-9223372036854775808\"}", "big=-9223372036854775808" },
	{ "{\"big\":9007199254740993}", "big=9007199254740993" },
	{ "{\"ratio\":1}", "ratio=1" },
	{ "{\"ratio\":-1.5e-7}", "ratio=-1.5e-7" },
	{ "{\"ratio\":18446744073709551615}", "ratio=18446744073709552000" },
	{ "{\"price\":1}", "price='1'" },
	{ "{\"price\":0.1}", "price='0.1'" },
	{ "{\"price\":0.10000000000000000000000000001}",
	    "price='0.10000000000000000000000000001'" },
	{ "{\"price\":18446744073709551615}", "price='18446744073709551615'" },
	{ "{\"price\":\"012.50\"}", "price='12.5'" },
	{ "{\"price\":\"1e3\"}", "price='1000'" },
	{ "{\"price\":\"+.5\"}", "price='0.5'" },
	{ "{\"price\":\"5.\"}", "price='5'" },
	{ "{\"price\":\"-0.00\"}", "price='0'" },
	{ "{\"price\":1e22}", "price='10000000000000000000000'" },
	{ "{\"price\":\"-1.25E+22\"}", "price='-12500000000000000000000'" },
	{ "{\"price\":\"1234567890123456789012345.5\"}",
	    "price='1234567890123456789012345.5'" },
	{ "{\"price\":1e-7}", "price='0.0000001'" },
	{ "{\"price\":\"-12.5e-9\"}", "price='-0.0000000125'" },
	{ "{\"made\":\"1970-01-01T00:00:00Z\"}", "made=0" },
	{ "{\"made\":\"1970-01-01T00:00:00.000001Z\"}", "made=1" },
	{ "{\"made\":\"1969-12-31T23:59:59.9999999Z\"}", "made=-1" },
	{ "{\"made\":\"1970-01-01t01:00:00.5+01:00\"}", "made=500000" },
	{ "{\"made\":\"1969-12-31 18:30:00-05:30\"}", "made=0" },
	{ "{\"made\":\"0001-01-01T00:00:00Z\"}",
	    "made=-62135596800000000" },
	{ "{\"made\":\"9999-12-31T23:59:59.999999z\"}",
	    "made=253402300799999999" },
	{ "{\"kind\":\"SMALL\"}", "kind='s'" },
	{ "{\"kind\":{\"notIn\":[\"SMALL\",\"LARGE\"]}}",
	    "not(kind in 's'|'l')" },
	{ "{\"raw\":\"\"}", "raw=h" },
	{ "{\"raw\":\"AAEC\"}", "raw=000102h" },
	{ "{\"raw\":\"/+8=\"}", "raw=ffefh" },
	{ "{\"raw\":{\"in\":[\"AA==\"]}}", "raw in 00h" },

	/* Relations. */
	{ "{\"down\":{\"some\":{}}}", "down.exists(and())" },
	{ "{\"down\":{\"some\":{\"id\":1}}}", "down.exists(id=1)" },
	{ "{\"down\":{\"none\":{\"id\":1}}}", "not(down.exists(id=1))" },
	{ "{\"down\":{\"every\":{\"id\":1}}}",
	    "not(down.exists(not(id=1)))" },
	{ "{\"down\":{\"every\":{}}}", "not(down.exists(or()))" },
	{ "{\"down\":{\"some\":{\"id\":1},\"none\":{\"id\":2}}}",
	    "and(down.exists(id=1), not(down.exists(id=2)))" },
	{ "{\"up\":null}", "upId is null" },
	{ "{\"up\":{\"is\":null}}", "upId is null" },
	{ "{\"up\":{\"isNot\":null}}", "not(upId is null)" },
	{ "{\"NOT\":{\"up\":null}}", "not(upId is null)" },
	{ "{\"up\":{\"is\":{}}}", "up.exists(and())" },
	{ "{\"up\":{\"isNot\":{}}}", "not(up.exists(and()))" },
	{ "{\"up\":{\"AND\":[]}}", "up.exists(and())" },
	{ "{\"up\":{\"id\":1}}", "up.exists(id=1)" },
	{ "{\"up\":{\"up\":{\"name\":\"x\"}}}",
	    "up.exists(up.exists(name='x'))" },
	{ "{\"up\":{\"isNot\":{\"id\":1},\"is\":{\"a\":2}}}",
	    "and(or(not(up.exists(and())), up.exists(not(id=1))), "
	    "up.exists(a=2))" },
	{ "{\"NOT\":{\"up\":{\"id\":1}}}",
	    "or(not(up.exists(and())), up.exists(not(id=1)))" },
	{ "{\"NOT\":{\"a\":1,\"up\":{\"id\":{\"gt\":1,\"lt\":3}}}}",
	    "or(not(a=1), or(not(up.exists(and())), "
	    "up.exists(or(not(id>1), not(id<3)))))" },
	{ "{\"NOT\":{\"up\":{\"isNot\":{\"id\":1}}}}", "up.exists(id=1)" },
	{ "{\"down\":{\"every\":{\"up\":{\"id\":1}}}}",
	    "not(down.exists(or(not(up.exists(and())), "
	    "up.exists(not(id=1)))))" },
	{ "{\"down\":{\"none\":{\"up\":{\"id\":1}}}}",
	    "not(down.exists(up.exists(id=1)))" },
	{ "{\"NOT\":{\"down\":{\"some\":{\"NOT\":{\"id\":1}}}}}",
	    "not(down.exists(not(id=1)))" },
	{ "{\"label\":null}", "not(label.exists(and()))" },
	{ "{\"label\":{\"isNot\":null}}",
	    "label.exists(and())" },
	{ "{\"box\":{\"is\":{\"size\":null}}}", "box.exists(size is null)" },
	{ "{\"box\":{\"items\":{\"some\":{\"nick\":null}}}}",
	    "box.exists(items.exists(nick is null))" },
};

START_TEST(reads_conditions)
{
	kit_check(filter_read, "Item", conditions[_i].where,
	    conditions[_i].want);
}
END_TEST

static const struct {
	const char *model, *cursor, *want;
} cursors[] = {
	{ "Item", "{\"id\":5}", "id=5" },
	{ "Item", "{\"id\":5,\"name\":\"x\"}", "and(id=5, name='x')" },
	{ "Item", "{\"id\":5,\"name\":{\"not\":\"x\"}}",
	    "and(id=5, not(name='x'))" },
	{ "Item", "{\"id\":5,\"OR\":[{\"a\":1},{\"a\":2}]}",
	    "and(id=5, or(a=1, a=2))" },
	{ "Item", "{\"a_b\":{\"a\":1,\"b\":2}}", "and(a=1, b=2)" },
	{ "Item", "{\"a_b\":{\"a\":1,\"b\":2},\"id\":{\"gt\":1}}",
	    "and(and(a=1, b=2), id>1)" },
	{ "Item", "{\"b\":2,\"a\":1}", "and(b=2, a=1)" },
	{ "Label", "{\"itemId\":5}", "itemId=5" },
	{ "Item", "null", "BAD_OPTIONS: \"cursor\" holds null where an object "
	    "of conditions on Item was expected" },
	{ "Item", "[{\"id\":5}]", "BAD_OPTIONS: \"cursor\" holds an array "
	    "where an object of conditions on Item was expected" },
	{ "Item", "{}", "BAD_OPTIONS: \"cursor\" on Item names no row: the "
	    "value of id, or of guid, or of a and b was expected" },
	{ "Item", "{\"id\":{\"equals\":5}}", "BAD_OPTIONS: \"cursor\" on Item "
	    "names no row: the value of id, or of guid, or of a and b was "
	    "expected" },
	{ "Item", "{\"a\":5}", "BAD_OPTIONS: \"cursor\" on Item "
	    "names no row: the value of id, or of guid, or of a and b was "
	    "expected" },
	{ "Item", "{\"a_b\":{\"a\":5}}", "BAD_OPTIONS: \"cursor\" on Item "
	    "names no row: the value of id, or of guid, or of a and b was "
	    "expected" },
	{ "Item", "{\"guid\":null}", "BAD_OPTIONS: \"cursor\" on Item "
	    "names no row: the value of id, or of guid, or of a and b was "
	    "expected" },
	{ "Item", "{\"a_b\":5}", "BAD_OPTIONS: \"a_b\" holds a number where "
	    "an object of conditions on Item was expected" },
	{ "Item", "{\"id\":5,\"nme\":1}", "UNKNOWN_FIELD: unknown field "
	    "\"nme\" on Item; did you mean \"name\"?" },
	{ "Item", "{\"id\":\"5\"}", "BAD_OPTIONS: \"id\" of Item is \"5\" "
	    "where an integer of 32 bits was expected" },
	{ "Seen", "{\"line\":5}", "BAD_OPTIONS: Seen has no unique field, and "
	    "so no cursor" },
};

START_TEST(reads_cursors)
{
	kit_check(filter_read_cursor, cursors[_i].model, cursors[_i].cursor,
	    cursors[_i].want);
}
END_TEST

static const struct {
	const char *before, *what, *behind;
	size_t n;
	bool fits;
	size_t nparameters;
} counts[] = {
	{ "{\"id\":{\"in\":[", "7", "]}}", 16, true, 16 },
	{ "{\"id\":{\"in\":[", "7", "]}}", 17, true, 1 },
	{ "{\"id\":{\"in\":[", "7", "]}}", 50000, true, 1 },
	{ "{\"OR\":[", "{\"id\":1}", "]}", 1000, true, 1000 },
	{ "{\"OR\":[", "{\"id\":1}", "]}", 1001, false, 0 },
	{ "{\"OR\":[", "{\"nick\":null}", "]}", 1001, false, 0 },
	{ "{\"OR\":[", "{\"down\":{\"some\":{}}}", "]}", 1001, false, 0 },
	{ "{\"OR\":[", "{\"id\":{\"in\":[1,2,3,4,5,6,7,8]}}", "]}", 126,
	    false, 0 },
	{ "{\"OR\":[", "{}", "]}", 5000, true, 0 },
};

START_TEST(counts_conditions)
{
	struct arena arena;
	struct err err = { 0 };
	struct filter_scope scope = {
		.collector = &kit_collector, .arena = &arena, .err = &err,
	};
	char *text = kit_repeated(counts[_i].before, counts[_i].n, counts[_i].what,
	    counts[_i].behind);
	json_object *json = kit_parse(text);
	const struct filter *f;

	arena_init(&arena);
	f = filter_read(&scope, kit_collector.model, json);
	ck_assert_int_eq(f != NULL, counts[_i].fits);
	if (f == NULL)
		ck_assert_int_eq(err.code, ERR_LIMIT);
	else
		ck_assert_uint_eq(scope.nparameters, counts[_i].nparameters);
	json_object_put(json);
	arena_fini(&arena);
	free(text);
}
END_TEST

/* n times { before: ... } around a condition. */
static void
read_nested(size_t n, const char *before, struct buf *out)
{
	struct buf text;

	buf_init(&text, 0);
	for (size_t i = 0; i < n; i++)
		kit_put(&text, before);
	kit_put(&text, "{\"id\":1}");
	for (size_t i = 0; i < n; i++)
		kit_put(&text, "}");
	ck_assert_int_eq(buf_putc(&text, '\0'), 0);
	kit_read(filter_read, "Item", text.data, out);
	buf_fini(&text);
}

/* As deep as the options' JSON can be, and as relations can be. */
START_TEST(deepest)
{
	struct buf out;

	read_nested(512, "{\"NOT\":", &out);
	ck_assert_mem_eq(out.data, "id=1", out.len);
	buf_fini(&out);
	read_nested(FILTER_DEPTH_MAX, "{\"up\":", &out);
	ck_assert_mem_eq(out.data, "up.exists(", 10);
	buf_fini(&out);
	read_nested(FILTER_DEPTH_MAX + 1, "{\"up\":", &out);
	ck_assert_mem_eq(out.data, "LIMIT: conditions follow more than 6 "
	    "relations, the last of them \"up\" of Item", out.len);
	buf_fini(&out);
}
END_TEST

/* Without a kit_collector nothing is withheld. */
START_TEST(shows)
{
	const struct schema_model *m = kit_collector.model;
	const struct schema_field *lost = m->fields;

	ck_assert(!filter_shows(&kit_collector, kit_collector.hidden[0]));
	ck_assert(filter_shows(NULL, kit_collector.hidden[0]));
	ck_assert(filter_shows(&kit_collector, schema_field(m, "id", 2)));
	while (!lost->ignored)
		lost++;
	ck_assert(!filter_shows(NULL, lost));
	ck_assert(!filter_shows(NULL, schema_field(m, "shape", 5)));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("filter");

	tcase_add_checked_fixture(tc, kit_setup, kit_teardown);
	tcase_add_loop_test(tc, reads_conditions, 0, COUNT(conditions));
	tcase_add_loop_test(tc, reads_cursors, 0, COUNT(cursors));
	tcase_add_loop_test(tc, counts_conditions, 0, COUNT(counts));
	tcase_add_test(tc, deepest);
	tcase_add_test(tc, shows);
	return unit_run("filter", tc);
}
