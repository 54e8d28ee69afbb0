/*
 * The words of a Prisma schema.  What they mean together is decided in
 * schema_parse.c.
 */
#include "model/schema_lex.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

#define MARKS "{}[](),:=?.@"

/* What may stand behind a backslash, and what it means ('u' aside). */
#define ESCAPES "\"\\/bfnrt"
#define ESCAPED "\"\\/\b\f\n\r\t"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '_';
}

static bool
looks_at(const struct schema_lexer *l, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(l->end - l->next) >= len &&
	    memcmp(l->next, text, len) == 0;
}

/* Step over one character, or one byte that is none. */
static void
step(struct schema_lexer *l)
{
	size_t n = utf8_step(l->next, (size_t)(l->end - l->next));

	if (*l->next == '\n') {
		l->at.line++;
		l->at.column = 0;
	}
	l->at.column++;
	l->next += n > 0 ? n : 1;
}

static void
step_to_line_end(struct schema_lexer *l)
{
	while (l->next < l->end && *l->next != '\n')
		step(l);
}

static void
set_bad(struct schema_token *t, const char *why)
{
	t->kind = SCHEMA_TOKEN_BAD;
	t->text = why;
	t->len = strlen(why);
}

void
schema_lexer_init(struct schema_lexer *l, const char *text, size_t len)
{
	l->next = text;
	l->end = text + len;
	l->at.line = 1;
	l->at.column = 1;
	if (looks_at(l, "\xef\xbb\xbf"))	/* some editors' first bytes */
		l->next += 3;
}

/*
 * Blanks and comments, but not doc comments nor line ends.  -1: a comment
 * without end, whose place is the lexer's then.
 */
static int
skip_blanks(struct schema_lexer *l)
{
	struct schema_place open;

	for (;;) {
		if (looks_at(l, "/*")) {
			open = l->at;
			step(l);
			step(l);
			while (l->next < l->end && !looks_at(l, "*/"))
				step(l);
			if (l->next == l->end) {
				l->at = open;
				return -1;
			}
			step(l);
			step(l);
		} else if (looks_at(l, "//") && !looks_at(l, "///")) {
			step_to_line_end(l);
		} else if (looks_at(l, " ") || looks_at(l, "\t") ||
		    looks_at(l, "\r")) {
			step(l);
		} else {
			return 0;
		}
	}
}

static void
read_doc(struct schema_lexer *l, struct schema_token *t)
{
	const char *end;

	t->kind = SCHEMA_TOKEN_DOC;
	l->next += 3;
	l->at.column += 3;
	while (l->next < l->end && (*l->next == ' ' || *l->next == '\t'))
		step(l);
	t->text = l->next;
	for (; l->next < l->end && *l->next != '\n'; step(l)) {
		if (*l->next != '\0' && utf8_step(l->next,
		    (size_t)(l->end - l->next)) > 0)
			continue;
		t->at = l->at;
		step_to_line_end(l);
		set_bad(t, "a comment must be UTF-8 text");
		return;
	}
	for (end = l->next; end > t->text && strchr(" \t\r", end[-1]); end--)
		;
	t->len = (size_t)(end - t->text);
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	at = c != '\0' ? strchr(digits, c) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

/* The 4 digits of \uXXXX at p; -1 = they are none. */
static int32_t
hex_unit(const char *p, const char *end)
{
	int32_t unit = 0;
	int i, digit;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = hex_digit(p[i]);
		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/*
 * The character of \uXXXX, or of two of them that make one character, at the
 * first backslash.  Its length in the source; 0 = it is none.
 */
static size_t
read_unicode(const char *p, const char *end, uint32_t *code_out)
{
	int32_t high = hex_unit(p + 2, end), low;

	if (high <= 0 || (high >= 0xdc00 && high <= 0xdfff))
		return 0;
	*code_out = (uint32_t)high;
	if (high < 0xd800 || high > 0xdbff)
		return 6;
	if (end - p < 12 || p[6] != '\\' || p[7] != 'u')
		return 0;
	low = hex_unit(p + 8, end);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*code_out = 0x10000 + (((uint32_t)high & 0x3ff) << 10 |
	    ((uint32_t)low & 0x3ff));
	return 12;
}

/* What is wrong with the character of a string at p; NULL = nothing. */
static const char *
judge_character(const char *p, const char *end, size_t *len_out)
{
	uint32_t code;

	*len_out = utf8_step(p, (size_t)(end - p));
	if (*len_out == 0)
		return "a string must be UTF-8 text";
	if ((unsigned char)*p < 0x20 && *p != '\t')
		return "a string must not hold a control character, "
		    "expected an escape such as \\n";
	if (*p != '\\')
		return NULL;
	if (end - p < 2)
		return NULL;	/* the end of the file is told instead */
	*len_out = p[1] == 'u' ? read_unicode(p, end, &code) : 2;
	if (*len_out == 0 || p[1] == '\0' ||
	    (p[1] != 'u' && strchr(ESCAPES, p[1]) == NULL))
		return "unknown escape in a string, "
		    "expected \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\uXXXX";
	return NULL;
}

static void
read_string(struct schema_lexer *l, struct schema_token *t)
{
	const char *why = NULL;
	size_t len = 0;

	t->kind = SCHEMA_TOKEN_STRING;
	step(l);
	t->text = l->next;
	while (l->next < l->end && *l->next != '"') {
		if (*l->next == '\n')
			break;
		why = judge_character(l->next, l->end, &len);
		if (why != NULL) {
			t->at = l->at;
			step_to_line_end(l);
			set_bad(t, why);
			return;
		}
		for (const char *past = l->next + len; l->next < past; )
			step(l);
	}
	t->len = (size_t)(l->next - t->text);
	if (!looks_at(l, "\""))
		set_bad(t, "a string without end, expected \" on its line");
	else
		step(l);
}

static void
read_number(struct schema_lexer *l, struct schema_token *t)
{
	t->kind = SCHEMA_TOKEN_NUMBER;
	step(l);		/* the sign or the first digit */
	while (l->next < l->end && is_digit(*l->next))
		step(l);
	if (l->end - l->next >= 2 && *l->next == '.' && is_digit(l->next[1])) {
		step(l);
		while (l->next < l->end && is_digit(*l->next))
			step(l);
	}
	t->len = (size_t)(l->next - t->text);
	if (l->next == l->end || !is_word(*l->next))
		return;
	while (l->next < l->end && is_word(*l->next))
		step(l);
	set_bad(t, "a name must start with a letter");
}

static void
read_name(struct schema_lexer *l, struct schema_token *t)
{
	t->kind = SCHEMA_TOKEN_NAME;
	while (l->next < l->end && is_word(*l->next))
		step(l);
	t->len = (size_t)(l->next - t->text);
	if (*t->text == '_')
		set_bad(t, "a name must start with a letter");
	if (l->next < l->end && *l->next == '-') {
		while (l->next < l->end &&
		    (is_word(*l->next) || *l->next == '-'))
			step(l);
		set_bad(t, "a name must not hold \"-\", expected letters, "
		    "digits and \"_\"");
	}
}

static void
read_mark(struct schema_lexer *l, struct schema_token *t)
{
	t->kind = SCHEMA_TOKEN_MARK;
	t->len = looks_at(l, "@@") ? 2 : 1;
	for (size_t i = 0; i < t->len; i++)
		step(l);
}

static bool
starts_number(const struct schema_lexer *l)
{
	return is_digit(*l->next) || (*l->next == '-' &&
	    l->end - l->next >= 2 && is_digit(l->next[1]));
}

void
schema_lexer_next(struct schema_lexer *l, struct schema_token *out)
{
	int closed = skip_blanks(l);

	out->at = l->at;
	if (closed != 0) {
		set_bad(out, "a comment without end, expected */");
		return;
	}
	out->text = l->next;
	out->len = 0;
	out->kind = SCHEMA_TOKEN_END;
	if (l->next == l->end)
		return;
	if (*l->next == '\n') {
		out->kind = SCHEMA_TOKEN_LINE;
		step(l);
	} else if (looks_at(l, "///")) {
		read_doc(l, out);
	} else if (*l->next == '"') {
		read_string(l, out);
	} else if (starts_number(l)) {
		read_number(l, out);
	} else if (is_letter(*l->next) || *l->next == '_') {
		read_name(l, out);
	} else if (*l->next != '\0' && strchr(MARKS, *l->next) != NULL) {
		read_mark(l, out);
	} else {
		step(l);
		set_bad(out, "a character that has no meaning here");
	}
}

static char *
put_utf8(char *p, uint32_t code)
{
	if (code < 0x80) {
		*p++ = (char)code;
		return p;
	}
	if (code < 0x800) {
		*p++ = (char)(0xc0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*p++ = (char)(0xe0 | code >> 12);
		} else {
			*p++ = (char)(0xf0 | code >> 18);
			*p++ = (char)(0x80 | (code >> 12 & 0x3f));
		}
		*p++ = (char)(0x80 | (code >> 6 & 0x3f));
	}
	*p++ = (char)(0x80 | (code & 0x3f));
	return p;
}

char *
schema_token_string(const struct schema_token *t, struct arena *a)
{
	const char *p = t->text, *end = t->text + t->len;
	char *copy = arena_text(a, t->text, t->len), *to = copy;
	uint32_t code = 0;

	if (copy == NULL)
		return NULL;
	while (p < end) {
		if (*p != '\\') {
			*to++ = *p++;
		} else if (p[1] == 'u') {
			p += read_unicode(p, end, &code);
			to = put_utf8(to, code);
		} else {
			*to++ = ESCAPED[strchr(ESCAPES, p[1]) - ESCAPES];
			p += 2;
		}
	}
	*to = '\0';
	return copy;
}
