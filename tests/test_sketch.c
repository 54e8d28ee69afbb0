/* Names of a schema that is written from a database, and its text. */
#include <stdlib.h>
#include <string.h>

#include "tool/schema_places.h"
#include "tool/sketch.h"
#include "unit.h"

static struct catalog catalog;
static struct sketch sketch;

static void
ignore(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

static void
setup(void)
{
	catalog = (struct catalog){ .dialect =
	    dialect_by_id(DIALECT_SQLITE) };
	sketch = (struct sketch){ .catalog = &catalog, .source = "db",
	    .note = ignore };
	arena_init(&sketch.arena);
}

static void
teardown(void)
{
	sketch_fini(&sketch);
}

static const struct {
	const char *name, *wanted;
} identifiers[] = {
	{ "Album", "Album" },
	{ "film_actor", "film_actor" },
	{ "Order Details", "Order_Details" },
	{ "a--b", "a_b" },
	{ "Total ($)", "Total" },
	{ "_id", "id" },
	{ "2fa", "x2fa" },
	{ "gr\xc3\xb6\xc3\x9f" "e", "gr_e" },
	{ "\xc3\xb6", "x" },
	{ "", "x" },
	{ "a_", "a_" },
};

START_TEST(test_identifier)
{
	ck_assert_str_eq(sketch_identifier(&sketch, identifiers[_i].name),
	    identifiers[_i].wanted);
}
END_TEST

static const struct {
	const char *column, *wanted;	/* NULL = stays as it is */
} subjects[] = {
	{ "artist_id", "artist" },
	{ "artistId", "artist" },
	{ "ArtistID", "Artist" },
	{ "ARTIST_ID", "ARTIST" },
	{ "Artist Id", "Artist" },
	{ "id", NULL },
	{ "Id", NULL },
	{ "paid", NULL },
	{ "PAID", NULL },
	{ "ReportsTo", NULL },
};

START_TEST(test_without_id)
{
	const char *got = sketch_without_id(&sketch, subjects[_i].column);

	if (subjects[_i].wanted == NULL)
		ck_assert_ptr_null(got);
	else
		ck_assert_str_eq(got, subjects[_i].wanted);
}
END_TEST

START_TEST(test_type_name)
{
	struct catalog_table tables[] = { { .name = "a b" },
	    { .name = "a_b" } };

	catalog.tables = tables;
	catalog.ntables = 2;
	/* who has the name already keeps it */
	ck_assert_str_eq(sketch_type_name(&sketch, "a b", "a b"), "a_b_2");
	ck_assert_str_eq(sketch_type_name(&sketch, "a_b", "a_b"), "a_b");
	ck_assert_str_eq(sketch_type_name(&sketch, "class", "class"),
	    "class_");
	ck_assert_str_eq(sketch_type_name(&sketch, "String", "String"),
	    "String_");
}
END_TEST

START_TEST(test_quoted)
{
	ck_assert_str_eq(sketch_quoted(&sketch, "a\"\\\n"),
	    "\"a\\\"\\\\\\u000a\"");
}
END_TEST

static const struct {
	enum scalar_type type;
	const char *fallback, *wanted;
} defaults[] = {
	{ SCALAR_INT, "((0))", " @default(0)" },
	{ SCALAR_INT, "'-1'::integer", " @default(-1)" },
	{ SCALAR_INT, "1.5", "" },
	{ SCALAR_INT, "(1)+(2)", "" },
	{ SCALAR_DECIMAL, "1.50", " @default(1.50)" },
	{ SCALAR_STRING, "'it''s'::character varying",
	    " @default(\"it's\")" },
	{ SCALAR_STRING, "(N'x')", " @default(\"x\")" },
	{ SCALAR_STRING, "'a::b'", " @default(\"a::b\")" },
	{ SCALAR_STRING, "'", "" },
	{ SCALAR_STRING, "lower('X')", "" },
	{ SCALAR_BOOLEAN, "b'1'", " @default(true)" },
	{ SCALAR_BOOLEAN, "FALSE", " @default(false)" },
	{ SCALAR_DATETIME, "CURRENT_TIMESTAMP", " @default(now())" },
	{ SCALAR_DATETIME, "(getdate())", " @default(now())" },
	{ SCALAR_DATETIME, "'2020-01-01'", "" },
	{ SCALAR_BYTES, "'x'", "" },
	{ SCALAR_STRING, NULL, "" },
};

START_TEST(test_default)
{
	const struct catalog_column c = { .type = defaults[_i].type,
	    .fallback = defaults[_i].fallback };

	ck_assert_str_eq(sketch_default(&sketch, &c), defaults[_i].wanted);
}
END_TEST

START_TEST(test_places)
{
	static const char text[] = "datasource d {\n provider = \"x\"\n}\n"
	    "// model A {\nmodel A {\n  id Int @id\n"
	    "  b  Int @default(\n    1)\n  /// }\n\n  @@map(\"}\")\n}\n"
	    "model B { id Int @id }\n";
	struct schema_places p;
	char *source = schema_places_source(text, strlen(text));

	ck_assert_str_eq(source, "d");
	free(source);
	ck_assert(schema_places_block(text, strlen(text), "A", &p));
	ck_assert_ptr_eq(text + p.members_end, strstr(text, "  /// }"));
	ck_assert_ptr_eq(text + p.close, strstr(text, "}\nmodel B"));
	ck_assert(p.close_alone && p.attrs);
	ck_assert(schema_places_block(text, strlen(text), "B", &p));
	ck_assert_ptr_eq(text + p.close, strrchr(text, '}'));
	ck_assert_uint_eq(p.members_end, p.close);
	ck_assert(!p.close_alone && !p.attrs);
	ck_assert(!schema_places_block(text, strlen(text), "C", &p));
}
END_TEST

/* A table without columns and keys of odd shapes end no run. */
START_TEST(test_write)
{
	struct catalog_column columns[] = {
		{ .name = "id", .declared = "INTEGER", .type = SCALAR_INT,
		    .native_args = { -1, -1 }, .automatic = true },
		{ .name = "the boss", .declared = "INTEGER",
		    .type = SCALAR_INT, .native_args = { -1, -1 },
		    .nullable = true },
	};
	struct catalog_key key = { .name = "", .kind = CATALOG_PRIMARY,
	    .n = 1, .columns = { &columns[0] } };
	struct catalog_foreign foreign = { .name = "0", .n = 1,
	    .from = { &columns[1] }, .to = { &columns[0] } };
	struct catalog_table tables[] = {
		{ .name = "empty" },
		{ .name = "person", .ncolumns = 2, .columns = columns,
		    .nkeys = 1, .keys = &key, .nforeign = 1,
		    .foreign = &foreign },
	};
	struct schema *schema;
	struct buf out;

	foreign.target = &tables[1];
	catalog.tables = tables;
	catalog.ntables = 2;
	buf_init(&out, 0);
	ck_assert_int_eq(sketch_make(&sketch), 0);
	ck_assert_int_eq(sketch_write(&sketch, NULL, 0, &out), 0);
	schema = schema_read("x", out.data, out.len, NULL, NULL);
	ck_assert_ptr_nonnull(schema);
	ck_assert_uint_eq(schema_nmodels(schema), 1);
	ck_assert_ptr_nonnull(schema_relation(schema_model_at(schema, 0),
	    "person_by_the_boss", 18));
	schema_free(&schema);
	buf_fini(&out);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("sketch");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, test_identifier, 0, COUNT(identifiers));
	tcase_add_loop_test(t, test_without_id, 0, COUNT(subjects));
	tcase_add_test(t, test_type_name);
	tcase_add_test(t, test_quoted);
	tcase_add_loop_test(t, test_default, 0, COUNT(defaults));
	tcase_add_test(t, test_places);
	tcase_add_test(t, test_write);
	return unit_run("sketch", t);
}
