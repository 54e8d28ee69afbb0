/*
 * The fetch engine on a real database: rows, relations of every kind, and the
 * same answer whatever the sizes of batches and pages.
 */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "fetch_kit.h"
#include "ipc/fdpass.h"
#include "unit.h"

static const struct {
	const char *collector, *options, *text;
} rows[] = {
	{ COMPANY, "{\"select\":[\"id\",\"code\"]}",
	  "{\"id\":1,\"code\":\"A\"},{\"id\":2,\"code\":\"B\"},"
	  "{\"id\":3,\"code\":null},{\"id\":4,\"code\":\"\"},"
	  "{\"id\":5,\"code\":\"é\"}" },
	/* to-one of itself: none, dangling, itself */
	{ COMPANY, "{\"select\":{\"id\":true,\"parent\":{\"select\":"
	  "{\"name\":true}}}}",
	  "{\"id\":1,\"parent\":null},{\"id\":2,\"parent\":{\"name\":\"one\"}},"
	  "{\"id\":3,\"parent\":{\"name\":\"one\"}},{\"id\":4,\"parent\":null},"
	  "{\"id\":5,\"parent\":{\"name\":\"five\"}}" },
	/* only relations; to-many of itself, and down again */
	{ COMPANY, "{\"select\":{\"children\":{\"select\":{\"id\":true,"
	  "\"children\":{\"select\":{\"id\":true}}}}}}",
	  "{\"children\":[{\"id\":2,\"children\":[]},"
	  "{\"id\":3,\"children\":[]}]},"
	  "{\"children\":[]},{\"children\":[]},{\"children\":[]},"
	  "{\"children\":[{\"id\":5,\"children\":[{\"id\":5}]}]}" },
	/* text keys, NULLs, an empty key */
	{ NOTE, "{\"select\":{\"id\":true,\"company\":{\"select\":"
	  "{\"id\":true}}}}",
	  "{\"id\":10,\"company\":{\"id\":1}},{\"id\":11,\"company\":"
	  "{\"id\":2}},{\"id\":12,\"company\":{\"id\":1}},"
	  "{\"id\":13,\"company\":null},{\"id\":14,\"company\":null},"
	  "{\"id\":15,\"company\":{\"id\":4}}" },
	/* two relations side by side, one of them nested */
	{ COMPANY, "{\"select\":{\"id\":true,\"notes\":{\"select\":"
	  "{\"text\":true}},\"orders\":{\"select\":{\"a\":true,\"b\":true,"
	  "\"lines\":{\"select\":{\"id\":true,\"price\":true}}}}}}",
	  "{\"id\":1,\"notes\":[{\"text\":\"x\"},{\"text\":\"y\\\"\"}],"
	  "\"orders\":[{\"a\":1,\"b\":\"x\",\"lines\":[{\"id\":1,\"price\":"
	  "\"12.5\"},{\"id\":3,\"price\":\"3\"}]},{\"a\":1,\"b\":\"y\","
	  "\"lines\":[{\"id\":2,\"price\":\"0.1\"}]}]},"
	  "{\"id\":2,\"notes\":[{\"text\":null}],\"orders\":[{\"a\":2,"
	  "\"b\":\"x\",\"lines\":[]}]},"
	  "{\"id\":3,\"notes\":[],\"orders\":[]},"
	  "{\"id\":4,\"notes\":[{\"text\":\"v\"}],\"orders\":[]},"
	  "{\"id\":5,\"notes\":[],\"orders\":[]}" },
	/* a compound key, with a NULL in it, and up to the top */
	{ LINE, "{\"select\":{\"id\":true,\"order\":{\"include\":{\"company\":"
	  "{\"select\":{\"name\":true}}}}}}",
	  "{\"id\":1,\"order\":{\"a\":1,\"b\":\"x\",\"companyId\":1,"
	  "\"company\":{\"name\":\"one\"}}},"
	  "{\"id\":2,\"order\":{\"a\":1,\"b\":\"y\",\"companyId\":1,"
	  "\"company\":{\"name\":\"one\"}}},"
	  "{\"id\":3,\"order\":{\"a\":1,\"b\":\"x\",\"companyId\":1,"
	  "\"company\":{\"name\":\"one\"}}},"
	  "{\"id\":4,\"order\":null},{\"id\":5,\"order\":null}" },
};

START_TEST(rows_are_right)
{
	for (size_t b = 0; b < KIT_WAYS; b++) {
		const struct kit_asked q = { rows[_i].collector, rows[_i].options,
		    b, 0, 0 };
		struct kit_reply r;

		kit_ask(&q, &r);
		ck_assert_msg(r.failure.code == ERR_NONE, "%s",
		    r.failure.text);
		ck_assert_msg(strcmp(r.text.data, rows[_i].text) == 0,
		    "way %zu: %s", b, r.text.data);
		ck_assert(r.border && !r.held);
		kit_reply_fini(&r);
	}
}
END_TEST

static const struct kit_asked large[] = {
	{ COMPANY, "{}", 0, 0, 0 },
	{ COMPANY, "{\"include\":[\"parent\",\"children\",\"notes\","
	  "\"orders\"]}", 0, 0, 0 },
	{ COMPANY, "{\"include\":{\"parent\":{\"include\":{\"notes\":true,"
	  "\"parent\":true}},\"orders\":{\"include\":{\"lines\":{\"include\":"
	  "{\"order\":true}}}}}}", 0, 0, 0 },
	{ LINE, "{\"include\":{\"order\":{\"include\":{\"company\":"
	  "{\"include\":{\"notes\":true}}}}}}", 0, 0, 0 },
	{ NOTE, "{\"include\":{\"company\":true}}", 0, 0, 0 },
};

START_TEST(batches_make_no_difference)
{
	size_t cuts;

	kit_run(kit_crowd);
	cuts = kit_agree(&large[_i], 60000);
	/* No row here is as large as a message, so none is cut. */
	ck_assert(_i != 2 || cuts == 0);
}
END_TEST

START_TEST(attachments_are_numbered_as_written)
{
	for (size_t b = 0; b < KIT_WAYS; b++) {
		const struct kit_asked q = { FILE_, "{\"select\":{\"data\":true,"
		    "\"name\":true,\"more\":true,\"twin\":{\"select\":"
		    "{\"more\":true}}}}", b, 0, 0 };
		struct kit_reply r;

		kit_ask(&q, &r);
		ck_assert_msg(r.failure.code == ERR_NONE, "%s",
		    r.failure.text);
		ck_assert_str_eq(r.text.data,
		    "{\"data\":{\"_placeholder\":true,\"num\":0},"
		    "\"name\":\"a\",\"more\":null,\"twin\":{\"more\":"
		    "{\"_placeholder\":true,\"num\":1}}},"
		    "{\"data\":{\"_placeholder\":true,\"num\":2},"
		    "\"name\":\"b\",\"more\":{\"_placeholder\":true,"
		    "\"num\":3},\"twin\":null},"
		    "{\"data\":null,\"name\":\"c\",\"more\":null,\"twin\":"
		    "{\"more\":{\"_placeholder\":true,\"num\":4}}}");
		ck_assert_uint_eq(r.attachments.len, 11);
		ck_assert_mem_eq(r.attachments.data,
		    "\x01\x02|\xff||\xff|\xff|", 10);
		ck_assert(r.held);
		kit_reply_fini(&r);
	}
}
END_TEST

START_TEST(too_many_attachments)
{
	const struct kit_asked q = { FILE_, "", 0, 0, 0 };
	const struct kit_asked base64 = { FILE_ "bytes = base64\n",
	    "{\"select\":[\"data\"]}", 0, 0, 0 };
	struct kit_reply r;

	kit_run("WITH RECURSIVE c(i) AS (SELECT 10 UNION ALL SELECT i + 1 "
	    "FROM c WHERE i < 30) INSERT INTO File SELECT i, zeroblob(200000),"
	    " 'n', NULL, NULL FROM c");
	kit_ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_LIMIT);
	ck_assert_msg(strstr(r.failure.text, "\"data\"") != NULL &&
	    strstr(r.failure.text, "bytes = base64") != NULL, "%s",
	    r.failure.text);
	kit_reply_fini(&r);
	kit_run("DELETE FROM File WHERE id > 13");
	kit_ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_NONE);
	ck_assert_uint_eq(r.attachments.len, 4 * 200001 + 3 + 1 + 2 + 1);
	kit_reply_fini(&r);
	kit_ask(&base64, &r);
	ck_assert_int_eq(r.failure.code, ERR_NONE);
	ck_assert(!r.held);
	ck_assert_mem_eq(r.text.data, "{\"data\":\"AQI=\"},{\"data\":\"\"},"
	    "{\"data\":null},{\"data\":\"AAAA", 52);
	kit_reply_fini(&r);
}
END_TEST

START_TEST(limits_are_told)
{
	struct kit_asked q = { COMPANY, "{\"select\":[\"id\"]}", 0, 3, 0 };
	struct kit_reply r;

	kit_ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(r.failure.text, "3 rows"));
	/* Nobody has seen a row of it yet. */
	ck_assert_str_eq(r.text.data, "");
	kit_reply_fini(&r);
	q.max_rows = 5;
	kit_ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_NONE);
	kit_reply_fini(&r);
	q.max_bytes = 20;
	kit_ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(r.failure.text, "20 bytes"));
	kit_reply_fini(&r);
}
END_TEST

/*
 * In the middle of a list that is being streamed: the rows before stay, as the
 * first of them fills a message.
 */
START_TEST(error_after_rows)
{
	const struct kit_asked q = { COMPANY, "{\"select\":[\"id\",\"notes\"]}",
	    3, 0, 0 };
	const struct kit_asked gone = { LINE, "{}", 0, 0, 0 };
	struct kit_reply r;

	kit_run("UPDATE Line SET b = printf('%.*c', 70000, 'x') WHERE id = 1");
	kit_run("UPDATE Line SET price = 'much' WHERE id = 4");
	kit_ask(&gone, &r);
	ck_assert_int_eq(r.failure.code, ERR_DATABASE);
	ck_assert_ptr_nonnull(strstr(r.failure.text, "price"));
	ck_assert(r.begun && r.border);
	ck_assert_ptr_nonnull(strstr(r.text.data, "\"id\":3"));
	ck_assert_ptr_null(strstr(r.text.data, "\"id\":4"));
	kit_reply_fini(&r);
	kit_run("DROP TABLE Note");
	kit_ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_DATABASE);
	ck_assert_str_eq(r.text.data, "");
	kit_reply_fini(&r);
}
END_TEST

/* A reader who never reads: the writer waits, and notices his end. */
static void *
leave(void *ctx)
{
	usleep(300000);
	close(*(int *)ctx);
	return NULL;
}

START_TEST(caller_leaves)
{
	const struct kit_asked q = { COMPANY, "{\"include\":[\"notes\"]}", 0, 0,
	    0 };
	struct writer_params params = { .id = 42, .guard = &kit_guard };
	struct writer w = { 0 };
	struct err e;
	pthread_t thread;
	int ends[2];

	kit_run(kit_crowd);
	ck_assert_int_eq(fdpass_pair(ends, NULL), 0);
	params.fd = ends[0];
	ck_assert_int_eq(pthread_create(&thread, NULL, leave, &ends[1]), 0);
	ck_assert_int_eq(writer_init(&w, &params, &e), 0);
	ck_assert_int_eq(kit_fetch(&q, &w, &e), -1);
	ck_assert_int_eq(e.code, ERR_CANCELLED);
	ck_assert_int_eq(writer_end(&w, &e), -1);
	writer_fini(&w);
	pthread_join(thread, NULL);
	close(ends[0]);
}
END_TEST

START_TEST(huge_row_goes_in_pieces)
{
	const struct kit_asked q = { NOTE, "{}", 0, 0, 0 };
	struct kit_reply r;

	kit_run("UPDATE Note SET text = printf('%.*c', 3000000, 'h') "
	    "WHERE id = 12");
	kit_ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_NONE);
	ck_assert_uint_gt(r.messages, 40);
	ck_assert_uint_gt(r.text.len, 3000000);
	ck_assert_uint_eq(strspn(strchr(r.text.data, 'h'), "h"), 3000000);
	ck_assert_ptr_nonnull(strstr(r.text.data, "{\"id\":15"));
	kit_reply_fini(&r);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		attachments_are_numbered_as_written, too_many_attachments,
		limits_are_told, error_after_rows, caller_leaves,
		huge_row_goes_in_pieces,
	};
	TCase *tc = tcase_create("fetch");

	tcase_add_checked_fixture(tc, kit_start, kit_stop);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, rows_are_right, 0, COUNT(rows));
	tcase_add_loop_test(tc, batches_make_no_difference, 0, COUNT(large));
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_test(tc, tests[i]);
	return unit_run("fetch", tc);
}
