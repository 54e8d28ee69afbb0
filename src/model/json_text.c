/*
 * JSON columns: the text is checked, since the answer around it must stay
 * valid, and its tokens are copied; numbers keep their digits.
 */
#include "model/json_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "model/json_out.h"

struct text {
	const char *s, *end;
	char *p;		/* the copy, never longer than what was read */
};

static bool copy_value(struct text *t, int depth);

/* The next byte behind blanks, or 0 at the end. */
static char
look(struct text *t)
{
	while (t->s < t->end && (*t->s == ' ' || *t->s == '\t' ||
	    *t->s == '\n' || *t->s == '\r'))
		t->s++;
	return t->s < t->end ? *t->s : '\0';
}

static bool
copy_byte(struct text *t, char c)
{
	if (t->s == t->end || *t->s != c)
		return false;
	*t->p++ = *t->s++;
	return true;
}

/* ... behind blanks. */
static bool
copy_char(struct text *t, char c)
{
	look(t);
	return copy_byte(t, c);
}

static bool
copy_word(struct text *t, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(t->end - t->s) < n || memcmp(t->s, word, n) != 0)
		return false;
	memcpy(t->p, word, n);
	t->s += n;
	t->p += n;
	return true;
}

static size_t
copy_digits(struct text *t)
{
	size_t n = 0;

	for (; t->s < t->end && *t->s >= '0' && *t->s <= '9'; n++)
		*t->p++ = *t->s++;
	return n;
}

static bool
copy_number(struct text *t)
{
	copy_byte(t, '-');
	if (!copy_byte(t, '0') && copy_digits(t) == 0)
		return false;
	if (copy_byte(t, '.') && copy_digits(t) == 0)
		return false;
	if (!copy_byte(t, 'e') && !copy_byte(t, 'E'))
		return true;
	if (!copy_byte(t, '+'))
		copy_byte(t, '-');
	return copy_digits(t) > 0;
}

static bool
copy_escape(struct text *t)
{
	static const char letters[] = "\"\\/bfnrtu";
	static const char hex[] = "0123456789abcdefABCDEF";
	ptrdiff_t left = t->end - t->s, n = 2;

	if (left < n || memchr(letters, t->s[1], strlen(letters)) == NULL)
		return false;
	if (t->s[1] == 'u')
		n = 6;
	if (left < n)
		return false;
	for (int i = 2; i < n; i++)
		if (memchr(hex, t->s[i], strlen(hex)) == NULL)
			return false;
	while (n-- > 0)
		*t->p++ = *t->s++;
	return true;
}

static bool
copy_string(struct text *t)
{
	if (!copy_char(t, '"'))
		return false;
	for (;;) {
		size_t n = json_copy_plain(t->p, t->s,
		    (size_t)(t->end - t->s));

		t->s += n;
		t->p += n;
		if (t->s == t->end || (unsigned char)*t->s < 0x20)
			return false;
		if (*t->s == '"')
			break;
		if (*t->s == '\\') {
			if (!copy_escape(t))
				return false;
			continue;
		}
		/* It is known to be UTF-8. */
		while (t->s < t->end && (unsigned char)*t->s >= 0x80)
			*t->p++ = *t->s++;
	}
	return copy_char(t, '"');
}

static bool
copy_member(struct text *t, int depth)
{
	return copy_string(t) && copy_char(t, ':') && copy_value(t, depth);
}

/* From the opening bracket to close; each part by copy_part. */
static bool
copy_parts(struct text *t, char close, int depth,
    bool (*copy_part)(struct text *, int))
{
	*t->p++ = *t->s++;
	if (copy_char(t, close))
		return true;
	do {
		look(t);
		if (!copy_part(t, depth))
			return false;
	} while (copy_char(t, ','));
	return copy_char(t, close);
}

static bool
copy_value(struct text *t, int depth)
{
	if (depth == JSON_TEXT_DEPTH_MAX)
		return false;
	switch (look(t)) {
	case '{':
		return copy_parts(t, '}', depth + 1, copy_member);
	case '[':
		return copy_parts(t, ']', depth + 1, copy_value);
	case '"':
		return copy_string(t);
	case 't':
		return copy_word(t, "true");
	case 'f':
		return copy_word(t, "false");
	case 'n':
		return copy_word(t, "null");
	default:
		return copy_number(t);
	}
}

int
json_text_put(struct buf *out, const char *text, size_t len)
{
	struct text t = { .s = text, .end = text + len };
	char *start = buf_room(out, len + JSON_COPY_SPARE);

	if (start == NULL)
		return -1;
	t.p = start;
	if (!utf8_valid(text, len) || !copy_value(&t, 0) ||
	    look(&t) != '\0' || t.s != t.end)
		return json_put_string(out, text, len);
	buf_added(out, (size_t)(t.p - start));
	return 0;
}
