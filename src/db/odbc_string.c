/* Pairs of ODBC connection strings: a closing brace in braces is doubled. */
#include "db/odbc_string.h"

#include <stdbool.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

static int
copy(char *out, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return -1;
	memcpy(out, from, len);
	out[len] = '\0';
	return 0;
}

/* "{a}}b}" is "a}b"; *s moves behind the closing brace. */
static int
read_braced(const char **s, char *out, size_t size)
{
	const char *p = *s + 1;
	size_t n = 0;

	for (;; p++) {
		if (*p == '\0' || n + 1 >= size)
			return -1;
		if (*p == '}' && *++p != '}')
			break;
		out[n++] = *p;
	}
	out[n] = '\0';
	*s = p;
	return 0;
}

static int
read_plain(const char **s, char *out, size_t size)
{
	size_t len = strcspn(*s, ";"), end = len;

	while (end > 0 && strchr(blanks, (*s)[end - 1]) != NULL)
		end--;
	if (copy(out, size, *s, end) != 0)
		return -1;
	*s += len;
	return 0;
}

static int
read_name(const char **s, char *out, size_t size)
{
	size_t len = strcspn(*s, "=;"), end = len;

	while (end > 0 && strchr(blanks, (*s)[end - 1]) != NULL)
		end--;
	if ((*s)[len] != '=' || end == 0 || copy(out, size, *s, end) != 0)
		return -1;
	*s += len + 1;
	*s += strspn(*s, blanks);
	return 0;
}

int
odbc_string_next(const char **s, struct odbc_pair *out, struct err *err)
{
	int r;

	*s += strspn(*s, "; \t\r\n");
	if (**s == '\0')
		return 0;
	if (read_name(s, out->name, sizeof(out->name)) != 0)
		return err_set(err, ERR_DATABASE, "the database url has a part "
		    "that is not NAME=VALUE (put a value with ; into {})");
	if (**s == '{')
		r = read_braced(s, out->value, sizeof(out->value));
	else
		r = read_plain(s, out->value, sizeof(out->value));
	*s += strspn(*s, blanks);
	if (r != 0 || (**s != '\0' && **s != ';'))
		return err_set(err, ERR_DATABASE, "the value of \"%s\" in the "
		    "database url is too long, or its {} do not match",
		    out->name);
	return 1;
}

static bool
is_plain(const char *value)
{
	return *value != '\0' && strpbrk(value, "[]{}(),;?*=!@ \t") == NULL;
}

int
odbc_string_put(struct buf *out, const char *name, const char *value)
{
	size_t len = strlen(value);

	if (is_plain(value))
		return buf_printf(out, "%s=%s;", name, value);
	if (buf_printf(out, "%s={", name) != 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (buf_putc(out, value[i]) != 0 ||
		    (value[i] == '}' && buf_putc(out, '}') != 0))
			return -1;
	return buf_puts(out, "};");
}

int
odbc_string_put_tds(struct buf *out, const char *name, const char *value)
{
	if (strstr(value, "};") != NULL)
		return 1;
	return buf_printf(out, is_plain(value) ? "%s=%s;" : "%s={%s};", name,
	    value);
}
