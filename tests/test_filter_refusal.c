/* Conditions that are none: each is refused with a sentence of its own. */
#include "model/filter_read.h"

#include <stdio.h>
#include <stdlib.h>

#include "filter_kit.h"
#include "unit.h"

static const struct {
	const char *where, *want;
} refusals[] = {
	{ "null", "BAD_OPTIONS: \"where\" holds null where an object of "
	    "conditions on Item was expected" },
	{ "[]", "BAD_OPTIONS: \"where\" holds an array where an object of "
	    "conditions on Item was expected" },
	{ "5", "BAD_OPTIONS: \"where\" holds a number where an object of "
	    "conditions on Item was expected" },
	{ "{\"AND\":null}", "BAD_OPTIONS: \"AND\" holds null where an object "
	    "of conditions on Item was expected" },
	{ "{\"AND\":[null]}", "BAD_OPTIONS: \"AND\" holds null where an "
	    "object of conditions on Item was expected" },
	{ "{\"OR\":{}}", "BAD_OPTIONS: \"OR\" of Item is an object where an "
	    "array of objects was expected" },
	{ "{\"OR\":[5]}", "BAD_OPTIONS: \"OR\" holds a number where an "
	    "object of conditions on Item was expected" },
	{ "{\"nme\":1}", "UNKNOWN_FIELD: unknown field \"nme\" on Item; did "
	    "you mean \"name\"?" },
	{ "{\"title\":1}", "UNKNOWN_FIELD: unknown field \"title\" on Item: "
	    "it is now name" },
	{ "{\"secret\":\"x\"}",
	    "UNKNOWN_FIELD: unknown field \"secret\" on Item" },
	{ "{\"lost\":\"x\"}",
	    "UNKNOWN_FIELD: unknown field \"lost\" on Item; did you mean "
	    "\"must\"?" },
	{ "{\"up\":{\"secret\":\"x\"}}",
	    "UNKNOWN_FIELD: unknown field \"secret\" on Item" },
	{ "{\"shape\":null}",
	    "UNKNOWN_FIELD: unknown field \"shape\" on Item" },
	{ "{\"a_b\":{\"a\":1,\"b\":2}}",
	    "UNKNOWN_FIELD: unknown field \"a_b\" on Item; did you mean "
	    "\"a\"?" },
	{ "{\"adn\":[]}", "UNKNOWN_FIELD: unknown field \"adn\" on Item; did "
	    "you mean \"AND\"?" },
	{ "{\"name\":{\"startWith\":\"x\"}}", "BAD_OPTIONS: unknown operator "
	    "\"startWith\" on \"name\" of Item; did you mean "
	    "\"startsWith\"?" },
	{ "{\"id\":{\"contains\":1}}", "BAD_OPTIONS: operator \"contains\" is "
	    "none for \"id\" of Item, which takes equals, not, in, notIn, lt, "
	    "lte, gt, gte" },
	{ "{\"id\":{\"search\":1}}", "BAD_OPTIONS: operator \"search\" is "
	    "none for \"id\" of Item, which takes equals, not, in, notIn, lt, "
	    "lte, gt, gte" },
	{ "{\"flag\":{\"in\":[true]}}", "BAD_OPTIONS: operator \"in\" is none "
	    "for \"flag\" of Item, which takes equals, not" },
	{ "{\"guid\":{\"contains\":\"a\"}}", "BAD_OPTIONS: operator "
	    "\"contains\" is none for \"guid\" of Item, which takes equals, "
	    "not, in, notIn, lt, lte, gt, gte, mode" },
	{ "{\"kind\":{\"gt\":\"SMALL\"}}", "BAD_OPTIONS: operator \"gt\" is "
	    "none for \"kind\" of Item, which takes equals, not, in, notIn" },
	{ "{\"id\":{\"mode\":\"default\"}}", "BAD_OPTIONS: operator \"mode\" "
	    "is none for \"id\" of Item, which takes equals, not, in, notIn, "
	    "lt, lte, gt, gte" },
	{ "{\"name\":{\"mode\":\"x\"}}", "BAD_OPTIONS: \"name.mode\" of Item "
	    "is \"x\" where \"default\" or \"insensitive\" was expected" },
	{ "{\"name\":{\"mode\":null}}", "BAD_OPTIONS: \"name.mode\" of Item "
	    "is null where \"default\" or \"insensitive\" was expected" },
	{ "{\"tags\":{\"has\":\"x\"}}", "BAD_OPTIONS: \"tags\" of Item is a "
	    "list, and lists cannot be filtered here" },
	{ "{\"tags\":null}", "BAD_OPTIONS: \"tags\" of Item is a list, and "
	    "lists cannot be filtered here" },
	{ "{\"name\":null}", "BAD_OPTIONS: \"name\" of Item is null where a "
	    "value was expected: the field is required" },
	{ "{\"name\":{\"not\":null}}", "BAD_OPTIONS: \"name.not\" of Item is "
	    "null where a value was expected: the field is required" },
	{ "{\"name\":{\"in\":null}}", "BAD_OPTIONS: \"name.in\" of Item is "
	    "null where a value was expected: the field is required" },
	{ "{\"must\":null}", "BAD_OPTIONS: \"must\" of Item is null where a "
	    "value was expected: the field is required" },
	{ "{\"nick\":{\"in\":[\"x\",null]}}", "BAD_OPTIONS: \"nick.in\" of "
	    "Item is null where a string was expected" },
	{ "{\"nick\":{\"in\":\"x\"}}", "BAD_OPTIONS: \"nick.in\" of Item is "
	    "\"x\" where an array was expected" },
	{ "{\"nick\":{\"gt\":null}}", "BAD_OPTIONS: \"nick.gt\" of Item is "
	    "null where a string was expected" },
	{ "{\"nick\":{\"contains\":null}}", "BAD_OPTIONS: \"nick.contains\" "
	    "of Item is null where a string was expected" },
	{ "{\"name\":5}", "BAD_OPTIONS: \"name\" of Item is 5 where a string "
	    "was expected" },
	{ "{\"name\":[\"x\"]}", "BAD_OPTIONS: \"name\" of Item is an array "
	    "where a string was expected" },
	{ "{\"name\":{\"equals\":{\"a\":1}}}", "BAD_OPTIONS: \"name.equals\" "
	    "of Item is an object where a string was expected" },
	{ "{\"guid\":\"x\"}", "BAD_OPTIONS: \"guid\" of Item is \"x\" where a "
	    "uuid was expected" },
	{ "{\"guid\":\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g\"}",
	    "BAD_OPTIONS: \"guid\" of Item is "
	    "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g\" where a uuid was "
	    "expected" },
	{ "{\"flag\":1}", "BAD_OPTIONS: \"flag\" of Item is 1 where true or "
	    "false was expected" },
	{ "{\"flag\":\"true\"}", "BAD_OPTIONS: \"flag\" of Item is \"true\" "
	    "where true or false was expected" },
	{ "{\"id\":\"1\"}", "BAD_OPTIONS: \"id\" of Item is \"1\" where an "
	    "integer of 32 bits was expected" },
	{ "{\"id\":1.5}", "BAD_OPTIONS: \"id\" of Item is 1.5 where an "
	    "integer of 32 bits was expected" },
	{ "{\"id\":{\"gt\":2147483648}}", "BAD_OPTIONS: \"id.gt\" of Item is "
	    "2147483648 where an integer of 32 bits was expected" },
	{ "{\"id\":-2147483649}", "BAD_OPTIONS: \"id\" of Item is "
	    "-2147483649 where an integer of 32 bits was expected" },
	{ "{\"big\":9223372036854775808}", "BAD_OPTIONS: \"big\" of Item is "
	    "9223372036854775808 where an integer of 64 bits, as a number or "
	    "a string, was expected" },
	{ "{\"big\":\"1.5\"}", "BAD_OPTIONS: \"big\" of Item is \"1.5\" where "
	    "an integer of 64 bits, as a number or a string, was expected" },
	{ "{\"big\":\" 1\"}", "BAD_OPTIONS: \"big\" of Item is \" 1\" where "
	    "an integer of 64 bits, as a number or a string, was expected" },
	{ "{\"big\":1e19}", "BAD_OPTIONS: \"big\" of Item is 1e19 where "
	    "an integer of 64 bits, as a number or a string, was expected" },
	{ "{\"ratio\":\"1\"}", "BAD_OPTIONS: \"ratio\" of Item is \"1\" where "
	    "a number was expected" },
	{ "{\"ratio\":1e999}", "BAD_OPTIONS: \"ratio\" of Item is 1e999 where "
	    "a number was expected" },
	{ "{\"price\":\" 1\"}", "BAD_OPTIONS: \"price\" of Item is \" 1\" "
	    "where a number, or a string of one, was expected" },
	{ "{\"price\":\"\"}", "BAD_OPTIONS: \"price\" of Item is \"\" "
	    "where a number, or a string of one, was expected" },
	{ "{\"price\":\"NaN\"}", "BAD_OPTIONS: \"price\" of Item is \"NaN\" "
	    "where a number, or a string of one, was expected" },
	{ "{\"price\":\"1.2.3\"}", "BAD_OPTIONS: \"price\" of Item is "
	    "\"1.2.3\" where a number, or a string of one, was expected" },
	{ "{\"price\":\"1e1001\"}", "BAD_OPTIONS: \"price\" of Item is "
	    "\"1e1001\" where a number, or a string of one, was expected" },
	{ "{\"price\":true}", "BAD_OPTIONS: \"price\" of Item is a boolean "
	    "where a number, or a string of one, was expected" },
	{ "{\"kind\":\"SMAL\"}", "BAD_OPTIONS: \"kind\" of Item is \"SMAL\" "
	    "where a value of enum Kind was expected; did you mean "
	    "\"SMALL\"?" },
	{ "{\"kind\":\"s\"}", "BAD_OPTIONS: \"kind\" of Item is \"s\" where a "
	    "value of enum Kind was expected" },
	{ "{\"kind\":1}", "BAD_OPTIONS: \"kind\" of Item is 1 where a "
	    "value of enum Kind was expected" },
	{ "{\"data\":{\"equals\":5}}", "BAD_OPTIONS: \"data.equals\" of Item "
	    "is 5 where null (a Json field can be compared with nothing else) "
	    "was expected" },
	{ "{\"data\":{\"path\":[\"a\"]}}", "BAD_OPTIONS: operator \"path\" is "
	    "none for \"data\" of Item, which takes equals, not" },
	{ "{\"raw\":\"AAE\"}", "BAD_OPTIONS: \"raw\" of Item is \"AAE\" where "
	    "base64 text was expected" },
	{ "{\"raw\":\"A=AA\"}", "BAD_OPTIONS: \"raw\" of Item is \"A=AA\" "
	    "where base64 text was expected" },
	{ "{\"raw\":{\"gt\":\"AA==\"}}", "BAD_OPTIONS: operator \"gt\" is "
	    "none for \"raw\" of Item, which takes equals, not, in, notIn" },
	{ "{\"up\":5}", "BAD_OPTIONS: relation \"up\" of Item is a number "
	    "where an object or null was expected" },
	{ "{\"up\":{\"is\":5}}", "BAD_OPTIONS: \"is\" holds a number where an "
	    "object of conditions on Item was expected" },
	{ "{\"box\":null}", "BAD_OPTIONS: relation \"box\" of Item is null "
	    "where an object (it is never null) was expected" },
	{ "{\"box\":{\"isNot\":null}}", "BAD_OPTIONS: relation \"box\" of "
	    "Item is null where an object (it is never null) was expected" },
	{ "{\"up\":{\"some\":{}}}", "UNKNOWN_FIELD: unknown field \"some\" on "
	    "Item; did you mean \"name\"?" },
	{ "{\"up\":{\"is\":{},\"id\":1}}", "BAD_OPTIONS: unknown filter "
	    "\"id\" on relation \"up\" of Item, which takes \"is\" and "
	    "\"isNot\", or fields of it without these" },
	{ "{\"down\":null}", "BAD_OPTIONS: relation \"down\" of Item is null "
	    "where an object of \"some\", \"every\" and \"none\" was "
	    "expected" },
	{ "{\"down\":{\"some\":null}}", "BAD_OPTIONS: \"some\" holds null "
	    "where an object of conditions on Item was expected" },
	{ "{\"down\":{\"id\":1}}", "BAD_OPTIONS: unknown filter \"id\" on "
	    "relation \"down\" of Item, which takes \"some\", \"every\" and "
	    "\"none\"" },
};

START_TEST(refuses)
{
	kit_check(filter_read, "Item", refusals[_i].where, refusals[_i].want);
}
END_TEST

/* Each of these is no moment. */
static const char *const no_times[] = {
	"", "2000", "2000-01-01", "2000-01-01T00:00:00", "2000-01-01T00:00Z",
	"2000-01-01T00:00:00.Z", "2000-01-01T00:00:00+0530",
	"2000-01-01T00:00:00+05", "2000-01-01T00:00:00 Z",
	"2000-01-01T00:00:00 +05:00", "2000-01-01T00:00:00+05:30:15",
	"2000-01-01T00:00:00+24:00", "2000-01-01T00:00:00+05:60",
	"2000-02-30T00:00:00Z", "2000-13-01T00:00:00Z", "2000-01-01T24:00:00Z",
	"2000-01-01T23:59:60Z", "0000-01-01T00:00:00Z",
	"0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
	"+010000-01-01T00:00:00Z", "2000-01-01x00:00:00Z",
	"2000-01-01T00:00:00Zx", "20000101T000000Z", "infinity",
	"00:00:00.000000+01:00",
};

START_TEST(refuses_times)
{
	char where[80], want[200];

	(void)snprintf(where, sizeof(where), "{\"made\":{\"gte\":\"%s\"}}",
	    no_times[_i]);
	(void)snprintf(want, sizeof(want), "BAD_OPTIONS: \"made.gte\" of Item "
	    "is \"%s\" where a time with its zone, as "
	    "\"2024-01-31T12:00:00Z\", was expected", no_times[_i]);
	kit_check(filter_read, "Item", where, want);
}
END_TEST

START_TEST(long_values)
{
	char *text = kit_repeated("{\"id\":\"", 3000, "\xe4\xb8\xad", "\"}");
	struct buf out;

	kit_read(filter_read, "Item", text, &out);
	ck_assert_uint_lt(out.len, 160);
	free(text);
	buf_fini(&out);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("filter refusals");

	tcase_add_checked_fixture(tc, kit_setup, kit_teardown);
	tcase_add_loop_test(tc, refuses, 0, COUNT(refusals));
	tcase_add_loop_test(tc, refuses_times, 0, COUNT(no_times));
	tcase_add_test(tc, long_values);
	return unit_run("filter_refusal", tc);
}
