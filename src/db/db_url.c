/*
 * Where a database is: every spelling of DATABASE_URL to ODBC keywords.  What
 * a family of databases calls things is a row of a table here; how SQLite
 * spells its files is in db_file.c.  No message of this file shows a value.
 */
#include "db/db.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "db/db_file.h"
#include "db/handle.h"
#include "db/odbc_string.h"

/* In a keyword's place: it is ours, see struct db_target. */
#define URL_SCHEMA ""

/* A key that a url may have.  Names count without regard to case. */
struct url_key {
	const char *name;
	const char *value;	/* only this value; NULL = any */
	const char *keyword;	/* NULL: the drivers have no use for it */
	const char *as;		/* what the driver calls value; NULL = same */
};

/* A family of databases that is found by host and port. */
struct family {
	enum dialect_id dialect;
	const char *schemes[2];
	const char *keywords;	/* always there */
	const struct url_key *keys;
	bool semicolons;	/* host;key=value instead of user@host/db?... */
	/* Append "keyword=value;", in braces that the driver understands. */
	int (*put)(struct buf *out, const char *name, const char *value);
};

/* A url while it is read. */
struct url {
	struct db_target *t;
	const struct family *family;
	struct buf out, shown;
	struct err *err;
};

/* Prisma's own pool: it has no meaning here, and no url must lose it. */
#define POOL_KEYS \
	{ "connection_limit", NULL, NULL, NULL }, \
	{ "pool_timeout", NULL, NULL, NULL }, \
	{ "socket_timeout", NULL, NULL, NULL }, \
	{ "connect_timeout", NULL, NULL, NULL }, \
	{ "pgbouncer", NULL, NULL, NULL }

static const struct url_key postgresql_keys[] = {
	{ "sslmode", NULL, "SSLmode", NULL },
	{ "schema", NULL, URL_SCHEMA, NULL },
	{ "application_name", NULL, "ApplicationName", NULL },
	POOL_KEYS,
	{ NULL, NULL, NULL, NULL }
};

static const struct url_key mariadb_keys[] = {
	{ "sslca", NULL, "SSLCA", NULL },
	{ "sslcert", NULL, "SSLCERT", NULL },
	{ "sslkey", NULL, "SSLKEY", NULL },
	{ "sslaccept", "strict", "SSLVERIFY", "1" },
	{ "sslaccept", "accept_invalid_certs", "SSLVERIFY", "0" },
	{ "socket", NULL, "SOCKET", NULL },
	POOL_KEYS,
	{ NULL, NULL, NULL, NULL }
};

static const struct url_key sqlserver_keys[] = {
	{ "database", NULL, "Database", NULL },
	{ "initial catalog", NULL, "Database", NULL },
	{ "user", NULL, "UID", NULL },
	{ "username", NULL, "UID", NULL },
	{ "user id", NULL, "UID", NULL },
	{ "uid", NULL, "UID", NULL },
	{ "password", NULL, "PWD", NULL },
	{ "pwd", NULL, "PWD", NULL },
	{ "encrypt", "true", "Encryption", "require" },
	{ "encrypt", "false", "Encryption", "off" },
	{ "encrypt", "DANGER_PLAINTEXT", "Encryption", "off" },
	{ "trustServerCertificate", "true", NULL, NULL },
	{ "schema", "dbo", NULL, NULL },
	{ "applicationName", NULL, "APP", NULL },
	{ "connectionLimit", NULL, NULL, NULL },
	{ "connectTimeout", NULL, NULL, NULL },
	{ "connectionTimeout", NULL, NULL, NULL },
	{ "loginTimeout", NULL, NULL, NULL },
	{ "poolTimeout", NULL, NULL, NULL },
	{ "socketTimeout", NULL, NULL, NULL },
	{ NULL, NULL, NULL, NULL }
};

/*
 * Where PostgreSQL's driver finds that text is in the encoding of its locale,
 * it looks that up by name for each value, and SQL_ASCII is the name that is
 * found first.  What is really sent is settled by the session (session.c).
 */
static const struct family families[] = {
	{
		.dialect = DIALECT_POSTGRESQL,
		.schemes = { "postgresql://", "postgres://" },
		.keywords = "Driver=PostgreSQL Unicode;BoolsAsChar=0;"
		    "UseDeclareFetch=0;MaxVarcharSize=8000;ReadOnly=1;"
		    "ConnSettings={set client_encoding to SQL_ASCII};"
		    "pqopt={options='-c default_transaction_read_only=on'};",
		.keys = postgresql_keys,
		.put = odbc_string_put,
	},
	{
		.dialect = DIALECT_MARIADB,
		.schemes = { "mysql://", "mariadb://" },
		.keywords = "Driver=MariaDB Unicode;CHARSET=utf8mb4;"
		    "INITSTMT={SET SESSION tx_read_only=1, "
		    "time_zone='+00:00'};",
		.keys = mariadb_keys,
		.put = odbc_string_put,
	},
	{
		.dialect = DIALECT_SQLSERVER,
		.schemes = { "sqlserver://", NULL },
		.keywords = "Driver=FreeTDS;TDS_Version=7.4;"
		    "ClientCharset=UTF-8;ApplicationIntent=ReadOnly;",
		.keys = sqlserver_keys,
		.put = odbc_string_put_tds,
		.semicolons = true,
	},
};

/* The family of a driver or a database, by a piece of its name. */
static const struct {
	const char *piece;
	enum dialect_id dialect;
} names[] = {
	{ "sqlite", DIALECT_SQLITE },
	{ "postgres", DIALECT_POSTGRESQL },
	{ "psqlodbc", DIALECT_POSTGRESQL },
	{ "maria", DIALECT_MARIADB },
	{ "maodbc", DIALECT_MARIADB },
	{ "mysql", DIALECT_MARIADB },
	{ "freetds", DIALECT_SQLSERVER },
	{ "tdsodbc", DIALECT_SQLSERVER },
	{ "sql server", DIALECT_SQLSERVER },
};

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "out of memory");
}

static int
put_schema(struct url *u, const char *name)
{
	free(u->t->schema);
	u->t->schema = strdup(name);
	return u->t->schema == NULL ? no_memory(u->err) : 0;
}

static int
put_value(struct url *u, const struct url_key *k, const char *value)
{
	int r;

	if (k->as != NULL)
		value = k->as;
	r = u->family->put(&u->out, k->keyword, value);
	if (r > 0)
		return err_set(u->err, ERR_DATABASE, "the value of \"%s\" in "
		    "the database url has \"};\" in it, which the driver "
		    "cannot be told", k->name);
	return r == 0 ? 0 : no_memory(u->err);
}

/* One key of a url, judged by its family's table, to the ODBC keyword. */
static int
put_key(struct url *u, const char *name, const char *value)
{
	struct err *err = u->err;
	bool known = false;

	for (const struct url_key *k = u->family->keys;
	    k->name != NULL; k++) {
		if (strcasecmp(k->name, name) != 0)
			continue;
		known = true;
		if (k->value != NULL && strcasecmp(k->value, value) != 0)
			continue;
		if (k->keyword == NULL)
			return 0;
		if (*k->keyword == '\0')
			return put_schema(u, value);
		return put_value(u, k, value);
	}
	if (known)
		return err_set(err, ERR_DATABASE, "the key \"%s\" in the "
		    "database url has a value that is not supported", name);
	return err_set(err, ERR_DATABASE, "unknown key \"%s\" in the database "
	    "url", name);
}

/* "host", "host:1433", "[::1]:1433" */
static int
put_host(struct url *u, const char *host)
{
	struct err *err = u->err;
	char name[ODBC_VALUE_MAX];
	const char *from = host, *end = host + strcspn(host, ":"), *port;

	if (*host == '[') {
		from++;
		end = strchr(host, ']');
	}
	if (end == NULL || end == from ||
	    (size_t)(end - from) >= sizeof(name))
		return err_set(err, ERR_DATABASE,
		    "the database url names no host");
	memcpy(name, from, (size_t)(end - from));
	name[end - from] = '\0';
	port = *end == ']' ? end + 1 : end;
	if (*port != '\0' && (*port != ':' || port[1] == '\0' ||
	    strlen(port) > 6 || port[1 + strspn(port + 1, "0123456789")] !=
	    '\0'))
		return err_set(err, ERR_DATABASE,
		    "the port in the database url is no number");
	if (odbc_string_put(&u->out, "Server", name) != 0 ||
	    (*port == ':' && odbc_string_put(&u->out, "Port", port + 1) != 0))
		return no_memory(err);
	return 0;
}

/* Cut *s at the first of the delimiters; the piece in front, decoded. */
static int
take_piece(char **s, const char *delimiters, char **piece_out, char *found,
    struct err *err)
{
	char *piece = *s;
	size_t len = strcspn(piece, delimiters);

	*found = piece[len];
	*s = piece + len + (*found != '\0');
	piece[len] = '\0';
	*piece_out = piece;
	if (db_url_decode(piece) != 0)
		return err_set(err, ERR_DATABASE,
		    "the database url has a wrong %%XX in it");
	return 0;
}

/* "user:password" */
static int
put_user(struct url *u, char *user)
{
	char *password = strchr(user, ':');

	if (password != NULL)
		*password++ = '\0';
	if (db_url_decode(user) != 0 ||
	    (password != NULL && db_url_decode(password) != 0))
		return err_set(u->err, ERR_DATABASE, "user or password in the "
		    "database url has a wrong %%XX in it");
	if (odbc_string_put(&u->out, "UID", user) != 0 || (password != NULL &&
	    odbc_string_put(&u->out, "PWD", password) != 0))
		return no_memory(u->err);
	return 0;
}

static int
put_query(struct url *u, char *s)
{
	char *name, *value, found;

	while (*s != '\0') {
		if (take_piece(&s, "=&", &name, &found, u->err) != 0)
			return -1;
		value = name + strlen(name);
		if (found == '=' &&
		    take_piece(&s, "&", &value, &found, u->err) != 0)
			return -1;
		if (put_key(u, name, value) != 0)
			return -1;
	}
	return 0;
}

/* "user:password@host:port/database?key=value&..." */
static int
put_authority(struct url *u, char *s)
{
	struct err *err = u->err;
	char *at = NULL, *host, *database = NULL, found;
	size_t len = strcspn(s, "/?");

	/* The last @: a password with one that is not encoded still works. */
	for (size_t i = 0; i < len; i++)
		if (s[i] == '@')
			at = s + i;
	if (at != NULL) {
		*at = '\0';
		if (put_user(u, s) != 0)
			return -1;
		s = at + 1;
	}
	if (take_piece(&s, "/?", &host, &found, err) != 0 ||
	    put_host(u, host) != 0)
		return -1;
	if (found == '/' && take_piece(&s, "?", &database, &found, err) != 0)
		return -1;
	if (database != NULL && *database != '\0') {
		if (odbc_string_put(&u->out, "Database", database) != 0 ||
		    buf_printf(&u->shown, " %s on %s", database, host) != 0)
			return no_memory(err);
	} else if (buf_printf(&u->shown, " on %s", host) != 0) {
		return no_memory(err);
	}
	return put_query(u, s);
}

/* "host:port;key=value;key={value}" */
static int
put_semicolons(struct url *u, char *s)
{
	struct odbc_pair pair;
	size_t len = strcspn(s, ";");
	const char *rest = s + len + (s[len] == ';');
	int r;

	s[len] = '\0';
	if (put_host(u, s) != 0)
		return -1;
	if (buf_printf(&u->shown, " on %s", s) != 0)
		return no_memory(u->err);
	while ((r = odbc_string_next(&rest, &pair, u->err)) > 0)
		if (put_key(u, pair.name, pair.value) != 0) {
			r = -1;
			break;
		}
	explicit_bzero(&pair, sizeof(pair));
	return r;
}

/* Hand the two texts over to t. */
static int
finish(struct db_target *t, struct buf *out, struct buf *shown,
    struct err *err)
{
	if (buf_putc(out, '\0') != 0 || buf_putc(shown, '\0') != 0)
		return no_memory(err);
	t->connection = strdup(out->data);
	t->shown = strdup(shown->data);
	if (t->connection == NULL || t->shown == NULL)
		return no_memory(err);
	return 0;
}

static int
read_server(struct db_target *t, const struct family *f, const char *rest,
    struct err *err)
{
	struct url u = { .t = t, .family = f, .err = err };
	char *copy = strdup(rest);
	int r = -1;

	buf_init(&u.out, 0);
	buf_init(&u.shown, 0);
	t->dialect = dialect_by_id(f->dialect);
	if (copy == NULL || buf_puts(&u.out, f->keywords) != 0 ||
	    buf_puts(&u.shown, t->dialect->name) != 0)
		no_memory(err);
	else if (f->semicolons)
		r = put_semicolons(&u, copy);
	else
		r = put_authority(&u, copy);
	if (r == 0)
		r = finish(t, &u.out, &u.shown, err);
	if (copy != NULL)
		explicit_bzero(copy, strlen(rest));
	free(copy);
	buf_wipe(&u.out);
	buf_fini(&u.shown);
	return r;
}

static int
read_file(struct db_target *t, const char *path, const char *folder,
    struct err *err)
{
	struct buf out, shown;
	int r = -1;

	buf_init(&out, 0);
	buf_init(&shown, 0);
	t->dialect = dialect_by_id(DIALECT_SQLITE);
	t->file = db_file_path(path, folder, err);
	if (t->file != NULL && db_file_connection(&out, t->file, err) == 0) {
		if (buf_printf(&shown, "sqlite %s", t->file) != 0)
			no_memory(err);
		else
			r = finish(t, &out, &shown, err);
	}
	buf_fini(&out);
	buf_fini(&shown);
	return r;
}

const struct dialect *
db_dialect_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcasestr(name, names[i].piece) != NULL)
			return dialect_by_id(names[i].dialect);
	return NULL;
}

/*
 * The SQLite driver takes keywords that write files and load libraries: only
 * the name of the database is taken from the string.
 */
static int
read_odbc_sqlite(struct db_target *t, const char *s, const char *folder,
    struct err *err)
{
	struct odbc_pair pair;
	char path[ODBC_VALUE_MAX] = "";
	int r;

	while ((r = odbc_string_next(&s, &pair, err)) > 0) {
		if (strcasecmp(pair.name, "Database") == 0)
			memcpy(path, pair.value, sizeof(path));
		else if (strcasecmp(pair.name, "Driver") != 0)
			return err_set(err, ERR_DATABASE, "unknown key \"%s\" "
			    "in the database url: for SQLite there are only "
			    "Driver and Database", pair.name);
	}
	return r == 0 ? read_file(t, path, folder, err) : -1;
}

/* The value of one keyword: 1, 0 when the string has none, or -1. */
static int
find_pair(const char *s, const char *name, struct odbc_pair *out,
    struct err *err)
{
	int r;

	while ((r = odbc_string_next(&s, out, err)) > 0)
		if (strcasecmp(out->name, name) == 0)
			return 1;
	return r;
}

/* A string for another family is the driver's matter, and kept as it is. */
static int
keep_odbc(struct db_target *t, const char *s, const struct odbc_pair *name,
    struct err *err)
{
	struct buf out, shown;
	int r = -1;

	buf_init(&out, 0);
	buf_init(&shown, 0);
	if (buf_puts(&out, s) != 0 || (s[strlen(s) - 1] != ';' &&
	    buf_putc(&out, ';') != 0) ||
	    buf_printf(&shown, "odbc %s %s", name->name, name->value) != 0)
		no_memory(err);
	else
		r = finish(t, &out, &shown, err);
	buf_wipe(&out);
	buf_fini(&shown);
	return r;
}

static int
read_odbc(struct db_target *t, const char *s, const char *folder,
    struct err *err)
{
	struct odbc_pair name;
	int r = find_pair(s, "Driver", &name, err);

	if (r == 0 && (r = find_pair(s, "DSN", &name, err)) > 0)
		return keep_odbc(t, s, &name, err);
	if (r < 0)
		return -1;
	if (r == 0)
		return err_set(err, ERR_DATABASE,
		    "the database url has neither Driver nor DSN");
	t->dialect = db_dialect_by_name(name.value);
	if (t->dialect == NULL)
		return err_set(err, ERR_DATABASE, "the driver \"%s\" in the "
		    "database url is of no family that is known", name.value);
	if (t->dialect->id == DIALECT_SQLITE)
		return read_odbc_sqlite(t, s, folder, err);
	return keep_odbc(t, s, &name, err);
}

static const struct family *
family_of(const char *url, const char **rest_out)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		for (size_t j = 0; j < 2; j++) {
			const char *scheme = families[i].schemes[j];

			if (scheme == NULL || strncasecmp(url, scheme,
			    strlen(scheme)) != 0)
				continue;
			*rest_out = url + strlen(scheme);
			return &families[i];
		}
	return NULL;
}

int
db_target_read(struct db_target *t, const char *url, const char *folder,
    struct err *err)
{
	const struct family *f;
	const char *rest;
	int r;

	memset(t, 0, sizeof(*t));
	if (db_file_is_url(url))
		r = read_file(t, url, folder, err);
	else if ((f = family_of(url, &rest)) != NULL)
		r = read_server(t, f, rest, err);
	else if (strchr(url, '=') != NULL)
		r = read_odbc(t, url, folder, err);
	else
		r = err_set(err, ERR_DATABASE, "the database url is none of "
		    "file:PATH, sqlite:PATH, postgresql://, mysql://, "
		    "sqlserver:// and an ODBC string (Driver=... or DSN=...)");
	if (r != 0)
		db_target_fini(t);
	return r;
}

void
db_target_fini(struct db_target *t)
{
	if (t->connection != NULL)
		explicit_bzero(t->connection, strlen(t->connection));
	free(t->connection);
	free(t->shown);
	free(t->file);
	free(t->schema);
	memset(t, 0, sizeof(*t));
}

int
db_dialect_read(const struct dialect **out, const char *url,
    const char *folder, struct err *err)
{
	struct db_target target;

	*out = NULL;
	if (db_target_read(&target, url, folder, err) != 0)
		return -1;
	*out = target.dialect;
	db_target_fini(&target);
	return 0;
}
