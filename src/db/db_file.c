/*
 * Spellings of a SQLite file: file:./dev.db and file:demo.db as Prisma has
 * them, sqlite:..., file:///absolute, and a bare path.
 */
#include "db/db_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* The driver cuts a longer Database without a word. */
#define DATABASE_MAX 500

static const char *const schemes[] = { "file:", "sqlite:" };

/* Keys behind the ? that Prisma's urls may have, all without effect here. */
static const char *const idle_keys[] = {
	"mode=ro", "connection_limit", "pool_timeout", "socket_timeout",
	"timeout"
};

static size_t
scheme_len(const char *url)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			return strlen(schemes[i]);
	return 0;
}

bool
db_file_is_url(const char *url)
{
	return scheme_len(url) > 0;
}

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c == '\0' ? NULL : strchr(digits, c | 0x20);

	return p == NULL ? -1 : (int)(p - digits);
}

int
db_url_decode(char *s)
{
	char *out = s;

	for (; *s != '\0'; s++, out++) {
		int high, low;

		*out = *s;
		if (*s != '%')
			continue;
		high = hex(s[1]);
		low = high < 0 ? -1 : hex(s[2]);
		if (low < 0 || high + low == 0)
			return -1;
		*out = (char)(high << 4 | low);
		s += 2;
	}
	*out = '\0';
	return 0;
}

static bool
is_idle(const char *key, size_t len)
{
	for (size_t i = 0; i < sizeof(idle_keys) / sizeof(*idle_keys); i++) {
		size_t n = strlen(idle_keys[i]);

		if (len >= n && strncasecmp(key, idle_keys[i], n) == 0 &&
		    (len == n || key[n] == '='))
			return true;
	}
	return false;
}

static int
check_query(const char *s, struct err *err)
{
	while (*s != '\0') {
		size_t len = strcspn(s, "&");

		if (!is_idle(s, len))
			return err_set(err, ERR_DATABASE, "unknown key "
			    "\"%.*s\" in the database url: a SQLite file is "
			    "opened read-only, and takes no other choice",
			    (int)strcspn(s, "=&"), s);
		s += len + (s[len] == '&');
	}
	return 0;
}

/* "///abs" and "//localhost/abs" to "/abs"; sqlite://rel is relative. */
static char *
skip_host(char *path, bool file)
{
	static const char localhost[] = "//localhost/";

	if (strncmp(path, localhost, sizeof(localhost) - 1) == 0)
		return path + sizeof(localhost) - 2;
	if (strncmp(path, "//", 2) != 0)
		return path;
	return file && path[2] != '/' ? NULL : path + 2;
}

static char *
absolute(const char *path, const char *folder, struct err *err)
{
	char *out = NULL;
	int r;

	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (*path == '/')
		out = strdup(path);
	else if ((r = asprintf(&out, "%s/%s", folder, path)) < 0)
		out = NULL;
	if (out == NULL)
		err_set(err, ERR_INTERNAL, "out of memory");
	return out;
}

/* Works on a copy of the url's part behind the scheme. */
static char *
read_url(char *s, bool file, const char *folder, struct err *err)
{
	char *query = strchr(s, '?'), *path;

	if (query != NULL) {
		*query++ = '\0';
		if (check_query(query, err) != 0)
			return NULL;
	}
	path = skip_host(s, file);
	if (path == NULL) {
		err_set(err, ERR_DATABASE, "the database url names a host; a "
		    "SQLite file is local: file:PATH or file:///PATH");
		return NULL;
	}
	if (db_url_decode(path) != 0) {
		err_set(err, ERR_DATABASE, "the database url has a wrong %%XX "
		    "in it (a percent sign is written %%25)");
		return NULL;
	}
	if (*path == '\0' || strcmp(path, ":memory:") == 0) {
		err_set(err, ERR_DATABASE, "the database url names no file");
		return NULL;
	}
	return absolute(path, folder, err);
}

char *
db_file_path(const char *url, const char *folder, struct err *err)
{
	size_t len = scheme_len(url);
	char *copy, *path;

	if (len == 0 && *url != '\0')
		return absolute(url, folder, err);
	copy = strdup(url + len);
	if (copy == NULL) {
		err_set(err, ERR_INTERNAL, "out of memory");
		return NULL;
	}
	path = read_url(copy, *url == 'f', folder, err);
	free(copy);
	return path;
}

/* Every unusual byte is written %XX, so that no brace is ever needed. */
static int
put_encoded(struct buf *out, const char *s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-._~/";

	for (; *s != '\0'; s++)
		if ((strchr(plain, *s) != NULL ? buf_putc(out, *s) :
		    buf_printf(out, "%%%02X", (unsigned char)*s)) != 0)
			return -1;
	return 0;
}

int
db_file_connection(struct buf *out, const char *path, struct err *err)
{
	size_t from;

	if (buf_puts(out, "Driver=SQLite3;StepAPI=1;Database=") != 0)
		return err_set(err, ERR_INTERNAL, "out of memory");
	from = out->len;
	if (buf_puts(out, "file:") != 0 || put_encoded(out, path) != 0 ||
	    buf_puts(out, "?mode=ro") != 0 || buf_putc(out, ';') != 0)
		return err_set(err, ERR_INTERNAL, "out of memory");
	if (out->len - from > DATABASE_MAX)
		return err_set(err, ERR_DATABASE, "the path of the database is "
		    "too long for its driver: %s", path);
	return 0;
}

int
db_file_check(const char *path, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_set_errno(err, ERR_DATABASE,
		    "the database file %s cannot be opened", path);
	/* Closing drops nobody's locks: no connection is open here. */
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, ERR_DATABASE,
		    "the database file %s is not a file", path);
	}
	close(fd);
	return 0;
}
