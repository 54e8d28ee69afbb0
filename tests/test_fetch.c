/*
 * The fetch engine on a real database: rows, relations of every kind, and the
 * same answer whatever the sizes of batches.
 */
#include <check.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <unistd.h>

#include "collector/fetch.h"
#include "ipc/fdpass.h"
#include "ipc/reply.h"
#include "model/collector.h"

static const char schema_text[] =
    "model Company {\n"
    "  id Int @id\n"
    "  name String\n"
    "  parentId Int? @map(\"parent\")\n"
    "  parent Company? @relation(\"tree\", fields: [parentId], "
    "references: [id])\n"
    "  children Company[] @relation(\"tree\")\n"
    "  code String? @unique\n"
    "  notes Note[]\n"
    "  orders Order[]\n"
    "}\n"
    "model Note {\n"
    "  id Int @id\n"
    "  code String?\n"
    "  text String?\n"
    "  company Company? @relation(fields: [code], references: [code])\n"
    "}\n"
    "model Order {\n"
    "  a Int\n"
    "  b String\n"
    "  companyId Int\n"
    "  company Company @relation(fields: [companyId], references: [id])\n"
    "  lines Line[]\n"
    "  @@id([a, b])\n"
    "}\n"
    "model Line {\n"
    "  id Int @id\n"
    "  a Int?\n"
    "  b String?\n"
    "  price Decimal\n"
    "  order Order? @relation(fields: [a, b], references: [a, b])\n"
    "}\n"
    "model File {\n"
    "  id Int @id\n"
    "  data Bytes?\n"
    "  name String\n"
    "  more Bytes?\n"
    "  twinId Int?\n"
    "  twin File? @relation(\"twins\", fields: [twinId], "
    "references: [id])\n"
    "  twins File[] @relation(\"twins\")\n"
    "}\n";

static const char data[] =
    "CREATE TABLE Company (id INTEGER PRIMARY KEY, name TEXT, parent INT,"
    " code TEXT);"
    "CREATE TABLE Note (id INTEGER PRIMARY KEY, code TEXT, text TEXT);"
    "CREATE TABLE \"Order\" (a INT, b TEXT, companyId INT,"
    " PRIMARY KEY (a, b));"
    "CREATE TABLE Line (id INTEGER PRIMARY KEY, a INT, b TEXT,"
    " price DECIMAL(10,2));"
    "CREATE TABLE File (id INTEGER PRIMARY KEY, data BLOB, name TEXT,"
    " more BLOB, twinId INT);"
    "INSERT INTO Company VALUES (1, 'one', NULL, 'A'), (2, 'two', 1, 'B'),"
    " (3, 'three', 1, NULL), (4, 'four', 99, ''), (5, 'five', 5, 'é');"
    "INSERT INTO Note VALUES (10, 'A', 'x'), (11, 'B', NULL),"
    " (12, 'A', 'y\"'), (13, NULL, 'z'), (14, 'nobody', 'w'),"
    " (15, '', 'v');"
    "INSERT INTO \"Order\" VALUES (1, 'x', 1), (1, 'y', 1), (2, 'x', 2);"
    "INSERT INTO Line VALUES (1, 1, 'x', 12.50), (2, 1, 'y', 0.1),"
    " (3, 1, 'x', 3), (4, NULL, 'x', 4), (5, 2, 'y', 5);"
    "INSERT INTO File VALUES (1, x'0102', 'a', NULL, 2),"
    " (2, x'', 'b', x'ff', NULL), (3, NULL, 'c', NULL, 2);";

/* Many rows of very different sizes, for the batches. */
static const char crowd[] =
    "WITH RECURSIVE c(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM c"
    " WHERE i < 1800) INSERT INTO Company SELECT i, 'c' || i,"
    " CASE i % 7 WHEN 0 THEN NULL ELSE 100 + (i * i) % 50 END,"
    " CASE i % 3 WHEN 0 THEN NULL ELSE 'k' || i END FROM c;"
    "WITH RECURSIVE c(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM c"
    " WHERE i < 5000) INSERT INTO Note SELECT i, 'k' || (100 + (i * i) %"
    " 1777), CASE WHEN i % 501 = 0 THEN printf('%.*c', i * 20, 't')"
    " WHEN i % 5 = 0 THEN NULL ELSE 'n' || i END FROM c;"
    "WITH RECURSIVE c(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM c"
    " WHERE i < 2100) INSERT INTO \"Order\" SELECT 30 + i / 3, 'o' || (i % 3),"
    " 100 + (i * 7) % 900 FROM c;"
    "WITH RECURSIVE c(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM c"
    " WHERE i < 6000) INSERT INTO Line SELECT i, i % 700, 'o' || (i % 3),"
    " i / 8.0 FROM c;";

/* Batches: usual, none at all, tiny, odd, and everything streamed. */
static const struct {
	size_t rows, bytes;
} batches[] = {
	{ 500, 16 << 20 }, { 1, 16 << 20 }, { 3, 2000 }, { 500, 1 },
	{ 7, 20000 }, { 500, 100000 },
};

static char folder[] = "/tmp/test_fetch.XXXXXX";
static char file[64];
static struct db_guard guard;
static struct db *db;
static struct schema *schema;
static struct err err;

/* What the worker's side has read. */
struct reader {
	int fd;
	struct buf text;
	struct buf attachments;		/* each ends in '|' */
	bool begun, ended, held, border;
	struct err failure;
	size_t messages;
	size_t cuts;			/* ended in the middle of a row */
};

static void
read_message(struct reader *r, const char *message, size_t len)
{
	struct reply reply;

	ck_assert(!r->ended);
	ck_assert_int_eq(reply_get(message, len, &reply), 0);
	ck_assert(r->begun == (reply.type != REPLY_BEGUN));
	r->messages++;
	switch (reply.type) {
	case REPLY_BEGUN:
		ck_assert_uint_eq(reply.id, 42);
		r->begun = true;
		r->held = reply.held;
		break;
	case REPLY_ROWS:
		ck_assert_int_eq(buf_put(&r->text, reply.text.data,
		    reply.text.len), 0);
		r->border = reply.border;
		r->cuts += !reply.border;
		break;
	case REPLY_ATTACHMENT:
		ck_assert_int_eq(buf_put(&r->attachments, reply.text.data,
		    reply.text.len), 0);
		if (reply.last)
			ck_assert_int_eq(buf_putc(&r->attachments, '|'), 0);
		break;
	case REPLY_FAILURE:
		r->failure.code = reply.code;
		snprintf(r->failure.text, sizeof(r->failure.text), "%.*s",
		    (int)reply.text.len, reply.text.data);
		break;
	case REPLY_END:
		r->ended = true;
		break;
	case REPLY_TYPES:
		ck_abort();
	}
}

static void *
read_replies(void *ctx)
{
	static char message[REPLY_BYTES_MAX];
	struct reader *r = ctx;
	struct pollfd p = { .fd = r->fd, .events = POLLIN };
	int fds[FDPASS_FDS_MAX];
	size_t len, nfds;

	for (;;) {
		poll(&p, 1, -1);
		switch (fdpass_recv(r->fd, message, sizeof(message), &len,
		    fds, &nfds)) {
		case FDPASS_OK:
			read_message(r, message, len);
			break;
		case FDPASS_AGAIN:
			break;
		case FDPASS_GONE:
		case FDPASS_BAD:
			return NULL;
		}
	}
}

struct asked {
	const char *collector;	/* its file's text */
	const char *options;
	size_t batch;		/* row of batches */
	uint64_t max_rows, max_bytes;
};

static int
fetch(const struct asked *q, struct writer *w, struct err *e)
{
	const struct plan_limits limits = { 64, 64 };
	struct collector *c = collector_read(schema, "test", "test.collector",
	    q->collector, NULL, NULL);
	struct fetch_params p = { .db = db, .writer = w,
	    .batch_rows = batches[q->batch].rows,
	    .batch_bytes = batches[q->batch].bytes };
	struct plan *plan;
	int r;

	ck_assert_ptr_nonnull(c);
	plan = plan_read(c, q->options, strlen(q->options), &limits, e);
	ck_assert_msg(plan != NULL, "%s", e->text);
	p.plan = plan;
	r = writer_begin(w, plan->attachments, e);
	if (r == 0)
		r = fetch_run(&p, e);
	plan_free(&plan);
	collector_free(&c);
	return r;
}

/* Ask, and read the whole reply as a worker would. */
static void
ask(const struct asked *q, struct reader *r)
{
	struct writer_params params = { .id = 42, .guard = &guard,
	    .max_rows = q->max_rows, .max_bytes = q->max_bytes };
	struct writer w;
	struct err e;
	pthread_t thread;
	int ends[2], result;

	memset(r, 0, sizeof(*r));
	ck_assert_int_eq(fdpass_pair(ends, NULL), 0);
	r->fd = ends[1];
	params.fd = ends[0];
	ck_assert_int_eq(pthread_create(&thread, NULL, read_replies, r), 0);
	ck_assert_int_eq(writer_init(&w, &params, &e), 0);
	result = fetch(q, &w, &e);
	ck_assert_int_eq(writer_end(&w, result == 0 ? NULL : &e), 0);
	writer_fini(&w);
	close(ends[0]);
	pthread_join(thread, NULL);
	close(ends[1]);
	ck_assert(r->ended);
	ck_assert_int_eq(buf_putc(&r->text, '\0'), 0);
	ck_assert_int_eq(buf_putc(&r->attachments, '\0'), 0);
}

static void
reader_fini(struct reader *r)
{
	buf_fini(&r->text);
	buf_fini(&r->attachments);
}

static void
run_raw(const char *sql)
{
	sqlite3 *raw;

	ck_assert_int_eq(sqlite3_open(file, &raw), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(raw, sql, NULL, NULL, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(raw));
	sqlite3_close(raw);
}

static void
tell(void *ctx, const char *line)
{
	(void)ctx;
	ck_abort_msg("%s", line);
}

static void
setup(void)
{
	struct db_target target;
	char url[80];

	ck_assert_int_eq(db_init(&err), 0);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/t.db", folder);
	snprintf(url, sizeof(url), "file:%s", file);
	run_raw(data);
	ck_assert_int_eq(db_target_read(&target, url, "/", &err), 0);
	db = db_open(&target, &guard, 300, &err);
	ck_assert_msg(db != NULL, "%s", err.text);
	db_target_fini(&target);
	schema = schema_read("test.prisma", schema_text,
	    sizeof(schema_text) - 1, tell, NULL);
}

static void
teardown(void)
{
	schema_free(&schema);
	db_close(&db);
	unlink(file);
	rmdir(folder);
}

#define COMPANY "model = Company\n"
#define NOTE "model = Note\n"
#define ORDER "model = Order\n"
#define LINE "model = Line\n"
#define FILE_ "model = File\n"

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
	for (size_t b = 0; b < sizeof(batches) / sizeof(*batches); b++) {
		const struct asked q = { rows[_i].collector, rows[_i].options,
		    b, 0, 0 };
		struct reader r;

		ask(&q, &r);
		ck_assert_msg(r.failure.code == ERR_NONE, "%s",
		    r.failure.text);
		ck_assert_msg(strcmp(r.text.data, rows[_i].text) == 0,
		    "batch %zu: %s", b, r.text.data);
		ck_assert(r.border && !r.held);
		reader_fini(&r);
	}
}
END_TEST

static const struct asked large[] = {
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
	struct asked q = large[_i];
	struct reader first, r;

	run_raw(crowd);
	ask(&q, &first);
	ck_assert_msg(first.failure.code == ERR_NONE, "%s",
	    first.failure.text);
	ck_assert_uint_gt(first.text.len, 60000);
	for (q.batch = 1; q.batch < sizeof(batches) / sizeof(*batches);
	    q.batch++) {
		ask(&q, &r);
		ck_assert_msg(r.failure.code == ERR_NONE, "%s",
		    r.failure.text);
		ck_assert_uint_eq(r.text.len, first.text.len);
		ck_assert_mem_eq(r.text.data, first.text.data, r.text.len);
		ck_assert(r.border);
		/* No row here is as large as a message, so none is cut. */
		ck_assert(_i != 2 || r.cuts == 0);
		reader_fini(&r);
	}
	reader_fini(&first);
}
END_TEST

START_TEST(attachments_are_numbered_as_written)
{
	for (size_t b = 0; b < sizeof(batches) / sizeof(*batches); b++) {
		const struct asked q = { FILE_, "{\"select\":{\"data\":true,"
		    "\"name\":true,\"more\":true,\"twin\":{\"select\":"
		    "{\"more\":true}}}}", b, 0, 0 };
		struct reader r;

		ask(&q, &r);
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
		reader_fini(&r);
	}
}
END_TEST

START_TEST(too_many_attachments)
{
	const struct asked q = { FILE_, "", 0, 0, 0 };
	const struct asked base64 = { FILE_ "bytes = base64\n",
	    "{\"select\":[\"data\"]}", 0, 0, 0 };
	struct reader r;

	run_raw("WITH RECURSIVE c(i) AS (SELECT 10 UNION ALL SELECT i + 1 "
	    "FROM c WHERE i < 30) INSERT INTO File SELECT i, zeroblob(200000),"
	    " 'n', NULL, NULL FROM c");
	ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_LIMIT);
	ck_assert_msg(strstr(r.failure.text, "\"data\"") != NULL &&
	    strstr(r.failure.text, "bytes = base64") != NULL, "%s",
	    r.failure.text);
	reader_fini(&r);
	run_raw("DELETE FROM File WHERE id > 13");
	ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_NONE);
	ck_assert_uint_eq(r.attachments.len, 4 * 200001 + 3 + 1 + 2 + 1);
	reader_fini(&r);
	ask(&base64, &r);
	ck_assert_int_eq(r.failure.code, ERR_NONE);
	ck_assert(!r.held);
	ck_assert_mem_eq(r.text.data, "{\"data\":\"AQI=\"},{\"data\":\"\"},"
	    "{\"data\":null},{\"data\":\"AAAA", 52);
	reader_fini(&r);
}
END_TEST

START_TEST(limits_are_told)
{
	struct asked q = { COMPANY, "{\"select\":[\"id\"]}", 0, 3, 0 };
	struct reader r;

	ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(r.failure.text, "3 rows"));
	ck_assert_str_eq(r.text.data, "{\"id\":1},{\"id\":2},{\"id\":3}");
	ck_assert(r.border);
	reader_fini(&r);
	q.max_rows = 5;
	ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_NONE);
	reader_fini(&r);
	q.max_bytes = 20;
	ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(r.failure.text, "20 bytes"));
	ck_assert_str_eq(r.text.data, "{\"id\":1},{\"id\":2}");
	reader_fini(&r);
}
END_TEST

/* In the middle of a list that is being streamed: the rows before stay. */
START_TEST(error_after_rows)
{
	const struct asked q = { COMPANY, "{\"select\":[\"id\",\"notes\"]}",
	    3, 0, 0 };
	const struct asked gone = { LINE, "{}", 0, 0, 0 };
	struct reader r;

	run_raw("UPDATE Line SET price = 'much' WHERE id = 4");
	ask(&gone, &r);
	ck_assert_int_eq(r.failure.code, ERR_DATABASE);
	ck_assert_ptr_nonnull(strstr(r.failure.text, "price"));
	ck_assert_ptr_nonnull(strstr(r.text.data, "\"id\":3"));
	ck_assert_ptr_null(strstr(r.text.data, "\"id\":4"));
	reader_fini(&r);
	run_raw("DROP TABLE Note");
	ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_DATABASE);
	ck_assert_str_eq(r.text.data, "");
	reader_fini(&r);
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
	const struct asked q = { COMPANY, "{\"include\":[\"notes\"]}", 0, 0,
	    0 };
	struct writer_params params = { .id = 42, .guard = &guard };
	struct writer w;
	struct err e;
	pthread_t thread;
	int ends[2];

	run_raw(crowd);
	ck_assert_int_eq(fdpass_pair(ends, NULL), 0);
	params.fd = ends[0];
	ck_assert_int_eq(pthread_create(&thread, NULL, leave, &ends[1]), 0);
	ck_assert_int_eq(writer_init(&w, &params, &e), 0);
	ck_assert_int_eq(fetch(&q, &w, &e), -1);
	ck_assert_int_eq(e.code, ERR_CANCELLED);
	ck_assert_int_eq(writer_end(&w, &e), -1);
	writer_fini(&w);
	pthread_join(thread, NULL);
	close(ends[0]);
}
END_TEST

START_TEST(huge_row_goes_in_pieces)
{
	const struct asked q = { NOTE, "{}", 0, 0, 0 };
	struct reader r;

	run_raw("UPDATE Note SET text = printf('%.*c', 3000000, 'h') "
	    "WHERE id = 12");
	ask(&q, &r);
	ck_assert_int_eq(r.failure.code, ERR_NONE);
	ck_assert_uint_gt(r.messages, 40);
	ck_assert_uint_gt(r.text.len, 3000000);
	ck_assert_uint_eq(strspn(strchr(r.text.data, 'h'), "h"), 3000000);
	ck_assert_ptr_nonnull(strstr(r.text.data, "{\"id\":15"));
	reader_fini(&r);
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
	Suite *s = suite_create("fetch");
	TCase *tc = tcase_create("fetch");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, rows_are_right, 0,
	    (int)(sizeof(rows) / sizeof(*rows)));
	tcase_add_loop_test(tc, batches_make_no_difference, 0,
	    (int)(sizeof(large) / sizeof(*large)));
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
