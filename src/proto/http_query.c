/* Form data in the target of a request: looked up, and hidden from logs. */
#include "proto/http_head.h"

#include <string.h>

/* The next character of form data; a broken %xx stands for itself. */
static char
next_char(const char **p, const char *end)
{
	const char *s = *p;
	int high, low;

	*p = s + 1;
	if (*s == '+')
		return ' ';
	if (*s != '%' || end - s < 3)
		return *s;
	high = hex_digit(s[1]);
	low = hex_digit(s[2]);
	if (high < 0 || low < 0)
		return *s;
	*p = s + 3;
	return (char)(high << 4 | low);
}

/* Is p[0..end) the encoded spelling of text? */
static bool
spells(const char *p, const char *end, const char *text)
{
	for (; p < end; text++)
		if (*text == '\0' || next_char(&p, end) != *text)
			return false;
	return *text == '\0';
}

/* The first such character from p on, or end. */
static const char *
find(const char *p, const char *end, char c)
{
	const char *found = memchr(p, c, (size_t)(end - p));

	return found != NULL ? found : end;
}

/* The first of the separators from p on, or end. */
static const char *
find_any(const char *p, const char *end, const char *separators)
{
	while (p < end && (*p == '\0' || strchr(separators, *p) == NULL))
		p++;
	return p;
}

bool
http_query(const struct slice *query, const char *key, char *out,
    size_t size, size_t *len_out)
{
	const char *p = query->p, *end = p + query->len;
	const char *equals, *next;
	bool found = false;
	size_t n;
	char c;

	*len_out = 0;
	for (; p < end; p = next + 1) {
		next = find(p, end, '&');
		equals = find(p, next, '=');
		if (!spells(p, equals, key))
			continue;
		p = equals < next ? equals + 1 : next;
		for (n = 0; p < next; n++) {
			c = next_char(&p, next);
			if (n < size - 1)
				out[n] = c;
		}
		*len_out = n;
		found = n < size;
		if (found)
			out[n] = '\0';
	}
	return found;
}

void
http_target_for_log(const struct slice *target, char *out, size_t size)
{
	const char *p = target->p, *end = p + target->len;
	const char *next, *equals, *shown;
	size_t n = 0;

	/* A ';' or a second '?' separates nothing, but hides more. */
	for (; p < end; p = next + 1) {
		next = find_any(p, end, "?&;");
		equals = find(p, next, '=');
		shown = next < end ? next + 1 : end;
		if (equals == next || !spells(p, equals, "psk")) {
			for (; p < shown && n < size - 1; p++)
				out[n++] = *p;
			continue;
		}
		for (; p <= equals && n < size - 1; p++)
			out[n++] = *p;
		for (p = "***"; *p != '\0' && n < size - 1; p++)
			out[n++] = *p;
		if (next < end && n < size - 1)
			out[n++] = *next;
	}
	out[n] = '\0';
}
