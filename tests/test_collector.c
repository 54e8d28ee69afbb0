/* .collector files: the shipped ones, each key, and one row per fault. */
#include "model/collector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const char schema_text[] =
    "model Item {\n"
    "  id Int @id\n"
    "  name String\n"
    "  price Decimal\n"
    "  secret String @ignore\n"
    "  parts Part[]\n"
    "}\n"
    "model Part {\n"
    "  id Int @id\n"
    "  itemId Int\n"
    "  item Item @relation(fields: [itemId], references: [id])\n"
    "}\n"
    "view Blob {\n"
    "  a Unsupported(\"point\")\n"
    "}\n"
    "model Gone {\n"
    "  n Int\n"
    "  @@ignore\n"
    "}\n";

struct told {
	size_t n;
	char first[512];
};

static void
note(void *ctx, const char *line)
{
	struct told *t = ctx;

	if (t->n++ == 0)
		snprintf(t->first, sizeof(t->first), "%s", line);
}

static struct schema *
read_schema(const char *text)
{
	struct told told = { 0 };
	struct schema *s;

	s = schema_read("s", text, strlen(text), note, &told);
	ck_assert_msg(s != NULL, "%s", told.first);
	return s;
}

static struct collector *
read_good(const struct schema *s, const char *text)
{
	struct told told = { 0 };
	struct collector *c;

	c = collector_read(s, "items", "f", text, note, &told);
	ck_assert_msg(c != NULL, "%s", told.first);
	ck_assert_uint_eq(told.n, 0);
	return c;
}

static void
check_hint(const struct collector *c, const char *name, const char *want)
{
	const char *got = collector_hint(c, name, strlen(name));

	ck_assert_msg(got != NULL, "no hint for %s", name);
	ck_assert_str_eq(got, want);
}

START_TEST(defaults)
{
	struct schema *s = read_schema(schema_text);
	struct collector *c = read_good(s, "model = Item");

	ck_assert_str_eq(c->name, "items");
	ck_assert_str_eq(c->model->name, "Item");
	ck_assert_int_eq(c->max_rows, 0);
	ck_assert(!c->bytes_base64);
	ck_assert(!collector_hides(c, &c->model->fields[0]));
	ck_assert_ptr_null(collector_hint(c, "x", 1));
	ck_assert_ptr_null(c->defaults);
	ck_assert(!c->depth_limited && !c->snapshot && !c->coalesce);
	ck_assert_ptr_null(collector_filter(c, c->model));
	collector_free(&c);
	ck_assert_ptr_null(c);
	schema_free(&s);
}
END_TEST

/* The filter may name what is hidden from clients. */
static void
check_filter(const struct collector *c)
{
	const struct filter *f = collector_filter(c, c->model);

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->kind, FILTER_EQUAL);
	ck_assert_str_eq(f->field->name, "name");
	ck_assert_uint_eq(c->nfilters, 2);
}

/* Every key, in an order of its own, and both kinds of quotes. */
START_TEST(every_key)
{
	struct schema *s = read_schema(schema_text);
	const struct schema_model *part;
	struct collector *c;

	c = read_good(s,
	    "# what \"this\" is\r\n"
	    "alias { cost=price 'old bits' = \"parts\" } # one line\r\n"
	    "hint { gone = \"was \\\"removed\\\" # C:\\\\x\"\n"
	    "  name = 'is \\ withheld' }\n"
	    "hide = {\n  \"name\", # list\n  name, Part.id, Item.name\n}\n"
	    "defaults = '{ \"take\": 10,\r\n\t\"select\": [\"id\"] }'\n"
	    "where {\n  Item = '{\n    \"name\": \"x\"\n  }'\n"
	    "  Part = \"{}\"\n}\n"
	    "bytes = base64 snapshot = true max_depth = 0\n"
	    "coalesce = true\n"
	    "max_rows = 500 model = 'Item'");
	check_hint(c, "cost", "is now price");
	check_hint(c, "old bits", "is now parts");
	check_hint(c, "gone", "was \"removed\" # C:\\x");
	check_hint(c, "name", "is \\ withheld");
	ck_assert_ptr_null(collector_hint(c, "cost price", 3));
	ck_assert_uint_eq(c->nhidden, 2);
	ck_assert(collector_hides(c, schema_field(c->model, "name", 4)));
	ck_assert(!collector_hides(c, schema_field(c->model, "id", 2)));
	part = schema_model(s, "Part", 4);
	ck_assert(collector_hides(c, schema_field(part, "id", 2)));
	ck_assert_str_eq(c->defaults,
	    "{ \"take\": 10,\r\n\t\"select\": [\"id\"] }");
	check_filter(c);
	ck_assert(c->bytes_base64 && c->snapshot && c->depth_limited);
	ck_assert(c->coalesce);
	ck_assert_uint_eq(c->max_depth, 0);
	ck_assert_int_eq(c->max_rows, 500);
	collector_free(&c);
	c = read_good(s, "model = Item hide = name");
	ck_assert_uint_eq(c->nhidden, 1);
	collector_free(&c);
	schema_free(&s);
}
END_TEST

static const struct {
	const char *text, *want;
} rows[] = {
	{ "", "1: no \"model\", expected model = Name" },
	{ "# only this", "1: no \"model\"" },
	{ "model", "1: found the end of the file, expected \"=\" or \"{\"" },
	{ "model = ", "1: found the end of the file, expected a value" },
	{ "\nmodel = Itme", "2: unknown model \"Itme\": did you mean "
	    "\"Item\"?" },
	{ "model = Gone", "1: unknown model \"Gone\"" },
	{ "model = { Item }", "1: \"model\" is written wrongly, expected key = "
	    "value" },
	{ "model { }", "1: \"model\" is written wrongly" },
	{ "model = Item\nmodel = Item", "2: \"model\" is there already, in "
	    "line 1" },
	{ "modle = Item", "1: unknown key \"modle\": did you mean \"model\"?" },
	{ "model = Item\nwehre { id = 1 }", "2: unknown key \"wehre\": did you "
	    "mean \"where\"?" },
	{ "model = 'Item\nmax_rows = 5\nbytes = 'base64'", "3: a quote" },
	{ "model = Item\nbytes = 'base64\n'", "2: \"bytes\" goes over the end "
	    "of its line, expected a quote before it" },
	{ "model = Item\nhint { a = \"is\ngone\" }", "2: \"hint\" goes over "
	    "the end of its line" },
	{ "model = Item\n'a\nb'", "2: found \"a\", expected a key" },
	{ "model = Item\nhint { a = 'x' }\ndefaults = '{\n\n}' 'x'\n",
	    "5: found \"x\", expected a key" },
	{ "model = \"Item", "1: a quote without end" },
	{ "model = Item\n'", "2: a quote without end" },
	{ "model = \"It\x01m\"", "1: a control character or no UTF-8" },
	{ "model = \xff", "1: a control character or no UTF-8" },
	{ "}", "1: found \"}\", expected a key" },
	{ "model = Item\n= 3", "2: found \"=\", expected a key" },
	{ "model = Item\nhide = { name", "2: found the end of the file, "
	    "expected \",\" or \"}\"" },
	{ "model = Item\nhide = { name id }", "2: found \"id\", expected "
	    "\",\" or \"}\"" },
	{ "model = Item\nhide = {\n{ } }", "3: found \"{\", expected a value" },
	{ "model = Item\nhide = { nmae }", "2: unknown field \"nmae\": did you "
	    "mean \"name\"?" },
	{ "model = Item\nhide = { parts }", "2: unknown field \"parts\"" },
	{ "model = Item\nhide = { secret }", "2: unknown field \"secret\"" },
	{ "model = Item\nhide { name = 1 }", "2: \"hide\" is written wrongly" },
	{ "model = Item\nhide = { id, name, price }", "2: every field of "
	    "\"Item\" is hidden, expected at least one to be left" },
	{ "model = Item\nhide = { Part.id, Part.itemId }", "2: every field of "
	    "\"Part\" is hidden" },
	{ "model = Item\nhide = { Prat.id }", "2: unknown model \"Prat\": did "
	    "you mean \"Part\"?" },
	{ "model = Item\nhide = { Part.ib }", "2: unknown field \"ib\": did "
	    "you mean \"id\"?" },
	{ "model = Item\nhide = { Gone.n }", "2: unknown model \"Gone\"" },
	{ "model = Item\nmax_depth = many", "2: \"max_depth\" is \"many\", "
	    "expected a number up to 64, 0 for no relations" },
	{ "model = Item\nmax_depth = -1", "2: \"max_depth\" is \"-1\"" },
	{ "model = Item\nmax_depth = 65", "2: \"max_depth\" is \"65\"" },
	{ "model = Item\ncoalesce = 1", "2: \"coalesce\" is \"1\", "
	    "expected false or true" },
	{ "model = Item\nsnapshot = yes", "2: \"snapshot\" is \"yes\", "
	    "expected false or true" },
	{ "model = Item\ndefaults = '{\"take\"'", "2: \"defaults\": options "
	    "are not JSON: " },
	{ "model = Item\ndefaults = '[1]'", "2: \"defaults\" is an array, "
	    "expected an object of options in JSON" },
	{ "model = Item\ndefaults = { a }", "2: \"defaults\" is written "
	    "wrongly" },
	{ "model = Item\ndefaults = '{\"tkae\":1}'", "2: \"defaults\": unknown "
	    "option \"tkae\"; did you mean \"take\"?" },
	{ "model = Item\n\ndefaults = '{\n\"orderBy\":{\"nmae\":\"asc\"}}'",
	    "3: \"defaults\": unknown field \"nmae\" on Item; did you mean "
	    "\"name\"?" },
	{ "model = Item hide = name\ndefaults = '{\"orderBy\":{\"name\":"
	    "\"asc\"}}'", "2: \"defaults\": unknown field \"name\" on Item" },
	{ "model = Item max_depth = 0\ndefaults = '{\"include\":[\"parts\"]}'",
	    "2: \"defaults\": relations are nested deeper than max_depth of "
	    "this collector, which is 0" },
	{ "model = Item\nwhere = x", "2: \"where\" is written wrongly, "
	    "expected key { name = value }" },
	{ "model = Item\nwhere {\n Itme = '{}' }", "3: unknown model \"Itme\": "
	    "did you mean \"Item\"?" },
	{ "model = Item\nwhere {\n Item = '{}'\n Item = '{}' }", "4: \"Item\" "
	    "has a condition already, expected one for each model" },
	{ "model = Item\nwhere {\n Item = '{' }", "3: condition of \"Item\": "
	    "options are not JSON: " },
	{ "model = Item\nwhere {\n Item = 5 }", "3: condition of \"Item\": " },
	{ "model = Item\nwhere {\n Item =\n'{\"nmae\":\n\"x\"}' }",
	    "3: condition of \"Item\": unknown field \"nmae\" on Item; did you "
	    "mean \"name\"?" },
	{ "model = Item\nwhere {\n Part = '{\"id\":\"x\"}' }", "3: condition "
	    "of \"Part\": " },
	{ "model = Blob", "1: model Blob has no field that can be shown" },
	{ "model = Item\nmax_rows = many", "2: \"max_rows\" is \"many\"" },
	{ "model = Item\nmax_rows = -1", "2: \"max_rows\" is \"-1\"" },
	{ "model = Item\nmax_rows = 99999999999999999999",
	    "2: \"max_rows\" is" },
	{ "model = Item\nbytes = text", "2: \"bytes\" is \"text\", expected "
	    "attachment or base64" },
	{ "model = Item\nalias = price", "2: \"alias\" is written wrongly, "
	    "expected key { name = value }" },
	{ "model = Item\nalias {\n  cost = pirce\n}", "3: unknown field or "
	    "relation \"pirce\": did you mean \"price\"?" },
	{ "model = Item\nalias {\n  cost = secret\n}", "3: unknown field or "
	    "relation \"secret\"" },
	{ "model = Item\nalias { name = price }", "2: \"name\" is a member of "
	    "model \"Item\"" },
	{ "model = Item\nalias { parts = price }", "2: \"parts\" is a member" },
	{ "model = Item\nalias { a = price }\nhint { a = 'x' }", "3: \"a\" has "
	    "a hint already" },
	{ "model = Item\nhint { a = { b } }", "2: found \"{\", expected a "
	    "value" },
	{ "model = Item\nhint { a { b = c } }", "2: found \"{\", expected "
	    "\"=\"" },
	{ "model = Item\nhint {\n  a = b\n", "2: \"hint\" is not closed" },
};

START_TEST(row)
{
	struct schema *s = read_schema(schema_text);
	struct told told = { 0 };
	struct collector *c;
	char want[512];

	c = collector_read(s, "items", "f", rows[_i].text, note, &told);
	ck_assert_ptr_null(c);
	snprintf(want, sizeof(want), "f:%s", rows[_i].want);
	ck_assert_msg(strncmp(told.first, want, strlen(want)) == 0,
	    "got: %s\nnot: %s", told.first, want);
	schema_free(&s);
}
END_TEST

START_TEST(all_faults)
{
	struct schema *s = read_schema(schema_text);
	struct told told = { 0 };

	ck_assert_ptr_null(collector_read(s, "items", "f", "model = Item\n"
	    "colour = red\nhide = { a, b }\nbytes = 3\n= = =\n", note, &told));
	ck_assert_uint_eq(told.n, 5);
	schema_free(&s);
}
END_TEST

static const struct {
	const char *name;
	bool good;
} names[] = {
	{ "a", true }, { "_A9", true }, { "fetchCompanies", true },
	{ "", false }, { "9a", false }, { "a-b", false }, { "a.b", false },
	{ "a b", false }, { "\xc3\xa4", false }, { "connect", false },
	{ "connect_error", false }, { "disconnect", false },
	{ "disconnecting", false }, { "newListener", false },
	{ "removeListener", false }, { "Connect", true },
};

static bool
is_taken(const struct schema *s, const char *name)
{
	struct told told = { 0 };
	struct collector *c;
	bool taken;

	c = collector_read(s, name, "f", "model = Item", note, &told);
	taken = c != NULL;
	ck_assert(taken == (told.n == 0));
	collector_free(&c);
	return taken;
}

START_TEST(event_names)
{
	struct schema *s = read_schema(schema_text);
	char longest[129];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(is_taken(s, names[i].name) == names[i].good,
		    "%s", names[i].name);
	memset(longest, 'x', sizeof(longest));
	longest[128] = '\0';
	ck_assert(!is_taken(s, longest));
	longest[127] = '\0';
	ck_assert(is_taken(s, longest));
	schema_free(&s);
}
END_TEST

/*
 * The shipped files
 */

static char *
read_text(const char *name)
{
	const char *dir = getenv("srcdir");
	static char text[1 << 17];
	char path[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/conf/%s", dir != NULL ? dir : ".",
	    name);
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s", path);
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	return text;
}

static struct collector *
read_shipped(const struct schema *s, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "collectors/%s.collector", name);
	return read_good(s, read_text(path));
}

START_TEST(shipped)
{
	static const char *const files[][2] = {
		{ "fetchCompanies", "Company" },
		{ "fetchContacts", "Contact" },
		{ "fetchMembers", "Member" },
		{ "fetchOpportunities", "SoOpportunity" },
		{ "fetchProducts", "ProductCatalog" },
	};
	static const char *const old[][2] = {
		{ "catalogRecId", "is now ivItemRecId" },
		{ "cwCatalogId", "was removed" },
		{ "identifier", "is now itemId" },
		{ "productName", "is now description" },
		{ "price", "is now listPrice" },
		{ "cost", "is now currentCost" },
		{ "categoryRecId", "is now ivSubcatRecId" },
		{ "subcategoryRecId", "is now ivSubcatRecId" },
		{ "manufacturerPartNum", "is now mfgItemId" },
		{ "salesTaxableFlag", "is now taxableFlag" },
		{ "cwLastUpdated", "is now lastUpdate" },
		{ "category", "is now subcategory" },
		{ "vendor", "is now itemVendors" },
	};
	struct schema *s = read_schema(read_text("schema.prisma"));
	struct collector *c;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		c = read_shipped(s, files[i][0]);
		ck_assert_str_eq(c->model->name, files[i][1]);
		collector_free(&c);
	}
	c = read_shipped(s, "fetchProducts");
	ck_assert_uint_eq(c->naliases, sizeof(old) / sizeof(old[0]));
	for (i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		check_hint(c, old[i][0], old[i][1]);
	collector_free(&c);
	schema_free(&s);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("files");

	tcase_add_test(tc, defaults);
	tcase_add_test(tc, every_key);
	tcase_add_loop_test(tc, row, 0, COUNT(rows));
	tcase_add_test(tc, all_faults);
	tcase_add_test(tc, event_names);
	tcase_add_test(tc, shipped);
	return unit_run("collector", tc);
}
