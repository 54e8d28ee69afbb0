/* DATABASE_URL in all its spellings, and that no refusal shows a secret. */
#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "unit.h"

#define PG "Driver=PostgreSQL Unicode;BoolsAsChar=0;UseDeclareFetch=0;" \
	"MaxVarcharSize=8000;ReadOnly=1;" \
	"ConnSettings={set client_encoding to SQL_ASCII};" \
	"pqopt={options='-c default_transaction_read_only=on'};"
#define MY "Driver=MariaDB Unicode;CHARSET=utf8mb4;" \
	"INITSTMT={SET SESSION tx_read_only=1, time_zone='+00:00'};"
#define MS "Driver=FreeTDS;TDS_Version=7.4;ClientCharset=UTF-8;" \
	"ApplicationIntent=ReadOnly;"
#define LITE(path) "Driver=SQLite3;StepAPI=1;Database=file:" path "?mode=ro;"

static const struct {
	const char *url;
	int dialect;		/* -1: known only once connected */
	const char *connection;
	const char *file;
} good[] = {
	{ "file:./dev.db", DIALECT_SQLITE, LITE("/f/dev.db"), "/f/dev.db" },
	{ "file:demo.db", DIALECT_SQLITE, LITE("/f/demo.db"), "/f/demo.db" },
	{ "file:../x/demo.db", DIALECT_SQLITE, LITE("/f/../x/demo.db"),
	  "/f/../x/demo.db" },
	{ "file:/abs/a.db", DIALECT_SQLITE, LITE("/abs/a.db"), "/abs/a.db" },
	{ "file:///abs/a.db", DIALECT_SQLITE, LITE("/abs/a.db"), "/abs/a.db" },
	{ "file://localhost/abs/a.db", DIALECT_SQLITE, LITE("/abs/a.db"),
	  "/abs/a.db" },
	{ "sqlite:a.db", DIALECT_SQLITE, LITE("/f/a.db"), "/f/a.db" },
	{ "sqlite:///abs/a.db", DIALECT_SQLITE, LITE("/abs/a.db"),
	  "/abs/a.db" },
	{ "sqlite://a.db", DIALECT_SQLITE, LITE("/f/a.db"), "/f/a.db" },
	{ "file:a%20b%25.db", DIALECT_SQLITE, LITE("/f/a%20b%25.db"),
	  "/f/a b%.db" },
	{ "file:a;b}.db", DIALECT_SQLITE, LITE("/f/a%3Bb%7D.db"),
	  "/f/a;b}.db" },
	{ "file:a%3fb.db?connection_limit=1&mode=ro", DIALECT_SQLITE,
	  LITE("/f/a%3Fb.db"), "/f/a?b.db" },
	{ "Driver={SQLite3};Database=/abs/a.db", DIALECT_SQLITE,
	  LITE("/abs/a.db"), "/abs/a.db" },
	{ "driver=libsqlite3odbc.so ; database = {a;b.db};", DIALECT_SQLITE,
	  LITE("/f/a%3Bb.db"), "/f/a;b.db" },
	{ "postgresql://u:p@host:5432/db", DIALECT_POSTGRESQL,
	  PG "UID=u;PWD=p;Server=host;Port=5432;Database=db;", NULL },
	{ "postgres://u:p@host/db?schema=public&sslmode=require",
	  DIALECT_POSTGRESQL,
	  PG "UID=u;PWD=p;Server=host;Database=db;SSLmode=require;", NULL },
	{ "postgresql://u:p%3B%7D%40@[::1]:5433/d%20b?connection_limit=5",
	  DIALECT_POSTGRESQL,
	  PG "UID=u;PWD={p;}}@};Server=::1;Port=5433;Database={d b};", NULL },
	{ "postgresql://u:p@ss@host/db", DIALECT_POSTGRESQL,
	  PG "UID=u;PWD={p@ss};Server=host;Database=db;", NULL },
	{ "mysql://u:p@host:3306/db", DIALECT_MARIADB,
	  MY "UID=u;PWD=p;Server=host;Port=3306;Database=db;", NULL },
	{ "mariadb://host/db?sslaccept=strict", DIALECT_MARIADB,
	  MY "Server=host;Database=db;SSLVERIFY=1;", NULL },
	{ "mysql://u%40x:p%3Aq%2Fr@[fe80::1]:3307/d%2Fb", DIALECT_MARIADB,
	  MY "UID={u@x};PWD=p:q/r;Server=fe80::1;Port=3307;Database=d/b;",
	  NULL },
	{ "mysql://u@localhost/db?socket=%2Frun%2Fmysqld%2Fmysqld.sock",
	  DIALECT_MARIADB, MY "UID=u;Server=localhost;Database=db;"
	  "SOCKET=/run/mysqld/mysqld.sock;", NULL },
	{ "POSTGRESQL://host", DIALECT_POSTGRESQL, PG "Server=host;", NULL },
	{ "postgresql://host/db?sslmode=verify-full&application_name=a%20b",
	  DIALECT_POSTGRESQL, PG "Server=host;Database=db;"
	  "SSLmode=verify-full;ApplicationName={a b};", NULL },
	{ "postgresql://u:@host/db?", DIALECT_POSTGRESQL,
	  PG "UID=u;PWD={};Server=host;Database=db;", NULL },
	{ "postgres://u@host/?schema=s", DIALECT_POSTGRESQL,
	  PG "UID=u;Server=host;", NULL },
	{ "sqlserver://[::1]:1433;database=d", DIALECT_SQLSERVER,
	  MS "Server=::1;Port=1433;Database=d;", NULL },
	{ "sqlserver://host:1433;database=d;user=u;password=p;encrypt=true;"
	  "trustServerCertificate=true", DIALECT_SQLSERVER,
	  MS "Server=host;Port=1433;Database=d;UID=u;PWD=p;"
	  "Encryption=require;", NULL },
	{ "sqlserver://host;Initial Catalog={d;b};User Id=u;pwd={a}}b;c};",
	  DIALECT_SQLSERVER,
	  MS "Server=host;Database={d;b};UID=u;PWD={a}b;c};", NULL },
	{ "sqlserver://host;database=d;encrypt=DANGER_PLAINTEXT;schema=dbo;"
	  "connectionLimit=3", DIALECT_SQLSERVER,
	  MS "Server=host;Database=d;Encryption=off;", NULL },
	{ "Driver={FreeTDS};Server=h;PWD={x}", DIALECT_SQLSERVER,
	  "Driver={FreeTDS};Server=h;PWD={x};", NULL },
	{ "Driver=MariaDB Unicode;Server=h;", DIALECT_MARIADB,
	  "Driver=MariaDB Unicode;Server=h;", NULL },
	{ "DSN=house;UID=u;PWD=p", -1, "DSN=house;UID=u;PWD=p;", NULL },
};

static const struct {
	const char *url;
	const char *says;	/* a piece of the sentence */
} bad[] = {
	{ "", "none of" },
	{ "oracle://u:s3cret@h/d", "none of" },
	{ "file:", "no file" },
	{ "file::memory:", "no file" },
	{ "file://host/x.db", "host" },
	{ "file:x%zz.db", "%XX" },
	{ "file:x%00.db", "%XX" },
	{ "file:x.db?mode=rwc", "\"mode\"" },
	{ "file:x.db?vfs=s3cret", "\"vfs\"" },
	{ "postgresql://u:s3cret@/db", "host" },
	{ "postgresql://u:s3cret@h:99x/db", "port" },
	{ "postgresql://u:s3cret@h/db?colour=s3cret", "\"colour\"" },
	{ "postgresql://u:s3cret%@h/db", "%XX" },
	{ "postgresql://u:s3cret@", "host" },
	{ "postgresql://u:s3cret@[::1/db", "host" },
	{ "postgresql://u:s3cret@h:/db", "port" },
	{ "postgresql://u:s3cret@h/d%00b", "%XX" },
	{ "postgresql://u:s3cret@h/db?host=s3cret", "\"host\"" },
	{ "postgresql://u:s3cret@h/db?options=s3cret", "\"options\"" },
	{ "mysql://u:s3cret@h/db?sslaccept=s3cret", "\"sslaccept\"" },
	{ "mysql://u:s3cret@h/db?allowMultiQueries=1",
	  "\"allowMultiQueries\"" },
	{ "sqlserver://;password=s3cret", "host" },
	{ "sqlserver://h;encrypt=s3cret", "\"encrypt\"" },
	{ "mongodb://u:s3cret@h/d", "none of" },
	{ "sqlserver://h;database=d;password=s3cret;colour=s3cret",
	  "\"colour\"" },
	{ "sqlserver://h;password={s3cret", "\"password\"" },
	{ "sqlserver://h;password=a;s3cret", "NAME=VALUE" },
	{ "sqlserver://h;password={s3cret}};x}", "\"password\"" },
	{ "sqlserver://h;trustServerCertificate=s3cret",
	  "\"trustServerCertificate\"" },
	{ "Driver={SQLite3};Database=x;Tracefile=s3cret", "\"Tracefile\"" },
	{ "Driver={SQLite3}", "no file" },
	{ "Driver={Oracle};PWD=s3cret", "Oracle" },
	{ "Server=h;PWD=s3cret", "neither" },
};

START_TEST(url_is_understood)
{
	struct db_target t;
	struct err err = { 0 };

	ck_assert_msg(db_target_read(&t, good[_i].url, "/f", &err) == 0,
	    "%s: %s", good[_i].url, err.text);
	ck_assert_str_eq(t.connection, good[_i].connection);
	if (good[_i].dialect < 0)
		ck_assert_ptr_null(t.dialect);
	else
		ck_assert_int_eq((int)t.dialect->id, good[_i].dialect);
	if (good[_i].file == NULL)
		ck_assert_ptr_null(t.file);
	else
		ck_assert_str_eq(t.file, good[_i].file);
	ck_assert_ptr_null(strstr(t.shown, "p@ss"));
	db_target_fini(&t);
}
END_TEST

START_TEST(url_is_refused)
{
	struct db_target t;
	struct err err = { 0 };

	ck_assert_int_eq(db_target_read(&t, bad[_i].url, "/f", &err), -1);
	ck_assert_int_eq(err.code, ERR_DATABASE);
	ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "%s: %s",
	    bad[_i].url, err.text);
	ck_assert_ptr_null(strstr(err.text, "s3cret"));
	ck_assert_ptr_null(t.connection);
}
END_TEST

START_TEST(long_value_is_refused)
{
	char url[3000] = "file:/";
	struct db_target t;
	struct err err;

	memset(url + 6, 'x', 2000);
	ck_assert_int_eq(db_target_read(&t, url, "/f", &err), -1);
	strcpy(url, "sqlserver://h;password=");
	memset(url + strlen(url), 'x', 2000);
	ck_assert_int_eq(db_target_read(&t, url, "/f", &err), -1);
	ck_assert_ptr_null(strstr(err.text, "xxx"));
}
END_TEST

START_TEST(shown_has_no_password)
{
	struct db_target t;

	ck_assert_int_eq(db_target_read(&t, "postgresql://u:p@h:1/d", "/f",
	    NULL), 0);
	ck_assert_str_eq(t.shown, "postgresql d on h:1");
	db_target_fini(&t);
	ck_assert_int_eq(db_target_read(&t, "file:x.db", "/f", NULL), 0);
	ck_assert_str_eq(t.shown, "sqlite /f/x.db");
	db_target_fini(&t);
	ck_assert_int_eq(db_target_read(&t, "postgresql://u:p@h/d?schema=a%20b",
	    "/f", NULL), 0);
	ck_assert_str_eq(t.schema, "a b");
	ck_assert_str_eq(t.shown, "postgresql d on h");
	db_target_fini(&t);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("spellings");

	tcase_add_loop_test(tc, url_is_understood, 0, COUNT(good));
	tcase_add_loop_test(tc, url_is_refused, 0, COUNT(bad));
	tcase_add_test(tc, long_value_is_refused);
	tcase_add_test(tc, shown_has_no_password);
	return unit_run("db_url", tc);
}
