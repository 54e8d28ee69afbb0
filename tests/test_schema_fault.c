/*
 * Schemas that are not good: one row per fault, with its place and the words
 * that tell it.
 */
#include "model/schema.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

/* Around a line of interest, which is the second. */
#define IN_MODEL(line) "model A {\n" line "\n  id Int @id\n}\n"
#define IN_BLOCK(line) "model A {\n  id Int @id\n  n Int?\n" line "\n}\n"

/* A relation member in A, the second line, and one in B, the seventh. */
#define PAIR(a, b)							\
	"model A {\n" a "\n  id Int @id\n  x Int?\n}\n"			\
	"model B {\n" b "\n  id Int @id\n  y Int\n  z Int? @unique\n"	\
	"  s String\n}\n"

static const struct {
	const char *text, *want;
} rows[] = {
	/* words */
	{ "model A\x01 {", "1:8: a character that has no meaning" },
	{ "model _A {\n}", "1:7: a name must start with a letter" },
	{ "model A-B {\n}", "1:7: a name must not hold \"-\"" },
	{ "model 9A {\n}", "1:7: a name must start with a letter" },
	{ "/* open", "1:1: a comment without end, expected */" },
	{ "\n /*/ model A {", "2:2: a comment without end" },
	{ "/// \xff", "1:5: a comment must be UTF-8" },
	{ IN_MODEL("  s String @map(\"a"), "2:17: a string without end" },
	{ IN_MODEL("  s String @map(\"\xc3\xa4\xff\")"),
	    "2:19: a string must be UTF-8" },
	{ IN_MODEL("  s String @map(\"a\x02\")"),
	    "2:19: a string must not hold a control" },
	{ IN_MODEL("  s String @map(\"\\q\")"), "2:18: unknown escape" },
	{ IN_MODEL("  s String @map(\"\\u00zz\")"), "2:18: unknown escape" },
	{ IN_MODEL("  s String @map(\"\\ud800\")"), "2:18: unknown escape" },
	{ IN_MODEL("  s String @map(\"\\u0000\")"), "2:18: unknown escape" },

	/* blocks */
	{ "modle A {\n}\n", "1:1: found \"modle\", expected model, view" },
	{ "type A {\n  s String\n}\n", "1:1: found \"type\", expected model, "
	    "view or enum: composite types" },
	{ "}", "1:1: found \"}\", expected model" },
	{ "model {\n}", "1:7: found \"{\", expected the name of the block" },
	{ "model A\n{\n}", "1:8: found the end of the line, expected \"{\"" },
	{ "model A {\n  id Int @id\n", "1:9: \"A\" is not closed" },
	{ "model A {\n  id Int @id\nmodel B {\n  id Int @id\n}\n",
	    "3:9: found \"{\" inside \"A\", expected its \"}\" before" },
	{ "datasource db {\n  url\n}", "2:6: found the end of the line, "
	    "expected \"=\"" },
	{ "generator x {\n  a = \n}", "2:7: found the end of the line, "
	    "expected a value" },
	{ "datasource a {\n}\ndatasource b {\n}",
	    "3:12: \"b\" is a second datasource" },
	{ "model A {\n  id Int @id\n}\nmodel A {\n  id Int @id\n}\n",
	    "4:7: \"A\" is there already, in line 1" },
	{ "enum A {\n  X\n}\nmodel A {\n  id Int @id\n}\n",
	    "4:7: \"A\" is there already, in line 1" },
	{ "model String {\n  id Int @id\n}\n",
	    "1:7: \"String\" is a reserved word" },
	{ "enum class {\n  X\n}\n", "1:6: \"class\" is a reserved word" },
	{ "model A {\n}\n", "1:7: \"A\" has no field of its own" },
	{ "model A {\n  n Int\n}\n", "1:7: model \"A\" has no unique key" },
	{ "model A {\n  n Int? @unique\n}\n",
	    "1:7: model \"A\" has no unique key" },
	{ "model A {\n  id Int @id\n}\nmodel B {\n  id Int @id\n"
	    "  @@map(\"A\")\n}\n",
	    "4:7: \"A\" and \"B\" are the same table \"A\"" },
	{ "enum E {\n}\n", "1:6: enum \"E\" is empty" },
	{ "enum E {\n  X\n  X\n}\n", "3:3: \"X\" is there already, in line 2" },
	{ "enum E {\n  X @id\n}\n", "2:5: unknown attribute \"id\", expected "
	    "an attribute of an enum's value" },
	{ "enum E {\n  X\n  @@index([X])\n}\n",
	    "3:3: unknown attribute \"index\"" },
	{ "enum E {\n  X String\n}\n", "2:5: found \"String\", expected an "
	    "attribute or the end of the line" },

	/* fields */
	{ IN_MODEL("  n"), "2:4: found the end of the line, expected a type" },
	{ IN_MODEL("  n: Int"), "2:4: found \":\", expected a type" },
	{ IN_MODEL("  n Strng"), "2:5: unknown type \"Strng\", expected a "
	    "scalar type, an enum or a model: did you mean \"String\"?" },
	{ IN_MODEL("  n Qwxyz"), "2:5: unknown type \"Qwxyz\"" },
	{ IN_MODEL("  n Int[]?"), "2:10: found \"?\", expected no \"?\"" },
	{ IN_MODEL("  n Int["), "2:9: found the end of the line" },
	{ IN_MODEL("  n Int("), "2:8: found \"(\", expected the end of the" },
	{ IN_MODEL("  n Unsupported(x)"), "2:17: found \"x\", expected the "
	    "database's type" },
	{ IN_MODEL("  id Int"), "3:3: \"id\" is there already, in line 2" },
	{ IN_MODEL("  NOT Int"), "2:3: \"NOT\" is a reserved word" },
	{ IN_MODEL("  n Int @map(\"id\")"),
	    "3:3: \"n\" and \"id\" are the same column \"id\"" },
	{ IN_MODEL("  n Int id Int"), "2:9: found \"id\", expected an "
	    "attribute or the end of the line" },
	{ IN_MODEL("  n Int @@id"), "2:9: found \"@@\", expected an" },
	{ IN_MODEL("  n Int @"), "2:10: found the end of the line, expected "
	    "the name of an attribute" },

	/* attributes */
	{ IN_MODEL("  n Int @defualt(1)"), "2:9: unknown attribute "
	    "\"defualt\", expected an attribute of a field: did you mean "
	    "\"default\"?" },
	{ IN_MODEL("  n Int @pg.Integer"),
	    "2:9: unknown attribute \"pg.Integer\"" },
	{ IN_MODEL("  n Int @db.a.b"), "2:14: found \".\", expected an "
	    "attribute or the end of the line" },
	{ IN_MODEL("  n Int @db."), "2:13: found the end of the line" },
	{ IN_MODEL("  n Int @id"), "3:10: a second primary key" },
	{ "model A {\n  id Int @id\n  n Int\n  @@id([n])\n}\n",
	    "4:3: a second primary key" },
	{ IN_MODEL("  n Int @unique @unique"),
	    "2:17: attribute \"unique\" stands here twice" },
	{ "model A {\n  id Int? @id\n}\n",
	    "2:11: \"id\" cannot be in a primary key" },
	{ IN_MODEL("  n Int @map"), "2:9: \"map\" says nothing, expected its "
	    "argument \"name\"" },
	{ IN_MODEL("  n Int @map(\"\")"), "2:14: unusable value of \"name\", "
	    "expected a string that is not empty" },
	{ IN_MODEL("  n Int @map(x)"), "2:14: unusable value of \"name\"" },
	{ IN_MODEL("  n Int @unique(sort: Up)"),
	    "2:23: unusable value of \"sort\", expected Asc or Desc" },
	{ IN_MODEL("  n Int @unique(srot: Asc)"), "2:17: unknown argument "
	    "\"srot\", expected one that is defined here: did you mean "
	    "\"sort\"?" },
	{ IN_MODEL("  n Int @unique(map: \"a\", map: \"b\")"),
	    "2:27: argument \"map\" is given twice" },
	{ IN_MODEL("  n Int @ignore(1)"), "2:17: a value without a name, "
	    "expected no argument" },
	{ IN_MODEL("  n Int @unique(clustered: 1)"),
	    "2:28: unusable value of \"clustered\", expected true or false" },
	{ IN_MODEL("  n Int @updatedAt"), "2:9: @updatedAt on \"n\"" },
	{ IN_MODEL("  n Int @relation(\"a\")"),
	    "2:9: unknown attribute \"relation\"" },
	{ IN_MODEL("  n Int @default(1,)"), "2:20: found \")\", expected" },
	{ IN_MODEL("  n Int @default(1 2)"),
	    "2:20: found \"2\", expected \",\" or \")\"" },
	{ IN_MODEL("  n Int @default(\"x\")"), "2:18: unusable default of "
	    "\"n\", expected a function or a value of type Int" },
	{ IN_MODEL("  n Boolean @default(yes)"),
	    "2:22: unusable default of \"n\"" },
	{ IN_MODEL("  n Int @default([1])"),
	    "2:18: unusable default of \"n\"" },
	{ IN_MODEL("  n Int[] @default([1, x])"),
	    "2:24: unusable default of \"n\"" },
	{ "model A {\n  id Int @id\n  e E @default(Z)\n}\nenum E {\n  X\n}\n",
	    "3:16: unusable default of \"e\", expected a function or a value "
	    "of type E" },
	{ IN_MODEL("  n Int @default([[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]])"),
	    "2:33: brackets are nested too deeply" },
	{ IN_MODEL("  n String @db.VarChar(1, 2, 3)"),
	    "2:30: unusable argument of @db.VarChar" },
	{ IN_MODEL("  n String @db.VarChar(-1)"), "2:24: unusable number" },
	{ IN_MODEL("  n String @db.VarChar(9999999999)"),
	    "2:24: unusable number" },

	/* attributes of models */
	{ IN_BLOCK("  @@idx([n])"), "4:3: unknown attribute \"idx\"" },
	{ IN_BLOCK("  @@index"), "4:3: \"index\" says nothing, expected its "
	    "argument \"fields\"" },
	{ IN_BLOCK("  @@index(n)"), "4:11: unusable value of \"fields\", "
	    "expected a list of fields such as [a, b]" },
	{ IN_BLOCK("  @@index([])"), "4:11: unusable value of \"fields\"" },
	{ IN_BLOCK("  @@index([nn])"), "4:12: unknown field \"nn\", expected a "
	    "field of the model: did you mean \"n\"?" },
	{ IN_BLOCK("  @@index([n, n])"), "4:15: \"n\" is named twice" },
	{ IN_BLOCK("  @@index([n(sort: 1)])"),
	    "4:20: unusable value of \"sort\"" },
	{ IN_BLOCK("  @@unique([n(foo: 1)])"),
	    "4:15: unknown argument \"foo\"" },
	{ IN_BLOCK("  @@map(\"x\") @@ignore"),
	    "4:14: found \"@@\", expected the end of the line" },
	{ IN_BLOCK("  @@map(\"x\")\n  @@map(\"y\")"),
	    "5:3: attribute \"map\" stands here twice" },
	{ "model A {\n  n Int?\n  @@id([n])\n}\n",
	    "3:3: \"n\" cannot be in a primary key" },

	/* relations */
	{ PAIR("  bs B[]", ""),
	    "2:3: relation \"bs\" has no opposite side, expected a member of "
	    "type A in \"B\"" },
	{ PAIR("  bs B[] @relation(\"r\")", "  a A @relation(\"q\", "
	    "fields: [y], references: [id])"),
	    "2:3: the relation name \"r\" is used by \"bs\" only" },
	{ PAIR("  bs B[]\n  cs B[]", "  a A @relation(fields: [y], "
	    "references: [id])"),
	    "3:3: \"bs\" and \"cs\" both lead to \"B\"" },
	{ PAIR("  bs B[] @relation(\"r\")", "  a A @relation(\"r\", "
	    "fields: [y], references: [id])\n  b A @relation(\"r\", "
	    "fields: [y], references: [id])"),
	    "8:3: the relation name \"r\" of \"b\" is used by more than two" },
	{ PAIR("  bs B[]", "  a A"), "7:3: neither \"bs\" nor \"a\" says "
	    "which fields join them" },
	{ PAIR("  bs B[]", "  a A[]"), "2:3: \"bs\" and \"a\" are both lists, "
	    "expected a model of its own for the table between them" },
	{ PAIR("  bs B[] @relation(fields: [id], references: [y])", "  a A"),
	    "2:3: \"bs\" is a list and has \"fields\"" },
	{ PAIR("  b B @relation(fields: [id], references: [id])",
	    "  a A? @relation(fields: [id], references: [id])"),
	    "7:3: both \"b\" and \"a\" have \"fields\"" },
	{ PAIR("  bs B[]", "  a A @relation(fields: [y])"),
	    "7:7: @relation has \"fields\" without \"references\"" },
	{ PAIR("  bs B[]", "  a A @relation(references: [id])"),
	    "7:7: @relation has \"references\" without \"fields\"" },
	{ PAIR("  bs B[]", "  a A @relation(fields: [q], references: [id])"),
	    "7:26: unknown field \"q\"" },
	{ PAIR("  bs B[]", "  a A @relation(fields: [a], references: [id])"),
	    "7:26: \"a\" is a relation, expected fields" },
	{ PAIR("  bs B[]", "  a A @relation(fields: [y, id], "
	    "references: [id])"),
	    "7:46: 2 fields refer to 1, expected as many on both sides" },
	{ PAIR("  bs B[]", "  a A @relation(fields: [s], references: [id])"),
	    "7:26: \"s\" refers to \"id\", expected the same type" },
	{ PAIR("  bs B[]", "  a A @relation(fields: [y], references: [x])"),
	    "7:42: the fields referred to are not unique in \"A\"" },
	{ PAIR("  bs B[]", "  a A @relation(fields: [z], references: [id])"),
	    "7:3: \"a\" is required but its field \"z\" may be null" },
	{ PAIR("  b B?", "  a A @relation(fields: [y], references: [id])"),
	    "7:25: \"a\" is one to one but its fields are not unique" },
	{ PAIR("  b B", "  a A? @relation(fields: [z], references: [id])"),
	    "2:3: \"b\" is required but the other side may not exist" },
	{ PAIR("  bs B[]", "  a A @relation(fields: [y], references: [id], "
	    "onDelete: Drop)"), "7:58: unusable value of \"onDelete\"" },
	{ PAIR("  bs B[] @map(\"x\")", "  a A @relation(fields: [y], "
	    "references: [id])"), "2:10: unknown attribute \"map\", expected "
	    "an attribute of a relation" },
	{ PAIR("  bs B[]", "  a A @relation(fields: [y], references: [id])\n"
	    "  @@ignore"), "2:3: \"bs\" leads to \"B\", which is ignored" },
	{ PAIR("  up A?", ""), "2:3: relation \"up\" has no opposite side" },
	{ PAIR("  up A? @relation(fields: [x], references: [id])\n"
	    "  down A[]", ""), "3:3: \"up\" and \"down\" both lead to \"A\"" },
	{ PAIR("  up A? @relation(\"t\", fields: [x], references: [id])\n"
	    "  down A[] @relation(\"t\")\n  low A[] @relation(\"t\")", ""),
	    "3:3: the relation name \"t\" of \"down\" is used by more" },
};

struct told {
	size_t n;
	char first[512], last[512];
};

static void
note(void *ctx, const char *line)
{
	struct told *t = ctx;

	snprintf(t->n == 0 ? t->first : t->last, sizeof(t->first), "%s", line);
	t->n++;
}

START_TEST(row)
{
	struct told told = { 0 };
	struct schema *s;
	char want[512];

	s = schema_read("t", rows[_i].text, strlen(rows[_i].text), note,
	    &told);
	ck_assert_ptr_null(s);
	snprintf(want, sizeof(want), "t:%s", rows[_i].want);
	ck_assert_msg(strncmp(told.first, want, strlen(want)) == 0,
	    "got: %s\nnot: %s", told.first, want);
}
END_TEST

/* One slip costs one message, and all of them come, in file order. */
START_TEST(all_of_syntax)
{
	static const char text[] =
	    "modle X {\n  a Int\n}\n"
	    "model A {\n  id = 3\n  b Int @map(\n}\n"
	    "enum E {\n  \"x\"\n}\n"
	    "model B {\n  c Int @id x\n}\n";
	struct told told = { 0 };

	ck_assert_ptr_null(schema_read("t", text, strlen(text), note, &told));
	ck_assert_uint_eq(told.n, 5);
	ck_assert_str_eq(told.last, "t:12:13: found \"x\", expected an "
	    "attribute or the end of the line");
}
END_TEST

START_TEST(all_of_meaning)
{
	static const char text[] =
	    "model A {\n  id Strng @id\n  bs Bb[]\n}\n"
	    "model B {\n  id Int @id\n  n Int @foo @bar\n  a A\n}\n";
	struct told told = { 0 };

	ck_assert_ptr_null(schema_read("t", text, strlen(text), note, &told));
	ck_assert_uint_eq(told.n, 4);
	ck_assert(strncmp(told.first, "t:2:6:", 6) == 0);
	ck_assert(strncmp(told.last, "t:7:14:", 7) == 0);
}
END_TEST

START_TEST(at_most_a_hundred)
{
	struct told told = { 0 };
	char text[4096] = "model A {\n";
	size_t i;

	for (i = 0; i < 500; i++)
		strcat(text, "  =\n");
	ck_assert_ptr_null(schema_read("t", text, strlen(text), note, &told));
	ck_assert_uint_eq(told.n, 100);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("faults");

	tcase_add_loop_test(tc, row, 0, COUNT(rows));
	tcase_add_test(tc, all_of_syntax);
	tcase_add_test(tc, all_of_meaning);
	tcase_add_test(tc, at_most_a_hundred);
	return unit_run("schema_fault", tc);
}
