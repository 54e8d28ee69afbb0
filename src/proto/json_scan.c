/*
 * JSON without objects: one pass that says whether text is JSON and where its
 * value ends.  The collector, which needs the values, parses for itself.
 */
#include "proto/json_scan.h"

#include <string.h>

#include "base/utf8.h"

#define ESCAPE_U_LEN 6			/* \uXXXX */

struct scan {
	const char *p, *end;
	size_t depth;		/* levels that may still be opened */
};

/* What a byte means inside a string. */
enum { PLAIN, HIGH, SPECIAL };
static const unsigned char string_bytes[256] = {
	[0x00 ... 0x1f] = SPECIAL, ['"'] = SPECIAL, ['\\'] = SPECIAL,
	[0x80 ... 0xff] = HIGH
};

/* What may stand behind a backslash. */
static const bool escapes[256] = {
	['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true,
	['f'] = true, ['n'] = true, ['r'] = true, ['t'] = true, ['u'] = true
};

static bool scan_value(struct scan *s, enum json_kind *kind);

static void
skip_blanks(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' ||
	    *s->p == '\r' || *s->p == '\t'))
		s->p++;
}

/* Is c the next byte behind blanks?  Then it is passed. */
static bool
pass(struct scan *s, char c)
{
	skip_blanks(s);
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static bool
is_digit(const struct scan *s)
{
	return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

/* One digit or more. */
static bool
scan_digits(struct scan *s)
{
	if (!is_digit(s))
		return false;
	while (is_digit(s))
		s->p++;
	return true;
}

static bool
scan_number(struct scan *s)
{
	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++;
	else if (!scan_digits(s))
		return false;
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		if (!scan_digits(s))
			return false;
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		return scan_digits(s);
	}
	return true;
}

static bool
scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0)
		return false;
	s->p += len;
	return true;
}

/* From a backslash to behind what it escapes. */
static bool
scan_escape(struct scan *s)
{
	size_t len, i;

	if (s->end - s->p < 2 || !escapes[(unsigned char)s->p[1]])
		return false;
	len = s->p[1] == 'u' ? ESCAPE_U_LEN : 2;
	if ((size_t)(s->end - s->p) < len)
		return false;
	for (i = 2; i < len; i++)
		if (hex_digit(s->p[i]) < 0)
			return false;
	s->p += len;
	return true;
}

/* From the opening quote to behind the closing one. */
static bool
scan_string(struct scan *s)
{
	const char *start = s->p + 1, *p = start;
	unsigned int seen = PLAIN, byte;

	for (;;) {
		for (; p < s->end; p++) {
			byte = string_bytes[(unsigned char)*p];
			if (byte == SPECIAL)
				break;
			seen |= byte;
		}
		s->p = p;
		if (p == s->end)
			return false;
		if (*p == '"')
			break;
		if (*p != '\\' || !scan_escape(s))
			return false;
		p = s->p;
	}
	s->p++;
	return seen == PLAIN || utf8_valid(start, (size_t)(p - start));
}

/* The name and the colon of a member. */
static bool
scan_name(struct scan *s)
{
	skip_blanks(s);
	return s->p < s->end && *s->p == '"' && scan_string(s) &&
	    pass(s, ':');
}

/* From the opening bracket to behind the closing one. */
static bool
scan_container(struct scan *s, char closing, bool named)
{
	enum json_kind kind;

	if (s->depth == 0)
		return false;
	s->depth--;
	s->p++;
	if (!pass(s, closing)) {
		do {
			if (named && !scan_name(s))
				return false;
			if (!scan_value(s, &kind))
				return false;
		} while (pass(s, ','));
		if (!pass(s, closing))
			return false;
	}
	s->depth++;
	return true;
}

static bool
scan_value(struct scan *s, enum json_kind *kind)
{
	skip_blanks(s);
	if (s->p == s->end)
		return false;
	switch (*s->p) {
	case '"':
		*kind = JSON_STRING;
		return scan_string(s);
	case '{':
		*kind = JSON_OBJECT;
		return scan_container(s, '}', true);
	case '[':
		*kind = JSON_ARRAY;
		return scan_container(s, ']', false);
	case 'n':
		*kind = JSON_NULL;
		return scan_word(s, "null");
	case 't':
		*kind = JSON_BOOL;
		return scan_word(s, "true");
	case 'f':
		*kind = JSON_BOOL;
		return scan_word(s, "false");
	default:
		*kind = JSON_NUMBER;
		return scan_number(s);
	}
}

int
json_scan(const char *text, size_t len, size_t depth,
    enum json_kind *kind_out, size_t *used_out)
{
	struct scan s = { text, text + len, depth };

	if (s.depth > JSON_DEPTH_MAX)
		s.depth = JSON_DEPTH_MAX;
	if (!scan_value(&s, kind_out))
		return -1;
	*used_out = (size_t)(s.p - text);
	return 0;
}

void
json_iter_init(struct json_iter *it, const struct slice *container)
{
	struct scan s = { container->p, container->p + container->len, 0 };

	skip_blanks(&s);
	it->p = s.p < s.end ? s.p + 1 : s.end;
	it->end = s.end;
}

bool
json_iter_next(struct json_iter *it, struct slice *element_out,
    enum json_kind *kind_out)
{
	struct scan s = { it->p, it->end, JSON_DEPTH_MAX };

	if (!pass(&s, ','))
		(void)pass(&s, ':');
	skip_blanks(&s);
	it->p = s.p;
	/* Neither bracket begins a value. */
	if (!scan_value(&s, kind_out))
		return false;
	*element_out = (struct slice){ it->p, (size_t)(s.p - it->p) };
	it->p = s.p;
	return true;
}

bool
json_string_is(const struct slice *string, const char *text)
{
	struct buf decoded;
	bool same;

	buf_init(&decoded, strlen(text));
	same = json_string_decode(string, &decoded) == 0 &&
	    decoded.len == strlen(text) &&
	    memcmp(decoded.data, text, decoded.len) == 0;
	buf_fini(&decoded);
	return same;
}
