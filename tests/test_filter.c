/* Conditions in, a filter as text out, or the refusal. */
#include "model/filter_read.h"

#include <check.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "model/plan.h"

static const char schema_text[] =
    "datasource db {\n"
    "  provider = \"postgresql\"\n"
    "}\n"
    "enum Kind {\n"
    "  SMALL @map(\"s\")\n"
    "  LARGE @map(\"l\")\n"
    "}\n"
    "model Item {\n"
    "  id Int @id\n"
    "  name String\n"
    "  nick String?\n"
    "  guid String? @unique @db.Uuid\n"
    "  flag Boolean\n"
    "  maybe Boolean?\n"
    "  amount Int?\n"
    "  big BigInt?\n"
    "  ratio Float?\n"
    "  price Decimal?\n"
    "  made DateTime?\n"
    "  kind Kind?\n"
    "  data Json?\n"
    "  must Json\n"
    "  raw Bytes?\n"
    "  tags String[]\n"
    "  secret String?\n"
    "  lost String? @ignore\n"
    "  shape Unsupported(\"geometry\")?\n"
    "  a Int\n"
    "  b Int\n"
    "  upId Int?\n"
    "  up Item? @relation(\"Up\", fields: [upId], references: [id])\n"
    "  down Item[] @relation(\"Up\")\n"
    "  boxId Int\n"
    "  box Box @relation(fields: [boxId], references: [id])\n"
    "  label Label?\n"
    "  @@unique([a, b])\n"
    "}\n"
    "model Box {\n"
    "  id Int @id\n"
    "  size Int?\n"
    "  items Item[]\n"
    "}\n"
    "model Label {\n"
    "  id Int @id\n"
    "  text String\n"
    "  itemId Int @unique\n"
    "  item Item @relation(fields: [itemId], references: [id])\n"
    "}\n"
    "model Log {\n"
    "  text String\n"
    "  line Int?\n"
    "  @@ignore\n"
    "}\n"
    "view Seen {\n"
    "  text String\n"
    "  line Int?\n"
    "}\n";

static struct schema *schema;
static struct collector collector;
static const struct schema_field *hidden[1];
static struct collector_alias aliases[1] = { { "title", "is now name" } };

static void
fault(void *ctx, const char *line)
{
	(void)ctx;
	ck_abort_msg("%s", line);
}

static void
setup(void)
{
	schema = schema_read("t.prisma", schema_text, strlen(schema_text),
	    fault, NULL);
	ck_assert_ptr_nonnull(schema);
	collector = (struct collector){
		.model = schema_model(schema, "Item", 4),
		.nhidden = 1,
		.hidden = hidden,
		.naliases = 1,
		.aliases = aliases,
	};
	hidden[0] = schema_field(collector.model, "secret", 6);
}

static void
teardown(void)
{
	schema_free(&schema);
}

/*
 * A filter as text
 */

static void
put(struct buf *out, const char *text)
{
	ck_assert_int_eq(buf_puts(out, text), 0);
}

static void
put_value(struct buf *out, const struct value *v)
{
	char number[NUM_TEXT_MAX];

	switch (v->kind) {
	case VALUE_INT:
		num_put_i64(number, v->u.i);
		put(out, number);
		break;
	case VALUE_FLOAT:
		num_put_double(number, v->u.f);
		put(out, number);
		break;
	case VALUE_TEXT:
		ck_assert_int_eq(buf_printf(out, "'%.*s'", (int)v->len,
		    v->u.text), 0);
		break;
	case VALUE_BYTES:
		for (size_t i = 0; i < v->len; i++)
			ck_assert_int_eq(buf_printf(out, "%02x",
			    (unsigned int)(unsigned char)v->u.text[i]), 0);
		put(out, "h");
		break;
	case VALUE_NULL:
		ck_abort_msg("a NULL in a filter");
	}
}

static const char *const signs[FILTER_KINDS] = {
	[FILTER_NULL] = " is null", [FILTER_EQUAL] = "=", [FILTER_LESS] = "<",
	[FILTER_LESS_EQUAL] = "<=", [FILTER_GREATER] = ">",
	[FILTER_GREATER_EQUAL] = ">=", [FILTER_IN] = " in ",
	[FILTER_CONTAINS] = " has ", [FILTER_STARTS] = " starts ",
	[FILTER_ENDS] = " ends "
};

static void
put_filter(struct buf *out, const struct filter *f)
{
	if (f->kind == FILTER_AND || f->kind == FILTER_OR ||
	    f->kind == FILTER_NOT || f->kind == FILTER_RELATED) {
		put(out, f->kind == FILTER_AND ? "and(" :
		    f->kind == FILTER_OR ? "or(" :
		    f->kind == FILTER_NOT ? "not(" : f->relation->name);
		if (f->kind == FILTER_RELATED)
			put(out, ".exists(");
		for (size_t i = 0; i < f->nparts; i++) {
			put(out, i > 0 ? ", " : "");
			put_filter(out, f->parts[i]);
		}
		put(out, ")");
		return;
	}
	ck_assert_ptr_nonnull(f->field);
	put(out, f->field->name);
	put(out, f->insensitive ? "~" : "");
	put(out, signs[f->kind]);
	for (size_t i = 0; i < f->nvalues; i++) {
		put(out, i > 0 ? "|" : "");
		put_value(out, &f->values[i]);
	}
}

static json_object *
parse(const char *text)
{
	json_tokener *tokener = json_tokener_new_ex(600);
	json_object *json;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	json = json_tokener_parse_ex(tokener, text, -1);
	ck_assert_msg(json_tokener_get_error(tokener) == json_tokener_success,
	    "not JSON: %s", text);
	json_tokener_free(tokener);
	return json;
}

typedef struct filter *reader(struct filter_scope *scope,
    const struct schema_model *m, json_object *json);

/* The filter as text, or the refusal; in out. */
static void
read_text(reader *read, const char *model, const char *text, struct buf *out)
{
	struct arena arena;
	struct err err = { 0 };
	struct filter_scope scope = {
		.collector = &collector, .arena = &arena, .err = &err,
	};
	const struct filter *f;
	json_object *json = parse(text);

	arena_init(&arena);
	buf_init(out, 0);
	f = read(&scope, schema_model(schema, model, strlen(model)), json);
	json_object_put(json);
	if (f != NULL)
		put_filter(out, f);
	else
		ck_assert_int_eq(buf_printf(out, "%s: %s",
		    err_code_name(err.code), err.text), 0);
	ck_assert_int_eq(f == NULL, err.code != ERR_NONE);
	arena_fini(&arena);
}

static void
check_text(reader *read, const char *model, const char *text,
    const char *want)
{
	struct buf out;

	read_text(read, model, text, &out);
	ck_assert_msg(strlen(want) == out.len &&
	    memcmp(want, out.data, out.len) == 0, "%s\n gives %.*s\n not   %s",
	    text, (int)out.len, out.data, want);
	buf_fini(&out);
}

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

	/* Refusals. */
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

START_TEST(reads_conditions)
{
	check_text(filter_read, "Item", conditions[_i].where,
	    conditions[_i].want);
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
	check_text(filter_read, "Item", where, want);
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
	check_text(filter_read_cursor, cursors[_i].model, cursors[_i].cursor,
	    cursors[_i].want);
}
END_TEST

/* {"id":{"in":[0,1,2...]}} and the like: n times what, between two texts. */
static char *
repeated(const char *before, size_t n, const char *what, const char *behind)
{
	struct buf out;

	buf_init(&out, 0);
	put(&out, before);
	for (size_t i = 0; i < n; i++) {
		put(&out, i > 0 ? "," : "");
		put(&out, what);
	}
	put(&out, behind);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	return out.data;
}

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
		.collector = &collector, .arena = &arena, .err = &err,
	};
	char *text = repeated(counts[_i].before, counts[_i].n, counts[_i].what,
	    counts[_i].behind);
	json_object *json = parse(text);
	const struct filter *f;

	arena_init(&arena);
	f = filter_read(&scope, collector.model, json);
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
		put(&text, before);
	put(&text, "{\"id\":1}");
	for (size_t i = 0; i < n; i++)
		put(&text, "}");
	ck_assert_int_eq(buf_putc(&text, '\0'), 0);
	read_text(filter_read, "Item", text.data, out);
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

/* Without a collector nothing is withheld. */
START_TEST(shows)
{
	const struct schema_model *m = collector.model;
	const struct schema_field *lost = m->fields;

	ck_assert(!filter_shows(&collector, hidden[0]));
	ck_assert(filter_shows(NULL, hidden[0]));
	ck_assert(filter_shows(&collector, schema_field(m, "id", 2)));
	while (!lost->ignored)
		lost++;
	ck_assert(!filter_shows(NULL, lost));
	ck_assert(!filter_shows(NULL, schema_field(m, "shape", 5)));
}
END_TEST

START_TEST(long_values)
{
	char *text = repeated("{\"id\":\"", 3000, "\xe4\xb8\xad", "\"}");
	struct buf out;

	read_text(filter_read, "Item", text, &out);
	ck_assert_uint_lt(out.len, 160);
	free(text);
	buf_fini(&out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("filter");
	TCase *tc = tcase_create("filter");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, reads_conditions, 0,
	    sizeof(conditions) / sizeof(*conditions));
	tcase_add_loop_test(tc, refuses_times, 0,
	    sizeof(no_times) / sizeof(*no_times));
	tcase_add_loop_test(tc, reads_cursors, 0,
	    sizeof(cursors) / sizeof(*cursors));
	tcase_add_loop_test(tc, counts_conditions, 0,
	    sizeof(counts) / sizeof(*counts));
	tcase_add_test(tc, deepest);
	tcase_add_test(tc, shows);
	tcase_add_test(tc, long_values);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
