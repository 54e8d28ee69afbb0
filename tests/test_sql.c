/* The same few nodes in the words of each dialect. */
#include "model/sql.h"

#include <check.h>

static const struct schema_field fields[] = {
	{ .name = "id", .column = "Rec_ID" },
	{ .name = "sub", .column = "sub" },
	{ .name = "odd", .column = "a\"b`c]d" },
	{ .name = "price", .column = "price", .type = SCALAR_DECIMAL },
};

static const struct schema_model items = {
	.name = "Item",
	.table = "IV_Item",
	.key = { 1, { &fields[0] } },
};
static const struct schema_model parts = {
	.name = "Part",
	.table = "order",
	.db_schema = "dbo",
	.key = { 2, { &fields[0], &fields[1] } },
};
static const struct schema_model prices = {
	.name = "Price",
	.table = "Price",
	.key = { 1, { &fields[3] } },
};
static const struct schema_model view = { .name = "V", .table = "v" };

static const struct schema_relation to_items = {
	.to = { 1, { &fields[0] } },
};
static const struct schema_relation to_parts = {
	.to = { 2, { &fields[0], &fields[1] } },
};

static const struct {
	enum dialect_id dialect;
	const struct schema_model *model;
	const struct schema_relation *via;
	size_t ncolumns, nkeys, limit;
	const char *want;
} rows[] = {
	{ DIALECT_SQLITE, &items, NULL, 1, 0, 0,
	    "SELECT \"Rec_ID\" FROM \"IV_Item\" ORDER BY \"Rec_ID\"" },
	{ DIALECT_SQLITE, &items, NULL, 3, 0, 5,
	    "SELECT \"Rec_ID\", \"sub\", \"a\"\"b`c]d\" FROM \"IV_Item\" "
	    "ORDER BY \"Rec_ID\" LIMIT 5" },
	{ DIALECT_SQLITE, &items, &to_items, 1, 3, 0,
	    "SELECT \"Rec_ID\" FROM \"IV_Item\" WHERE \"Rec_ID\" IN (?,?,?) "
	    "ORDER BY \"Rec_ID\"" },
	{ DIALECT_SQLITE, &items, &to_items, 1, 1, 0,
	    "SELECT \"Rec_ID\" FROM \"IV_Item\" WHERE \"Rec_ID\" IN (?) "
	    "ORDER BY \"Rec_ID\"" },
	{ DIALECT_POSTGRESQL, &parts, &to_parts, 2, 2, 7,
	    "SELECT \"Rec_ID\", \"sub\" FROM \"dbo\".\"order\" WHERE "
	    "(\"Rec_ID\" = ? AND \"sub\" = ?) OR "
	    "(\"Rec_ID\" = ? AND \"sub\" = ?) "
	    "ORDER BY \"Rec_ID\", \"sub\" LIMIT 7" },
	{ DIALECT_SQLITE, &parts, NULL, 1, 0, 0,
	    "SELECT \"Rec_ID\" FROM \"order\" ORDER BY \"Rec_ID\", \"sub\"" },
	{ DIALECT_MARIADB, &items, &to_items, 3, 2, 0,
	    "SELECT `Rec_ID`, `sub`, `a\"b``c]d` FROM `IV_Item` "
	    "WHERE `Rec_ID` IN (?,?) ORDER BY `Rec_ID`" },
	{ DIALECT_SQLSERVER, &items, NULL, 3, 0, 9,
	    "SELECT TOP (9) [Rec_ID], [sub], [a\"b`c]]d] FROM [IV_Item] "
	    "ORDER BY [Rec_ID]" },
	{ DIALECT_SQLSERVER, &parts, NULL, 1, 0, 0,
	    "SELECT [Rec_ID] FROM [dbo].[order] ORDER BY [Rec_ID], [sub]" },
	{ DIALECT_SQLITE, &view, NULL, 1, 0, 2,
	    "SELECT \"Rec_ID\" FROM \"v\" LIMIT 2" },
	{ DIALECT_SQLITE, &prices, NULL, 4, 0, 0,
	    "SELECT \"Rec_ID\", \"sub\", \"a\"\"b`c]d\", "
	    "CASE typeof(\"price\") WHEN 'real' THEN "
	    "printf('%!.19e', \"price\") ELSE \"price\" END "
	    "FROM \"Price\" ORDER BY \"price\"" },
	{ DIALECT_MARIADB, &prices, NULL, 4, 0, 0,
	    "SELECT `Rec_ID`, `sub`, `a\"b``c]d`, `price` FROM `Price` "
	    "ORDER BY `price`" },
};

START_TEST(written)
{
	const struct schema_field *columns[4] = {
		&fields[0], &fields[1], &fields[2], &fields[3]
	};
	const struct plan_node node = {
		.model = rows[_i].model,
		.via = rows[_i].via,
		.ncolumns = rows[_i].ncolumns,
		.columns = columns,
	};
	struct buf out;

	buf_init(&out, 0);
	ck_assert_int_eq(sql_rows(&out, &node,
	    dialect_by_id(rows[_i].dialect), rows[_i].nkeys, rows[_i].limit),
	    0);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	ck_assert_str_eq(out.data, rows[_i].want);
	buf_fini(&out);
}
END_TEST

/* A buffer that is too small at every place. */
START_TEST(no_room)
{
	const struct schema_field *columns[1] = { &fields[0] };
	const struct plan_node node = {
		.model = rows[_i].model,
		.via = rows[_i].via,
		.ncolumns = 1,
		.columns = columns,
	};
	struct buf out;

	for (size_t max = 1; max < 24; max++) {
		buf_init(&out, max);
		ck_assert_int_eq(sql_rows(&out, &node,
		    dialect_by_id(rows[_i].dialect), rows[_i].nkeys,
		    rows[_i].limit), -1);
		buf_fini(&out);
	}
}
END_TEST

START_TEST(dialects)
{
	for (int i = 0; i < DIALECTS; i++) {
		const struct dialect *d = dialect_by_id((enum dialect_id)i);

		ck_assert_int_eq((int)d->id, i);
		ck_assert_ptr_nonnull(d->name);
		ck_assert(d->quote_open != '\0' && d->quote_close != '\0');
		ck_assert_uint_ge(d->parameters_max, SCHEMA_KEY_MAX);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sql");
	TCase *tc = tcase_create("sql");
	SRunner *runner;
	int n = sizeof(rows) / sizeof(*rows), failed;

	tcase_add_loop_test(tc, written, 0, n);
	tcase_add_loop_test(tc, no_room, 0, n);
	tcase_add_test(tc, dialects);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
