/*
 * The conf: texts and the values or faults that they give, then the
 * environment and the files around it, in a folder of their own.
 */
#include "conf/conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf_table.h"
#include "unit.h"

#define FILE_NAME "test.conf"

static struct conf conf;
static struct conf_faults faults;
static char folder[] = "/tmp/dalpuri-conf-XXXXXX";
static char start_folder[PATH_MAX];

static void
setup(void)
{
	ck_assert_int_eq(conf_init(&conf), 0);
	memset(&faults, 0, sizeof(faults));
}

static void
teardown(void)
{
	conf_fini(&conf);
	conf_faults_fini(&faults);
}

static int
read_text(const char *text)
{
	return conf_read_text(&conf, FILE_NAME, text, strlen(text), &faults);
}

/* All faults in one text, a line each. */
static void
join_faults(char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < faults.lines.n && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s\n",
		    faults.lines.v[i]);
}

/* Texts with faults: exactly these lines. */
static const struct {
	const char *text, *faults;
} wrong[] = {
	/* Values: all of them, each with its line. */
	{ "workers = many\n\nlog_level = loud\n",
	  "test.conf:1: workers: \"many\" is not a whole number\n"
	  "test.conf:3: log_level: \"loud\" is not known; "
	  "it must be one of error to debug\n" },
	{ "workers = 65", "test.conf:1: workers: 65 is out of range: "
	  "0 to 64 processes\n" },
	{ "workers = -1", "test.conf:1: workers: -1 is out of range: "
	  "0 to 64 processes\n" },
	{ "# a comment\nsocketio {\n  /* another\n  */ ping_interval = 5ms\n"
	  "}\n", "test.conf:4: socketio.ping_interval: 5ms is out of range: "
	  "100ms to 10min\n" },
	{ "socketio { ping_timeout = 25 }", "test.conf:1: "
	  "socketio.ping_timeout: \"25\" is not a duration like 300ms, 25s or "
	  "2min\n" },
	{ "limits { stream_bytes = 1K batch_bytes = 5X }",
	  "test.conf:1: limits.stream_bytes: 1K is out of range: 4K to 64M\n"
	  "test.conf:1: limits.batch_bytes: \"5X\" is not a size like "
	  "1000000, 64K or 100M\n" },
	{ "socketio { auth = non }", "test.conf:1: socketio.auth: \"non\" is "
	  "not known; did you mean none?\n" },
	{ "socketio {\npath = \"socket.io\"\nnamespaces = { \"/\", \"a\" } }",
	  "test.conf:2: socketio.path: \"socket.io\" must begin and end with "
	  "\"/\" and have no blanks, \"?\", \"#\" or \"%\"\n"
	  "test.conf:3: socketio.namespaces: \"a\" must begin with \"/\", "
	  "have at most 127 bytes, no blanks, \",\" or \"?\"\n" },
	{ "socketio { cors_origins = \"example.com\" }", "test.conf:1: "
	  "socketio.cors_origins: \"example.com\" must be \"*\" or an origin "
	  "like \"https://app.example.com\"\n" },
	{ "listen = {\n \"*:3000\", # one\n \"localhost:1\" }",
	  "test.conf:3: listen: \"localhost:1\" must be \"*:PORT\", "
	  "\"A.B.C.D:PORT\", \"[IPv6]:PORT\" or a port\n" },
	{ "listen = {}", "test.conf: listen: the list must not be empty\n" },
	{ "user = \"\"", "test.conf:1: user: must not be empty\n" },

	/* Names: the first, with its place or the nearest spelling. */
	{ "workers = 2\nwrokers = 3\nother = 4\n", "test.conf:2: there is no "
	  "setting \"wrokers\"; did you mean workers?\n" },
	{ "socketio {\nping_intervall = 1s\n}", "test.conf:2: there is no "
	  "setting \"ping_intervall\" in socketio; did you mean "
	  "ping_interval?\n" },
	{ "ping_interval = 1s", "test.conf:1: \"ping_interval\" belongs into "
	  "the section socketio\n" },
	{ "zzzzzz = 1", "test.conf:1: there is no setting \"zzzzzz\"\n" },
	{ "workers = x\nzzzzzz = 1", "test.conf:1: workers: \"x\" is not a "
	  "whole number\ntest.conf:2: there is no setting \"zzzzzz\"\n" },

	/* Syntax: where it begins. */
	{ "workers 3", "test.conf:1: missing equal sign after option "
	  "'workers'\n" },
	{ "\nworkers = }", "test.conf:2: unexpected token '}'\n" },
	{ "a\n=\n{", "test.conf:1: there is no setting \"a\"\n" },
	{ "\nsocketio {\n path = \"/\"\n", "test.conf:2: the brace that is "
	  "opened here is not closed\n" },
	{ "workers = 1\nuser = \"x\n\n", "test.conf:2: the string that begins "
	  "here has no end\n" },
	{ "workers = 1 /*\n\n", "test.conf:1: the comment that begins here "
	  "has no end\n" },
	{ "}", "test.conf:1: unexpected closing brace\n" },

	/* Keys, of which nothing secret is told. */
	{ "key { psk = a }", "test.conf:1: key needs a name in "
	  "front of its brace\n" },
	{ "key a { psk = x }\nkey a { psk = y }",
	  "test.conf:2: key \"a\" is there already; each name stands once\n" },
	{ "key a {\n}", "test.conf:2: key \"a\": psk: missing; give psk or "
	  "psk_file\n" },
	{ "key a { psk = x psk_file = y }", "test.conf:1: key \"a\": psk_file: "
	  "psk is given too; one of them\n" },
	{ "key a { psk = part secret }", "test.conf:1: unexpected text behind "
	  "a secret; put it into quotes\n" },
	{ "key '' { psk = x }", "test.conf:1: key \"\": the name: must have 1 "
	  "to 127 bytes and no control characters\n" },
};

START_TEST(faults_told)
{
	char got[4096];

	ck_assert_int_eq(read_text(wrong[_i].text), -1);
	join_faults(got, sizeof(got));
	ck_assert_str_eq(got, wrong[_i].faults);
}
END_TEST

/* The sample of the contract, word for word. */
START_TEST(sample)
{
	ck_assert_int_eq(read_text(
	    "listen = { \"*:3000\" }         # dual stack; PORT replaces\n"
	    "workers = 2                   # 0 = one per core\n"
	    "socketio { path = \"/socket.io/\"  namespaces = { \"/\" }  "
	    "auth = psk  ping_interval = 25s  ping_timeout = 20s\n"
	    "  connect_timeout = 45s  upgrade_timeout = 10s  "
	    "max_payload = 1000000  cors_origins = { \"*\" } }\n"
	    "database { url = \"file:demo.db\"  schema = \"schema.prisma\"  "
	    "collectors = \"collectors\"\n"
	    "  connections = 2  query_timeout = 30s  max_rows = 0  "
	    "max_result_bytes = 100M }   # connections: per worker\n"
	    "key \"crm\" { psk_file = \"crm.psk\"  allow = { \"*\" } }\n"), 0);
	ck_assert_uint_eq(conf.listen.n, 1);
	ck_assert_int_eq(conf.socketio.connect_timeout_ms, 45000);
	ck_assert_int_eq(conf.socketio.max_payload_bytes, 1000000);
	ck_assert_int_eq(conf.database.max_result_bytes, 100 << 20);
	ck_assert_str_eq(conf.database.url, "file:demo.db");
	ck_assert_uint_eq(conf_line(&conf, &conf.database.url), 5);
	ck_assert_uint_eq(conf_line(&conf, &conf.database.connections), 6);
	ck_assert_uint_eq(conf_line(&conf, &conf.limits.requests), 0);
	ck_assert_str_eq(conf.keys[0].psk_file, "crm.psk");
	ck_assert(conf_list_has(&conf.keys[0].allow, "fetchCompanies"));
}
END_TEST

START_TEST(defaults)
{
	for (size_t i = 0; i < conf_table_rows; i++) {
		const struct conf_row *row = &conf_table[i];

		ck_assert(strlen(row->meaning) > 0);
		if (row->kind >= CONF_INT)
			ck_assert_ptr_nonnull(row->standard);
		if (row->kind == CONF_LIST && !conf_row_of_key(row))
			ck_assert_uint_eq(conf_list_at(row, &conf)->n,
			    row->standard != NULL);
	}
	ck_assert_int_eq(conf.log_level, LOG_LEVEL_INFO);
	ck_assert_int_eq(conf.socketio.ping_interval_ms, 25000);
	ck_assert_int_eq(conf.limits.head_bytes, 16384);
	ck_assert_ptr_null(conf.user);
}
END_TEST

START_TEST(lists)
{
	ck_assert_int_eq(read_text("listen = 127.0.0.1:1\n"
	    "listen += { \"[::1]:2\", 3 }\n"
	    "socketio { cors_origins = {} }\n"
	    "key a { psk = 'x' allow = {} }\n"
	    "key b { psk = \"y\" allow = fetchMembers }\n"), 0);
	ck_assert_uint_eq(conf.listen.n, 3);
	ck_assert_str_eq(conf.listen.v[0], "127.0.0.1:1");
	ck_assert_str_eq(conf.listen.v[2], "3");
	ck_assert_uint_eq(conf.socketio.cors_origins.n, 0);
	ck_assert(!conf_list_has(&conf.keys[0].allow, "fetchMembers"));
	ck_assert(conf_list_has(&conf.keys[1].allow, "fetchMembers"));
	ck_assert(!conf_list_has(&conf.keys[1].allow, "fetchCompanies"));
}
END_TEST

START_TEST(quotes)
{
	ck_assert_int_eq(read_text("key a { psk = '${HOME}\\x' }\n"
	    "key b { psk = \"a\\x41${DALPURI_UNSET}b\" }\n"), 0);
	ck_assert_str_eq(conf.keys[0].psk, "${HOME}\\x");
	ck_assert_str_eq(conf.keys[1].psk, "aAb");
}
END_TEST

START_TEST(last_one_wins)
{
	ck_assert_int_eq(read_text("workers = 1\nsocketio { path = /a/ }\n"
	    "workers = 3\nsocketio { path = /b/ }\n"), 0);
	ck_assert_int_eq(conf.workers, 3);
	ck_assert_str_eq(conf.socketio.path, "/b/");
	ck_assert_uint_eq(conf_line(&conf, &conf.workers), 3);
}
END_TEST

START_TEST(no_file)
{
	ck_assert_int_eq(conf_read(&conf, "/nonexistent/x.conf", &faults), -1);
	ck_assert_str_eq(faults.lines.v[0],
	    "/nonexistent/x.conf: No such file or directory");
	ck_assert_int_eq(conf_read(&conf, "/", &faults), -1);
	ck_assert_str_eq(faults.lines.v[1], "/: not a file");
}
END_TEST

static const struct {
	const char *text;
	int result;
	const char *host;
	bool any, ipv6;
	unsigned int port;
} addresses[] = {
	{ "*:3000", 0, "", true, false, 3000 },
	{ "3000", 0, "", true, false, 3000 },
	{ "127.0.0.1:0", 0, "127.0.0.1", false, false, 0 },
	{ "[::1]:65535", 0, "::1", false, true, 65535 },
	{ "[::ffff:1.2.3.4]:1", 0, "::ffff:1.2.3.4", false, true, 1 },
	{ "", -1, NULL, false, false, 0 },
	{ "*", -1, NULL, false, false, 0 },
	{ ":3000", -1, NULL, false, false, 0 },
	{ "*:", -1, NULL, false, false, 0 },
	{ "*:65536", -1, NULL, false, false, 0 },
	{ "*:1x", -1, NULL, false, false, 0 },
	{ "::1:3000", -1, NULL, false, false, 0 },
	{ "[]:1", -1, NULL, false, false, 0 },
	{ "[127.0.0.1]:1", -1, NULL, false, false, 0 },
	{ "1.2.3:1", -1, NULL, false, false, 0 },
	{ "[::1:3000", -1, NULL, false, false, 0 },
};

START_TEST(address)
{
	struct conf_address a;

	ck_assert_int_eq(conf_address_read(addresses[_i].text, &a),
	    addresses[_i].result);
	if (addresses[_i].result == -1)
		return;
	ck_assert_str_eq(a.host, addresses[_i].host);
	ck_assert_int_eq(a.any, addresses[_i].any);
	ck_assert_int_eq(a.ipv6, addresses[_i].ipv6);
	ck_assert_uint_eq(a.port, addresses[_i].port);
}
END_TEST

/* ---- with files ---- */

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	chmod(name, 0600);
}

/* A folder with a schema and some collectors is where we are. */
static void
setup_folder(void)
{
	setup();
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(getcwd(start_folder, sizeof(start_folder)));
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	mkdir("etc", 0700);
	mkdir("etc/collectors", 0700);
	mkdir("etc/collectors/folder.collector", 0700);
	mkdir("etc/no-files", 0700);
	mkdir("etc/no-files/socket.io.js", 0700);
	mkdir("etc/dist", 0700);
	write_file("etc/dist/socket.io.min.js", "io()");
	write_file("etc/dist/socket.io.min.js.map", "{}");
	write_file("etc/dist/socket.io.other.js", "");
	write_file("etc/dist/index.html", "");
	write_file("etc/schema.prisma", "a schema");
	write_file("etc/collectors/b.collector", "text of b");
	write_file("etc/collectors/a.collector", "");
	write_file("etc/collectors/.hidden.collector", "");
	write_file("etc/collectors/.collector", "");
	write_file("etc/collectors/c.sql", "select 1");
	write_file("etc/collectors/d.so", "");
	write_file("etc/collectors/b.collector~", "");
}

static void
teardown_folder(void)
{
	char command[PATH_MAX];

	teardown();
	ck_assert_int_eq(chdir(start_folder), 0);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static int
finish(const char *text, struct conf_env env)
{
	ck_assert_int_eq(conf_read_text(&conf, "etc/test.conf", text,
	    strlen(text), &faults), 0);
	return conf_finish(&conf, &env, &faults);
}

static void
expect_path(const char *got, const char *name)
{
	char want[PATH_MAX * 2];

	snprintf(want, sizeof(want), "%s/%s", folder, name);
	ck_assert_str_eq(got, want);
}

START_TEST(files_are_read)
{
	write_file("etc/crm.psk", "top secret\n");
	ck_assert_int_eq(finish("database { url = x }\nlog_file = log\n"
	    "key crm { psk_file = crm.psk }", (struct conf_env){ 0 }), 0);
	expect_path(conf.schema.path, "etc/schema.prisma");
	ck_assert_str_eq(conf.schema.name, "schema.prisma");
	ck_assert_str_eq(conf.schema.text, "a schema");
	ck_assert_uint_eq(conf.ncollectors, 4);
	ck_assert_str_eq(conf.collectors[0].name, "a");
	ck_assert_uint_eq(conf.collectors[0].len, 0);
	ck_assert_str_eq(conf.collectors[1].text, "text of b");
	expect_path(conf.collectors[1].path, "etc/collectors/b.collector");
	ck_assert_str_eq(conf.collectors[2].name, "c");
	expect_path(conf.collectors[2].path, "etc/collectors/c.sql");
	ck_assert_str_eq(conf.collectors[3].name, "d");
	expect_path(conf.collectors[3].path, "etc/collectors/d.so");
	ck_assert_uint_eq(faults.refused, 0);
	expect_path(conf.log_file, "etc/log");
	expect_path(conf.database.folder, "etc");
	ck_assert_str_eq(conf.keys[0].psk, "top secret");
}
END_TEST

/* One that cannot be read leaves the others; two for one event are none. */
START_TEST(faulty_collectors_are_left_out)
{
	char path[PATH_MAX];

	write_file("etc/collectors/a.sql", "select 1");
	snprintf(path, sizeof(path), "%s/etc/collectors/b.collector", folder);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("nowhere", path), 0);
	ck_assert_int_eq(finish("database { url = x }\nkey a { psk = x }",
	    (struct conf_env){ 0 }), 0);
	ck_assert_uint_eq(conf.ncollectors, 4);
	ck_assert(conf.collectors[0].refused);
	ck_assert(conf.collectors[1].refused);
	ck_assert_ptr_null(conf.collectors[1].text);
	ck_assert(!conf.collectors[2].refused);
	ck_assert_uint_eq(faults.count, 0);
	ck_assert_uint_eq(faults.refused, 3);
	ck_assert_ptr_nonnull(strstr(faults.lines.v[0],
	    "a.sql:1: the event \"a\" is that of "));
	ck_assert_ptr_nonnull(strstr(faults.lines.v[1],
	    "a.collector:1: the event \"a\" is that of "));
	ck_assert_ptr_nonnull(strstr(faults.lines.v[2], "b.collector: "));
}
END_TEST

START_TEST(bundle_is_read)
{
	ck_assert_int_eq(finish("database { url = x }\nkey a { psk = x }\n"
	    "socketio { client_bundle = dist }", (struct conf_env){ 0 }), 0);
	ck_assert_uint_eq(conf.nbundle, 2);
	ck_assert_str_eq(conf.bundle[0].name, "socket.io.min.js");
	ck_assert_str_eq(conf.bundle[0].text, "io()");
	expect_path(conf.bundle[0].path, "etc/dist/socket.io.min.js");
	ck_assert_str_eq(conf.bundle[1].name, "socket.io.min.js.map");
}
END_TEST

START_TEST(environment_wins)
{
	const struct conf_env env = { .database_url = "file:env.db",
	    .psk = "from environment", .port = "4000" };

	ck_assert_int_eq(finish("database { url = 'file:conf.db' }\n"
	    "listen = { '127.0.0.1:1', '*:2' }\n"
	    "key default { psk = old allow = x }\nkey crm { psk = mine }\n",
	    env), 0);
	ck_assert_str_eq(conf.database.url, "file:env.db");
	ck_assert_str_eq(conf.database.folder, folder);
	ck_assert_str_eq(conf.listen.v[0], "127.0.0.1:4000");
	ck_assert_str_eq(conf.listen.v[1], "*:2");
	ck_assert_uint_eq(conf.nkeys, 2);
	ck_assert_str_eq(conf.keys[0].psk, "from environment");
	ck_assert_str_eq(conf.keys[0].allow.v[0], "x");
	ck_assert_str_eq(conf.keys[1].psk, "mine");
}
END_TEST

START_TEST(psk_adds_a_key)
{
	ck_assert_int_eq(finish("database { url = x }\nkey crm { psk = mine }",
	    (struct conf_env){ .psk = "other", .port = "" }), 0);
	ck_assert_uint_eq(conf.nkeys, 2);
	ck_assert_str_eq(conf.keys[1].name, "default");
	ck_assert(conf_list_has(&conf.keys[1].allow, "anything"));
}
END_TEST

START_TEST(no_key_needed)
{
	ck_assert_int_eq(finish("database { url = x }\n"
	    "socketio { auth = none }", (struct conf_env){ .psk = "" }), 0);
}
END_TEST

static const struct {
	const char *text, *port, *fault;
} unfinished[] = {
	{ "database { url = x }", NULL, "etc/test.conf: no key: set PSK, or "
	  "add key \"NAME\" { psk_file = \"FILE\" }" },
	{ "key a { psk = x }", NULL, "etc/test.conf: no database: set "
	  "DATABASE_URL, or url in the section database" },
	{ "database { url = x }\nkey a { psk = x }", "http",
	  "PORT: \"http\" is not a port from 0 to 65535" },
	{ "database { url = x }\nkey a { psk = x }", "65536",
	  "PORT: \"65536\" is not a port from 0 to 65535" },
	{ "database { url = x\n schema = other }\nkey a { psk = x }", NULL,
	  "etc/test.conf:2: schema: @/etc/other: No such file or directory" },
	{ "database { url = x\n\n collectors = '/nonexistent' }\n"
	  "key a { psk = x }", NULL, "etc/test.conf:3: collectors: "
	  "/nonexistent: No such file or directory" },
	{ "database { url = x }\nkey a { psk = x }\n"
	  "socketio { client_bundle = 'collectors' }", NULL,
	  "etc/test.conf:3: client_bundle: @/etc/collectors: there is no "
	  "socket.io.js or socket.io.min.js" },
	{ "database { url = x }\nkey a { psk = x }\n"
	  "socketio { client_bundle = 'no-files' }", NULL,
	  "etc/test.conf:3: client_bundle: @/etc/no-files/socket.io.js: "
	  "not a file" },
	{ "database { url = x }\nkey a { psk_file = none }", NULL,
	  "etc/test.conf:2: key \"a\": psk_file: @/etc/none: "
	  "No such file or directory" },
	{ "database { url = x }\nkey a { psk_file = empty }", NULL,
	  "etc/test.conf:2: key \"a\": psk_file: @/etc/empty: empty" },
	{ "database { url = x }\nkey a { psk_file = collectors }", NULL,
	  "etc/test.conf:2: key \"a\": psk_file: @/etc/collectors: "
	  "not a file" },
	{ "database { url = x }\nkey a { psk = x }\n"
	  "limits { respawn_min = 1s respawn_max = 500ms }", NULL,
	  "etc/test.conf:3: limits.respawn_min: more than respawn_max" },
};

START_TEST(unfinished_told)
{
	const char *want = unfinished[_i].fault, *at = strchr(want, '@');
	char text[PATH_MAX];

	write_file("etc/empty", "\n");
	if (at == NULL)
		snprintf(text, sizeof(text), "%s", want);
	else
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - want),
		    want, folder, at + 1);
	ck_assert_int_eq(finish(unfinished[_i].text,
	    (struct conf_env){ .port = unfinished[_i].port }), -1);
	ck_assert_uint_eq(faults.lines.n, 1);
	ck_assert_str_eq(faults.lines.v[0], text);
}
END_TEST

/* conf/dalpuri.conf says what is so without it. */
START_TEST(sample_file)
{
	static const enum conf_role roles[] = {
		CONF_MASTER, CONF_WORKER, CONF_COLLECTOR
	};
	const char *top = getenv("srcdir");
	char path[PATH_MAX];
	struct conf plain;
	struct buf a, b;

	snprintf(path, sizeof(path), "%s/conf/dalpuri.conf",
	    top == NULL ? "." : top);
	ck_assert_int_eq(conf_init(&plain), 0);
	ck_assert_int_eq(conf_read(&conf, path, &faults), 0);
	/* But for the places. */
	free(conf.file);
	free(conf.lines);
	conf.file = NULL;
	conf.lines = NULL;
	free(plain.lines);
	plain.lines = NULL;
	for (int i = 0; i < COUNT(roles); i++) {
		buf_init(&a, 0);
		buf_init(&b, 0);
		ck_assert_int_eq(conf_view_put(&conf, roles[i], &a), 0);
		ck_assert_int_eq(conf_view_put(&plain, roles[i], &b), 0);
		ck_assert_uint_eq(a.len, b.len);
		ck_assert_mem_eq(a.data, b.data, a.len);
		buf_fini(&a);
		buf_fini(&b);
	}
	ck_assert_str_eq(conf.database.schema, plain.database.schema);
	ck_assert_str_eq(conf.database.collectors, plain.database.collectors);
	conf_fini(&plain);
}
END_TEST

static void
take_name(void *ctx, const char *name)
{
	strcat(ctx, name);
	strcat(ctx, " ");
}

START_TEST(fixed_settings)
{
	struct conf other;
	char names[256] = "";

	ck_assert_int_eq(conf_init(&other), 0);
	conf_tell_fixed(&conf, &other, take_name, names);
	ck_assert_str_eq(names, "");
	other.socketio.ping_timeout_ms++;
	other.user = strdup("nobody");
	other.pid_file = strdup("x");
	ck_assert_int_eq(conf_list_add(&other.listen, "1"), 0);
	conf_tell_fixed(&conf, &other, take_name, names);
	ck_assert_str_eq(names, "user pid_file ");
	conf_fini(&other);
}
END_TEST

int
main(void)
{
	TCase *text = tcase_create("text"), *files = tcase_create("files");

	tcase_add_checked_fixture(text, setup, teardown);
	tcase_add_loop_test(text, faults_told, 0, COUNT(wrong));
	tcase_add_test(text, sample);
	tcase_add_test(text, defaults);
	tcase_add_test(text, lists);
	tcase_add_test(text, quotes);
	tcase_add_test(text, last_one_wins);
	tcase_add_test(text, no_file);
	tcase_add_loop_test(text, address, 0, COUNT(addresses));
	tcase_add_test(text, sample_file);
	tcase_add_test(text, fixed_settings);

	tcase_add_checked_fixture(files, setup_folder, teardown_folder);
	tcase_add_test(files, files_are_read);
	tcase_add_test(files, faulty_collectors_are_left_out);
	tcase_add_test(files, bundle_is_read);
	tcase_add_test(files, environment_wins);
	tcase_add_test(files, psk_adds_a_key);
	tcase_add_test(files, no_key_needed);
	tcase_add_loop_test(files, unfinished_told, 0, COUNT(unfinished));

	return unit_run("conf", text, files);
}
