/*
 * The syntax of a .collector file.  It looks like dalpuri.conf, but nothing
 * of the environment is ever put into it.
 */
#include "model/collector_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_TEXT,	/* in quotes */
	TOKEN_MARK,	/* one of { } = , */
	TOKEN_BAD	/* told already */
};

struct reader {
	const char *next;
	unsigned int line;		/* of *next */
	struct arena *arena;
	struct collector_faults *faults;
	/* the next token, not yet taken */
	enum token_kind kind;
	char mark;			/* TOKEN_MARK */
	char *text;			/* TOKEN_WORD, TOKEN_TEXT */
	unsigned int at;		/* its line */
};

void
collector_fault(struct collector_faults *f, unsigned int line,
    const char *fmt, ...)
{
	char text[ERR_TEXT_MAX], whole[ERR_TEXT_MAX * 2];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)snprintf(whole, sizeof(whole), "%s:%u: %s", f->path, line, text);
	f->any = true;
	f->tell(f->ctx, whole);
}

void *
collector_memory(struct collector_faults *f, void *got)
{
	if (got == NULL)
		collector_fault(f, 1, "out of memory");
	return got;
}

/*
 * Tokens
 */

static void
set_bad(struct reader *r, const char *why)
{
	collector_fault(r->faults, r->at, "%s", why);
	r->kind = TOKEN_BAD;
}

static void
skip_blanks(struct reader *r)
{
	for (;;) {
		r->next += strspn(r->next, " \t\r");
		if (*r->next == '#')
			r->next += strcspn(r->next, "\n");
		if (*r->next != '\n')
			return;
		r->next++;
		r->line++;
	}
}

/* A word holds no blanks at all, text in quotes may hold line ends. */
static bool
is_clean(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (((unsigned char)text[i] < 0x20 || text[i] == 0x7f) &&
		    strchr("\t\r\n", text[i]) == NULL)
			return false;
	return utf8_valid(text, len);
}

static void
set_text(struct reader *r, const char *text, size_t len)
{
	if (!is_clean(text, len)) {
		set_bad(r, "a control character or no UTF-8, expected text");
		return;
	}
	r->text = collector_memory(r->faults,
	    arena_text(r->arena, text, len));
	if (r->text == NULL)
		r->kind = TOKEN_BAD;
}

/*
 * Text in quotes: as it is between single ones; between double ones a
 * backslash stands before a quote or a backslash.
 */
static void
read_quoted(struct reader *r)
{
	char quote = *r->next++, *from, *to;
	const char *start = r->next;

	r->kind = TOKEN_TEXT;
	while (*r->next != quote && *r->next != '\0') {
		if (quote == '"' && *r->next == '\\' && r->next[1] != '\0')
			r->next++;
		r->line += *r->next++ == '\n';
	}
	if (*r->next != quote) {
		set_bad(r, "a quote without end, expected another one");
		return;
	}
	set_text(r, start, (size_t)(r->next - start));
	r->next++;
	if (r->kind == TOKEN_BAD || quote == '\'')
		return;
	for (from = to = r->text; *from != '\0'; *to++ = *from++)
		if (*from == '\\')
			from++;
	*to = '\0';
}

static void
advance(struct reader *r)
{
	size_t len;

	skip_blanks(r);
	r->at = r->line;
	if (*r->next == '\0') {
		r->kind = TOKEN_END;
	} else if (strchr("{}=,", *r->next) != NULL) {
		r->kind = TOKEN_MARK;
		r->mark = *r->next++;
	} else if (*r->next == '"' || *r->next == '\'') {
		read_quoted(r);
	} else {
		r->kind = TOKEN_WORD;
		len = strcspn(r->next, " \t\r\n{}=,\"'#");
		set_text(r, r->next, len);
		r->next += len;
	}
}

static bool
is_mark(const struct reader *r, char mark)
{
	return r->kind == TOKEN_MARK && r->mark == mark;
}

/*
 * Entries
 */

/* Say what was found and what was expected. */
static void
fail(struct reader *r, const char *expected)
{
	switch (r->kind) {
	case TOKEN_END:
		collector_fault(r->faults, r->at,
		    "found the end of the file, expected %s", expected);
		break;
	case TOKEN_WORD:
	case TOKEN_TEXT:
		collector_fault(r->faults, r->at,
		    "found \"%.*s\", expected %s",
		    (int)strcspn(r->text, "\r\n"), r->text, expected);
		break;
	case TOKEN_MARK:
		collector_fault(r->faults, r->at,
		    "found \"%c\", expected %s", r->mark, expected);
		break;
	case TOKEN_BAD:
		break;
	}
}

static struct collector_entry *
new_entry(struct reader *r)
{
	struct collector_entry *e = collector_memory(r->faults,
	    arena_get(r->arena, 1, sizeof(*e)));

	if (e != NULL)
		e->line = r->at;
	return e;
}

static int
read_value(struct reader *r, struct collector_entry *e)
{
	if (r->kind != TOKEN_WORD && r->kind != TOKEN_TEXT) {
		fail(r, "a value");
		return -1;
	}
	e->text = r->text;
	advance(r);
	return 0;
}

/* The values behind "{"; a comma may follow the last one too. */
static int
read_list(struct reader *r, struct collector_entry *list)
{
	struct collector_entry **tail = &list->inside;

	advance(r);
	while (!is_mark(r, '}')) {
		*tail = new_entry(r);
		if (*tail == NULL || read_value(r, *tail) != 0)
			return -1;
		tail = &(*tail)->next;
		if (is_mark(r, ','))
			advance(r);
		else if (!is_mark(r, '}')) {
			fail(r, "\",\" or \"}\"");
			return -1;
		}
	}
	advance(r);
	return 0;
}

/* Behind what could not be read: where the next line begins. */
static void
skip_line(struct reader *r)
{
	unsigned int line = r->at;

	while (r->kind != TOKEN_END && r->at == line)
		advance(r);
}

static void read_entries(struct reader *r, struct collector_entry *section);

static int
read_entry(struct reader *r, struct collector_entry *e, bool in_section)
{
	if (r->kind != TOKEN_WORD && (!in_section || r->kind != TOKEN_TEXT)) {
		fail(r, "a key");
		return -1;
	}
	e->key = r->text;
	advance(r);
	if (is_mark(r, '{') && !in_section) {
		e->section = true;
		advance(r);
		read_entries(r, e);
		return 0;
	}
	if (!is_mark(r, '=')) {
		fail(r, in_section ? "\"=\"" : "\"=\" or \"{\"");
		return -1;
	}
	advance(r);
	return is_mark(r, '{') && !in_section ? read_list(r, e) :
	    read_value(r, e);
}

/* Entries up to the end of the section, or of the file when it is NULL. */
static void
read_entries(struct reader *r, struct collector_entry *section)
{
	struct collector_entry **tail = &section->inside, *e;

	while (!is_mark(r, '}') || section->key == NULL) {
		if (r->kind == TOKEN_END) {
			if (section->key != NULL)
				collector_fault(r->faults, section->line,
				    "\"%s\" is not closed, expected \"}\"",
				    section->key);
			return;
		}
		e = new_entry(r);
		if (e == NULL)
			return;
		if (read_entry(r, e, section->key != NULL) != 0) {
			skip_line(r);
			continue;
		}
		*tail = e;
		tail = &e->next;
	}
	advance(r);
}

struct collector_entry *
collector_file(const char *text, struct arena *arena,
    struct collector_faults *faults)
{
	struct reader r = {
		.next = text, .line = 1, .arena = arena, .faults = faults,
	};
	struct collector_entry file = { .line = 1 };

	advance(&r);
	read_entries(&r, &file);
	return file.inside;
}
