/*
 * Which rows come, in which order and how many statements it takes: the same
 * from one statement as from pages of a single row.
 */
#include <string.h>

#include "fetch_kit.h"
#include "unit.h"

#define WHERE3 "\"where\":{\"id\":{\"lte\":3}},"
#define IDS "\"select\":{\"id\":true}"

/* Options, and the rows without their outer braces and quotes: id:1,... */
static const struct {
	const char *collector, *options, *text;
} rows[] = {
	/* counts: of several relations, alone, beside rows, filtered */
	{ COMPANY, "{\"select\":{\"id\":true,\"_count\":{\"select\":"
	  "{\"notes\":true,\"orders\":true}}}}",
	  "{id:1,_count:{notes:2,orders:2}},{id:2,_count:{notes:1,orders:1}},"
	  "{id:3,_count:{notes:0,orders:0}},{id:4,_count:{notes:1,orders:0}},"
	  "{id:5,_count:{notes:0,orders:0}}" },
	{ COMPANY, "{" WHERE3 "\"select\":{\"_count\":{\"select\":"
	  "{\"children\":true}}}}",
	  "{_count:{children:2}},{_count:{children:0}},{_count:{children:0}}" },
	{ COMPANY, "{" WHERE3 "\"select\":{\"notes\":{\"select\":{\"id\":true,"
	  "\"company\":{\"select\":{\"_count\":{\"select\":"
	  "{\"notes\":true}}}}}},\"_count\":{\"select\":"
	  "{\"notes\":{\"where\":{\"text\":null}}}}}}",
	  "{notes:[{id:10,company:{_count:{notes:2}}},"
	  "{id:12,company:{_count:{notes:2}}}],_count:{notes:0}},"
	  "{notes:[{id:11,company:{_count:{notes:1}}}],_count:{notes:1}},"
	  "{notes:[],_count:{notes:0}}" },
	/* windows for each parent */
	{ COMPANY, "{" WHERE3 "\"select\":{\"notes\":{\"take\":1,\"orderBy\":"
	  "{\"id\":\"desc\"}," IDS "}}}",
	  "{notes:[{id:12}]},{notes:[{id:11}]},{notes:[]}" },
	{ COMPANY, "{" WHERE3 "\"select\":{\"notes\":{\"take\":-1," IDS "}}}",
	  "{notes:[{id:12}]},{notes:[{id:11}]},{notes:[]}" },
	{ COMPANY, "{" WHERE3 "\"select\":{\"notes\":{\"skip\":1," IDS "}}}",
	  "{notes:[{id:12}]},{notes:[]},{notes:[]}" },
	{ COMPANY, "{" WHERE3 "\"select\":{\"notes\":{\"take\":0," IDS "}}}",
	  "{notes:[]},{notes:[]},{notes:[]}" },
	{ COMPANY, "{" WHERE3 "\"select\":{\"children\":{\"distinct\":"
	  "[\"parentId\"]," IDS "}}}",
	  "{children:[{id:2}]},{children:[]},{children:[]}" },
	/* a cursor: only its parent has rows */
	{ COMPANY, "{" WHERE3 "\"select\":{\"notes\":{\"cursor\":{\"id\":12},"
	  IDS "}}}",
	  "{notes:[{id:12}]},{notes:[]},{notes:[]}" },
	{ COMPANY, "{" WHERE3 "\"select\":{\"notes\":{\"cursor\":{\"id\":12},"
	  "\"take\":-5," IDS "}}}",
	  "{notes:[{id:10},{id:12}]},{notes:[]},{notes:[]}" },
	{ COMPANY, "{" WHERE3 "\"select\":{\"notes\":{\"cursor\":{\"id\":99},"
	  IDS "}}}",
	  "{notes:[]},{notes:[]},{notes:[]}" },
	/* at the root */
	{ NOTE, "{\"cursor\":{\"id\":12},\"take\":2," IDS "}",
	  "{id:12},{id:13}" },
	{ NOTE, "{\"cursor\":{\"id\":12},\"take\":-2," IDS "}",
	  "{id:11},{id:12}" },
	{ NOTE, "{\"cursor\":{\"id\":12},\"skip\":1," IDS "}",
	  "{id:13},{id:14},{id:15}" },
	{ NOTE, "{\"cursor\":{\"id\":99}," IDS "}", "" },
	{ NOTE, "{\"take\":0," IDS "}", "" },
	{ NOTE, "{\"take\":2,\"skip\":3," IDS "}", "{id:13},{id:14}" },
	{ NOTE, "{\"take\":-2,\"skip\":1,\"select\":{\"id\":true,"
	  "\"company\":{" IDS "}}}",
	  "{id:13,company:null},{id:14,company:null}" },
	{ LINE, "{\"distinct\":\"b\"," IDS "}", "{id:1},{id:2}" },
	{ LINE, "{\"distinct\":\"b\",\"skip\":1," IDS "}", "{id:2}" },
	/* pages go on behind NULLs, texts and expressions */
	{ NOTE, "{\"orderBy\":{\"text\":{\"sort\":\"asc\",\"nulls\":"
	  "\"last\"}}," IDS "}",
	  "{id:15},{id:14},{id:10},{id:12},{id:13},{id:11}" },
	{ NOTE, "{\"orderBy\":{\"text\":{\"sort\":\"desc\",\"nulls\":"
	  "\"first\"}}," IDS "}",
	  "{id:11},{id:13},{id:12},{id:10},{id:14},{id:15}" },
	{ NOTE, "{\"orderBy\":{\"company\":{\"name\":\"asc\"}}," IDS "}",
	  "{id:13},{id:14},{id:15},{id:10},{id:12},{id:11}" },
	{ COMPANY, "{\"orderBy\":{\"notes\":{\"_count\":\"desc\"}}," IDS "}",
	  "{id:1},{id:2},{id:4},{id:3},{id:5}" },
	{ LINE, "{\"orderBy\":[{\"b\":\"desc\"},{\"price\":\"desc\"}]," IDS
	  "}", "{id:5},{id:2},{id:1},{id:4},{id:3}" },
	/* texts that only the database knows to be equal */
	{ CITY, "{\"select\":{\"id\":true,\"country\":true}}",
	  "{id:1,country:{code:DE}},{id:2,country:{code:DE}},"
	  "{id:3,country:{code:DE}},{id:4,country:{code:Fr}},"
	  "{id:5,country:null},{id:6,country:null}" },
	{ COUNTRY, "{\"include\":{\"cities\":{" IDS "},\"_count\":true}}",
	  "{code:DE,cities:[{id:1},{id:2},{id:3}],_count:{cities:3}},"
	  "{code:Fr,cities:[{id:4}],_count:{cities:1}}" },
	/* numbers of several spellings */
	{ CITY, "{\"select\":{\"id\":true,\"rate\":true}}",
	  "{id:1,rate:{amount:1.5}},{id:2,rate:{amount:1.5}},"
	  "{id:3,rate:{amount:2}},{id:4,rate:null},{id:5,rate:null},"
	  "{id:6,rate:{amount:2}}" },
};

/* Views without a key are held where they cannot be left and found again. */
static const struct {
	const char *collector, *options, *text;
} keyless[] = {
	{ MENTION, "{\"select\":{\"text\":true,\"company\":{" IDS "}}}",
	  "{text:x,company:{id:1}},{text:null,company:{id:2}},"
	  "{text:y\\,company:{id:1}},{text:z,company:null},"
	  "{text:w,company:null},{text:v,company:{id:4}}" },
	{ COMPANY, "{" WHERE3 "\"select\":{\"id\":true,\"mentions\":true}}",
	  "{id:1,mentions:[{code:A,text:x},{code:A,text:y\\}]},"
	  "{id:2,mentions:[{code:B,text:null}]},{id:3,mentions:[]}" },
};

static void
drop_quotes(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++)
		if (*text != '"')
			*to++ = *text;
	*to = '\0';
}

START_TEST(rows_are_right)
{
	for (size_t way = 0; way < KIT_WAYS; way++) {
		const struct kit_asked q = { rows[_i].collector,
		    rows[_i].options, way, 0, 0 };
		struct kit_reply r;

		kit_ask(&q, &r);
		ck_assert_msg(r.failure.code == ERR_NONE, "%s: %s",
		    q.options, r.failure.text);
		drop_quotes(r.text.data);
		ck_assert_msg(strcmp(r.text.data, rows[_i].text) == 0,
		    "way %zu: %s: %s", way, q.options, r.text.data);
		kit_reply_fini(&r);
	}
}
END_TEST

START_TEST(keyless_rows_are_right)
{
	for (size_t way = 0; way < KIT_WAYS; way++) {
		const struct kit_asked q = { keyless[_i].collector,
		    keyless[_i].options, way, 0, 0 };
		bool held = _i == 0 && kit_ways[way].statements_open == 1;
		struct kit_reply r;

		kit_ask(&q, &r);
		if (held && kit_ways[way].bytes == 1) {
			ck_assert_int_eq(r.failure.code, ERR_LIMIT);
			ck_assert_ptr_nonnull(strstr(r.failure.text,
			    "Mention have no key"));
		} else {
			ck_assert_msg(r.failure.code == ERR_NONE, "%s",
			    r.failure.text);
			drop_quotes(r.text.data);
			ck_assert_str_eq(r.text.data, keyless[_i].text);
		}
		kit_reply_fini(&r);
	}
}
END_TEST

static const struct kit_asked large[] = {
	{ NOTE, "{\"where\":{\"id\":{\"gt\":4600}},\"orderBy\":["
	  "{\"text\":\"desc\"},{\"code\":\"asc\"}],"
	  "\"include\":{\"company\":true}}", 0, 0, 0 },
	{ COMPANY, "{\"where\":{\"id\":{\"gt\":1500}},\"orderBy\":["
	  "{\"orders\":{\"_count\":\"asc\"}},"
	  "{\"parent\":{\"name\":\"desc\"}}]}", 0, 0, 0 },
	{ COMPANY, "{\"include\":{\"notes\":{\"take\":2,\"orderBy\":"
	  "{\"text\":\"desc\"}},\"_count\":true,\"children\":{\"skip\":3,"
	  "\"select\":{\"id\":true,\"_count\":true,\"orders\":{\"include\":"
	  "{\"lines\":{\"take\":-1}}}}}}}", 0, 0, 0 },
	{ COMPANY, "{\"cursor\":{\"id\":300},\"take\":-150,\"include\":"
	  "{\"notes\":{\"orderBy\":{\"code\":\"asc\"}}}}", 0, 0, 0 },
	{ LINE, "{\"where\":{\"id\":{\"gt\":5200}},\"distinct\":[\"a\","
	  "\"b\"],\"skip\":5,\"include\":{\"order\":{\"include\":"
	  "{\"_count\":true}}}}", 0, 0, 0 },
};

START_TEST(ways_make_no_difference)
{
	kit_run(kit_crowd);
	(void)kit_agree(&large[_i], 10000);
}
END_TEST

/* The first of a kind of ways. */
#define BARE 0
#define ALONE 1
#define PAGED 6
#define SINGLE 10
#define STREAMED 14

static const struct {
	struct kit_asked q;
	size_t statements;
} economical[] = {
	/* few rows of few fields */
	{ { COMPANY, "{\"take\":20,\"select\":[\"id\",\"name\",\"code\"]}",
	  BARE, 0, 0 }, 1 },
	{ { COMPANY, "{\"take\":20,\"select\":[\"id\",\"name\",\"code\"]}",
	  PAGED, 0, 0 }, 1 },
	/* 1706 rows: one statement, or pages of 100, 400 and 1600 */
	{ { COMPANY, "{}", BARE, 0, 0 }, 1 },
	{ { COMPANY, "{}", BARE, 5000, 0 }, 1 },
	{ { COMPANY, "{}", STREAMED, 0, 0 }, 1 },
	{ { COMPANY, "{}", SINGLE, 0, 0 }, 1 },
	{ { COMPANY, "{}", PAGED, 0, 0 }, 3 },
	{ { COMPANY, "{\"select\":[\"id\",\"parentId\"]}", PAGED, 0, 0 }, 1 },
	/* four batches of 500 with a list of 512 keys for each relation */
	{ { COMPANY, "{\"select\":{\"id\":true,\"orders\":true,\"_count\":"
	  "{\"select\":{\"notes\":true}}}}", STREAMED, 0, 0 }, 1 + 4 * 2 },
	/* four batches with the same few parents, of which one is not there;
	 * batches of one row, with 25 in all */
	{ { COMPANY, "{\"select\":{\"parent\":true}}", STREAMED, 0, 0 }, 2 },
	{ { COMPANY, "{\"select\":{\"parent\":true}}", ALONE, 0, 0 }, 26 },
	/* nobody is asked for when there is no key, or no row is wanted */
	{ { COMPANY, "{\"where\":{\"code\":null},\"include\":[\"notes\"]}",
	  STREAMED, 0, 0 }, 1 },
	{ { COMPANY, "{\"take\":0}", STREAMED, 0, 0 }, 0 },
	{ { COMPANY, "{\"include\":{\"notes\":{\"take\":0}}}", PAGED, 0, 0 },
	  3 },
	/* a cursor is looked up once */
	{ { COMPANY, "{\"include\":{\"orders\":{\"cursor\":{\"a_b\":"
	  "{\"a\":1,\"b\":\"y\"}}}}}", STREAMED, 0, 0 }, 3 },
};

START_TEST(statements_are_few)
{
	struct kit_reply r;

	kit_run(kit_crowd);
	kit_ask(&economical[_i].q, &r);
	ck_assert_msg(r.failure.code == ERR_NONE, "%s", r.failure.text);
	ck_assert_uint_eq(kit_statements, economical[_i].statements);
	kit_reply_fini(&r);
}
END_TEST

/* Below rows that only one batch has, too. */
START_TEST(shared_rows_stay)
{
	const struct kit_asked q = { COUNTRY, "{\"select\":{\"cities\":"
	    "{\"select\":{\"rate\":true}}}}", ALONE, 0, 0 };
	struct kit_reply r;

	kit_run("UPDATE City SET amount = '2' WHERE id = 4");
	kit_ask(&q, &r);
	ck_assert_str_eq(r.text.data, "{\"cities\":[{\"rate\":{\"amount\":"
	    "\"1.5\"}},{\"rate\":{\"amount\":\"1.5\"}},{\"rate\":"
	    "{\"amount\":\"2\"}}]},"
	    "{\"cities\":[{\"rate\":{\"amount\":\"2\"}}]}");
	/* Countries, the cities of each, and rates once. */
	ck_assert_uint_eq(kit_statements, 1 + 2 + 1);
	kit_reply_fini(&r);
}
END_TEST

START_TEST(caps_count_with_take)
{
	for (size_t way = 0; way < KIT_WAYS; way++) {
		struct kit_asked q = { COMPANY,
		    "{\"take\":3,\"select\":[\"id\"]}", way, 2, 0 };
		struct kit_reply r;

		kit_ask(&q, &r);
		ck_assert_int_eq(r.failure.code, ERR_LIMIT);
		kit_reply_fini(&r);
		q.max_rows = 3;
		kit_ask(&q, &r);
		ck_assert_int_eq(r.failure.code, ERR_NONE);
		ck_assert_str_eq(r.text.data,
		    "{\"id\":1},{\"id\":2},{\"id\":3}");
		kit_reply_fini(&r);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pager");

	tcase_add_checked_fixture(tc, kit_start, kit_stop);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, rows_are_right, 0, COUNT(rows));
	tcase_add_loop_test(tc, keyless_rows_are_right, 0, COUNT(keyless));
	tcase_add_loop_test(tc, ways_make_no_difference, 0, COUNT(large));
	tcase_add_loop_test(tc, statements_are_few, 0, COUNT(economical));
	tcase_add_test(tc, shared_rows_stay);
	tcase_add_test(tc, caps_count_with_take);
	return unit_run("pager", tc);
}
