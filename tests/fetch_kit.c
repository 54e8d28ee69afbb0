/*
 * A database file and the engine on it: options are asked of a collector, and
 * the reply is read as a worker would read it.
 */
#include "fetch_kit.h"

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    "  mentions Mention[]\n"
    "  orders Order[]\n"
    "}\n"
    "model Note {\n"
    "  id Int @id\n"
    "  code String?\n"
    "  text String?\n"
    "  company Company? @relation(fields: [code], references: [code])\n"
    "}\n"
    "view Mention {\n"
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
    "model Country {\n"
    "  code String @id\n"
    "  cities City[]\n"
    "}\n"
    "model Rate {\n"
    "  amount Decimal @id\n"
    "  cities City[]\n"
    "}\n"
    "model City {\n"
    "  id Int @id\n"
    "  code String?\n"
    "  amount Decimal?\n"
    "  country Country? @relation(fields: [code], references: [code])\n"
    "  rate Rate? @relation(fields: [amount], references: [amount])\n"
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
    "CREATE VIEW Mention AS SELECT code, text FROM Note;"
    "CREATE TABLE \"Order\" (a INT, b TEXT, companyId INT,"
    " PRIMARY KEY (a, b));"
    "CREATE TABLE Line (id INTEGER PRIMARY KEY, a INT, b TEXT,"
    " price DECIMAL(10,2));"
    "CREATE INDEX parents ON Company (parent);"
    "CREATE INDEX codes ON Note (code);"
    "CREATE INDEX companies ON \"Order\" (companyId);"
    "CREATE INDEX orders ON Line (a, b);"
    "CREATE TABLE Country (code TEXT COLLATE NOCASE PRIMARY KEY);"
    "CREATE TABLE Rate (amount DECIMAL(10,2) PRIMARY KEY);"
    "CREATE TABLE City (id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE,"
    " amount TEXT);"
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
    "INSERT INTO Country VALUES ('DE'), ('Fr');"
    "INSERT INTO Rate VALUES (1.5), (2);"
    "INSERT INTO City VALUES (1, 'de', '1.50'), (2, 'DE', '1.5'),"
    " (3, 'De', '2.0'), (4, 'fr', NULL), (5, 'xx', '7'), (6, NULL, '2');"
    "INSERT INTO File VALUES (1, x'0102', 'a', NULL, 2),"
    " (2, x'', 'b', x'ff', NULL), (3, NULL, 'c', NULL, 2);";

const char kit_crowd[] =
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

/*
 * Batches: usual, none at all, tiny, odd, and everything streamed: as SQLite
 * does it, in pages, with one statement open at once, and all streaming.
 */
const struct kit_way kit_ways[KIT_WAYS] = {
	{ 500, 16 << 20, true, true, 0 }, { 1, 16 << 20, true, true, 0 },
	{ 3, 2000, true, true, 0 }, { 500, 1, true, true, 0 },
	{ 7, 20000, true, true, 0 }, { 500, 100000, true, true, 0 },
	{ 500, 16 << 20, false, false, 0 }, { 3, 2000, false, false, 0 },
	{ 500, 1, false, false, 0 }, { 500, 100000, false, false, 0 },
	{ 500, 16 << 20, true, false, 1 }, { 3, 2000, true, false, 1 },
	{ 500, 1, true, false, 1 }, { 7, 20000, false, false, 1 },
	{ 500, 16 << 20, true, false, 0 }, { 3, 2000, true, false, 0 },
	{ 500, 1, true, false, 0 },
};

struct db_guard kit_guard;
size_t kit_statements;

static char folder[] = "/tmp/test_fetch.XXXXXX";
static char file[64];
static struct db *db;
static struct schema *schema;
static struct err err;
static size_t open_max;		/* statements open at once; 0 = any number */

static void
read_message(struct kit_reply *r, const char *message, size_t len)
{
	struct reply reply;

	ck_assert(!r->ended);
	ck_assert_int_eq(reply_get(message, len, &reply), 0);
	ck_assert(r->begun == (reply.type != REPLY_BEGUN &&
	    reply.type != REPLY_ANSWER && reply.type != REPLY_REFUSAL));
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
	case REPLY_ANSWER:
		ck_assert_int_eq(buf_put(&r->text, reply.text.data,
		    reply.text.len), 0);
		r->border = r->ended = true;
		break;
	case REPLY_REFUSAL:
		r->failure.code = reply.code;
		snprintf(r->failure.text, sizeof(r->failure.text), "%.*s",
		    (int)reply.text.len, reply.text.data);
		r->ended = true;
		break;
	case REPLY_END:
		r->ended = true;
		break;
	case REPLY_BINARY:
	case REPLY_EMIT:
	case REPLY_ACK:
	case REPLY_TYPES:
		ck_abort();
	}
}

static void *
read_replies(void *ctx)
{
	static char message[REPLY_BYTES_MAX];
	struct kit_reply *r = ctx;
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

int
kit_fetch(const struct kit_asked *q, struct writer *w, struct err *e)
{
	const struct plan_limits limits = { 64, 64 };
	const struct kit_way *way = &kit_ways[q->way];
	struct dialect dialect = *db_dialect(db);
	struct collector *c = collector_read(schema, "test", "test.collector",
	    q->collector, NULL, NULL);
	struct fetch_params p = { .db = db, .dialect = &dialect, .writer = w,
	    .batch_rows = way->rows, .batch_bytes = way->bytes };
	struct plan *plan;
	int r;

	dialect.streams = way->streams;
	dialect.streams_bare = way->streams_bare;
	dialect.statements_open = open_max = way->statements_open;
	ck_assert_ptr_nonnull(c);
	plan = plan_read(c, q->options, strlen(q->options), &limits, e);
	ck_assert_msg(plan != NULL, "%s", e->text);
	p.plan = plan;
	writer_begin(w, plan->attachments);
	r = fetch_run(&p, e);
	plan_free(&plan);
	collector_free(&c);
	return r;
}

void
kit_ask(const struct kit_asked *q, struct kit_reply *r)
{
	struct writer_params params = { .id = 42, .guard = &kit_guard,
	    .max_rows = q->max_rows, .max_bytes = q->max_bytes };
	struct writer w = { 0 };
	struct err e;
	pthread_t thread;
	int ends[2], result;

	memset(r, 0, sizeof(*r));
	ck_assert_int_eq(fdpass_pair(ends, NULL), 0);
	r->fd = ends[1];
	params.fd = ends[0];
	ck_assert_int_eq(pthread_create(&thread, NULL, read_replies, r), 0);
	ck_assert_int_eq(writer_init(&w, &params, &e), 0);
	kit_statements = 0;
	result = kit_fetch(q, &w, &e);
	ck_assert_int_eq(writer_end(&w, result == 0 ? NULL : &e), 0);
	writer_fini(&w);
	close(ends[0]);
	pthread_join(thread, NULL);
	close(ends[1]);
	ck_assert(r->ended);
	ck_assert_int_eq(buf_putc(&r->text, '\0'), 0);
	ck_assert_int_eq(buf_putc(&r->attachments, '\0'), 0);
}

void
kit_reply_fini(struct kit_reply *r)
{
	buf_fini(&r->text);
	buf_fini(&r->attachments);
}

size_t
kit_agree(const struct kit_asked *asked, size_t len)
{
	struct kit_asked q = *asked;
	struct kit_reply first, r;
	size_t cuts = 0;

	for (q.way = 0; q.way < KIT_WAYS; q.way++) {
		kit_ask(&q, &r);
		ck_assert_msg(r.failure.code == ERR_NONE, "%s",
		    r.failure.text);
		ck_assert(r.border);
		cuts += r.cuts;
		if (q.way == 0) {
			ck_assert_uint_gt(r.text.len, len);
			first = r;
			continue;
		}
		ck_assert_uint_eq(r.text.len, first.text.len);
		ck_assert_mem_eq(r.text.data, first.text.data, r.text.len);
		kit_reply_fini(&r);
	}
	kit_reply_fini(&first);
	return cuts;
}

void
kit_run(const char *sql)
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

/* A statement begins; it finds no more open ones than may be. */
static int
watch(unsigned int type, void *ctx, void *stmt, void *sql)
{
	sqlite3_stmt *other = NULL;
	size_t n = 1;

	(void)type;
	(void)sql;
	kit_statements++;
	while (open_max > 0 &&
	    (other = sqlite3_next_stmt(ctx, other)) != NULL)
		n += other != stmt && sqlite3_stmt_busy(other);
	ck_assert(open_max == 0 || n <= open_max);
	return 0;
}

static int
watch_all(sqlite3 *handle, const char **error, const void *api)
{
	(void)error;
	(void)api;
	return sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, watch, handle);
}

void
kit_start(void)
{
	struct db_target target;
	char url[80];

	ck_assert_int_eq(db_init(&err), 0);
	sqlite3_auto_extension((void (*)(void))watch_all);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/t.db", folder);
	snprintf(url, sizeof(url), "file:%s", file);
	kit_run(data);
	ck_assert_int_eq(db_target_read(&target, url, "/", &err), 0);
	db = db_open(&target, &kit_guard, 300, &err);
	ck_assert_msg(db != NULL, "%s", err.text);
	db_target_fini(&target);
	schema = schema_read("test.prisma", schema_text,
	    sizeof(schema_text) - 1, tell, NULL);
}

void
kit_stop(void)
{
	schema_free(&schema);
	db_close(&db);
	unlink(file);
	rmdir(folder);
}
