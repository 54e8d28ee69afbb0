/* A filter as text: and(...), not(...), id=1, down.exists(...). */
#include "filter_kit.h"

#include <check.h>
#include <json-c/json.h>
#include <string.h>

#include "base/num.h"

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
struct collector kit_collector;
static const struct schema_field *hidden[1];
static struct collector_alias aliases[1] = { { "title", "is now name" } };

static void
fault(void *ctx, const char *line)
{
	(void)ctx;
	ck_abort_msg("%s", line);
}

void
kit_setup(void)
{
	schema = schema_read("t.prisma", schema_text, strlen(schema_text),
	    fault, NULL);
	ck_assert_ptr_nonnull(schema);
	kit_collector = (struct collector){
		.model = schema_model(schema, "Item", 4),
		.nhidden = 1,
		.hidden = hidden,
		.naliases = 1,
		.aliases = aliases,
	};
	hidden[0] = schema_field(kit_collector.model, "secret", 6);
}

void
kit_teardown(void)
{
	schema_free(&schema);
}

/*
 * A filter as text
 */

void
kit_put(struct buf *out, const char *text)
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
		kit_put(out, number);
		break;
	case VALUE_FLOAT:
		num_put_double(number, v->u.f);
		kit_put(out, number);
		break;
	case VALUE_TEXT:
		ck_assert_int_eq(buf_printf(out, "'%.*s'", (int)v->len,
		    v->u.text), 0);
		break;
	case VALUE_BYTES:
		for (size_t i = 0; i < v->len; i++)
			ck_assert_int_eq(buf_printf(out, "%02x",
			    (unsigned int)(unsigned char)v->u.text[i]), 0);
		kit_put(out, "h");
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
		kit_put(out, f->kind == FILTER_AND ? "and(" :
		    f->kind == FILTER_OR ? "or(" :
		    f->kind == FILTER_NOT ? "not(" : f->relation->name);
		if (f->kind == FILTER_RELATED)
			kit_put(out, ".exists(");
		for (size_t i = 0; i < f->nparts; i++) {
			kit_put(out, i > 0 ? ", " : "");
			put_filter(out, f->parts[i]);
		}
		kit_put(out, ")");
		return;
	}
	ck_assert_ptr_nonnull(f->field);
	kit_put(out, f->field->name);
	kit_put(out, f->insensitive ? "~" : "");
	kit_put(out, signs[f->kind]);
	for (size_t i = 0; i < f->nvalues; i++) {
		kit_put(out, i > 0 ? "|" : "");
		put_value(out, &f->values[i]);
	}
}

json_object *
kit_parse(const char *text)
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

/* The filter as text, or the refusal; in out. */
void
kit_read(kit_reader *read, const char *model, const char *text, struct buf *out)
{
	struct arena arena;
	struct err err = { 0 };
	struct filter_scope scope = {
		.collector = &kit_collector, .arena = &arena, .err = &err,
	};
	const struct filter *f;
	json_object *json = kit_parse(text);

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

void
kit_check(kit_reader *read, const char *model, const char *text,
    const char *want)
{
	struct buf out;

	kit_read(read, model, text, &out);
	ck_assert_msg(strlen(want) == out.len &&
	    memcmp(want, out.data, out.len) == 0, "%s\n gives %.*s\n not   %s",
	    text, (int)out.len, out.data, want);
	buf_fini(&out);
}

/* {"id":{"in":[0,1,2...]}} and the like: n times what, between two texts. */
char *
kit_repeated(const char *before, size_t n, const char *what, const char *behind)
{
	struct buf out;

	buf_init(&out, 0);
	kit_put(&out, before);
	for (size_t i = 0; i < n; i++) {
		kit_put(&out, i > 0 ? "," : "");
		kit_put(&out, what);
	}
	kit_put(&out, behind);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	return out.data;
}
