/*
 * The file as a whole: its head is read line by line, its query is judged and
 * cut at the parameters.  Comments are left out of what a database will see;
 * line ends stay, so that its messages name the right line.
 */
#include "model/sql_file.h"

#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "model/sql_judge.h"
#include "model/sql_token.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct reader {
	struct sql_file *f;
	struct arena *arena;
	struct collector_faults *faults;
	struct buf tokens;	/* struct sql_token, without comments */
	struct buf text;	/* of the piece that is being made */
};

static unsigned int
line_of(const char *text, size_t offset)
{
	unsigned int line = 1;

	for (size_t i = 0; i < offset; i++)
		if (text[i] == '\n')
			line++;
	return line;
}

/* Is it text at all? */
static int
check_bytes(const struct sql_source *s, struct collector_faults *faults)
{
	const char *nul = memchr(s->text, '\0', s->len);
	size_t good = utf8_prefix(s->text, s->len);

	if (s->len > SQL_FILE_BYTES_MAX)
		collector_fault(faults, 1, "the file has %zu bytes, expected "
		    "at most %d", s->len, SQL_FILE_BYTES_MAX);
	else if (nul != NULL)
		collector_fault(faults, line_of(s->text,
		    (size_t)(nul - s->text)), "a NUL, expected text");
	else if (good < s->len)
		collector_fault(faults, line_of(s->text, good),
		    "a byte that is no UTF-8, expected text");
	return faults->any ? -1 : 0;
}

struct sql_parameter *
sql_file_parameter(const struct sql_file *f, const char *name, size_t len)
{
	for (size_t i = 0; i < f->nparameters; i++)
		if (strlen(f->parameters[i].field.name) == len &&
		    memcmp(f->parameters[i].field.name, name, len) == 0)
			return &f->parameters[i];
	return NULL;
}

/* ---- tokens -------------------------------------------------------------- */

/* All of them, the last one an END; a head stands in front of the query. */
static int
read_tokens(struct reader *r, struct sql_lexer *l)
{
	struct sql_token t;

	do {
		t = sql_lexer_next(l);
		if (t.kind == SQL_TOKEN_BAD) {
			collector_fault(r->faults, t.line, "%s", l->why);
			return -1;
		}
		if (t.kind == SQL_TOKEN_COMMENT) {
			if (r->tokens.len == 0)
				sql_head_line(r->f, t.text, t.len, t.line,
				    r->arena, r->faults);
			continue;
		}
		if (buf_put(&r->tokens, &t, sizeof(t)) != 0) {
			collector_memory(r->faults, NULL);
			return -1;
		}
	} while (t.kind != SQL_TOKEN_END);
	return 0;
}

/* A list has one place where it means something in every database. */
static bool
is_in_list(const struct sql_token *t, size_t before)
{
	return before >= 2 && sql_token_is(t - 2, "IN") &&
	    sql_token_is(t - 1, "(") && sql_token_is(t + 1, ")");
}

static struct sql_parameter *
find_parameter(struct reader *r, const struct sql_token *t, size_t before)
{
	struct sql_parameter *p;
	struct nearest near;

	p = sql_file_parameter(r->f, t->text + 1, t->len - 1);
	if (p == NULL) {
		nearest_start(&near, t->text + 1, t->len - 1);
		for (size_t i = 0; i < r->f->nparameters; i++)
			nearest_try(&near, r->f->parameters[i].field.name);
		collector_fault(r->faults, t->line, "\"%.*s\" is not "
		    "declared, expected %s%s at the head of the file",
		    (int)t->len, t->text, near.best != NULL ? ":" :
		    "-- param NAME TYPE", near.best != NULL ? near.best : "");
		return NULL;
	}
	if (p->field.list && !is_in_list(t, before)) {
		collector_fault(r->faults, t->line, "\"%.*s\" is a list, "
		    "expected it as IN (%.*s)", (int)t->len, t->text,
		    (int)t->len, t->text);
		return NULL;
	}
	p->used = true;
	return p;
}

/* ---- pieces -------------------------------------------------------------- */

static int
end_piece(struct reader *r, const struct sql_parameter *p)
{
	struct sql_piece *piece = &r->f->pieces[r->f->npieces++];

	piece->text = collector_memory(r->faults, arena_text(r->arena,
	    r->text.len == 0 ? "" : r->text.data, r->text.len));
	piece->len = r->text.len;
	piece->parameter = p;
	buf_clear(&r->text);
	return piece->text == NULL ? -1 : 0;
}

/* What is between a token and the one before it. */
static int
put_gap(struct reader *r, const struct sql_token *t)
{
	for (unsigned int line = t[-1].last_line; line < t->line; line++)
		if (buf_putc(&r->text, '\n') != 0)
			return -1;
	return t[-1].last_line == t->line && t->blank ?
	    buf_putc(&r->text, ' ') : 0;
}

/* Token i of the query. */
static int
put_token(struct reader *r, const struct sql_token *t, size_t i)
{
	struct sql_parameter *p;

	if (i > 0 && put_gap(r, t) != 0) {
		collector_memory(r->faults, NULL);
		return -1;
	}
	if (t->kind == SQL_TOKEN_PARAMETER) {
		p = find_parameter(r, t, i);
		return p == NULL ? -1 : end_piece(r, p);
	}
	if (buf_put(&r->text, t->text, t->len) != 0) {
		collector_memory(r->faults, NULL);
		return -1;
	}
	return 0;
}

static size_t
count_parameters(const struct sql_token *tokens, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += tokens[i].kind == SQL_TOKEN_PARAMETER;
	return found;
}

static void
cut(struct reader *r, const struct sql_token *tokens, size_t n)
{
	bool good = true;

	/* END, and the one ";" that may stand in front of it. */
	n--;
	if (sql_token_is(&tokens[n - 1], ";"))
		n--;
	r->f->pieces = collector_memory(r->faults, arena_get(r->arena,
	    count_parameters(tokens, n) + 1, sizeof(*r->f->pieces)));
	if (r->f->pieces == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		if (put_token(r, &tokens[i], i) != 0)
			good = false;
	if (good)
		(void)end_piece(r, NULL);
}

/* ---- the whole ----------------------------------------------------------- */

/* Words of the outermost level behind which no LIMIT can be appended. */
static bool
has_limit(const struct sql_token *tokens, size_t n)
{
	static const char *const words[] = {
		"LIMIT", "OFFSET", "FETCH", "FOR", "PROCEDURE",
	};
	size_t depth = 0;

	for (size_t i = 0; i < n; i++) {
		depth += sql_token_is(&tokens[i], "(");
		depth -= sql_token_is(&tokens[i], ")");
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
			if (depth == 0 && sql_token_is(&tokens[i], words[w]))
				return true;
	}
	return false;
}

static void
read_query(struct reader *r)
{
	const struct sql_token *tokens = (const void *)r->tokens.data;
	size_t n = r->tokens.len / sizeof(*tokens);
	struct sql_reason reason;

	if (sql_judge(tokens, n, &reason) != 0) {
		collector_fault(r->faults, reason.line, "%s", reason.text);
		return;
	}
	r->f->limited = has_limit(tokens, n);
	cut(r, tokens, n);
	for (size_t i = 0; i < r->f->nparameters; i++) {
		const struct sql_parameter *p = &r->f->parameters[i];

		if (!p->used)
			collector_fault(r->faults, p->line, "parameter "
			    "\"%s\" is declared but not used, expected :%s "
			    "in the query", p->field.name, p->field.name);
	}
}

struct sql_file *
sql_file_read(const struct sql_source *source, struct arena *arena,
    struct collector_faults *faults)
{
	struct reader r = { .arena = arena, .faults = faults };
	struct sql_lexer lexer;
	const size_t mark = sizeof(BYTE_ORDER_MARK) - 1;
	bool marked = source->len >= mark &&
	    memcmp(source->text, BYTE_ORDER_MARK, mark) == 0;

	if (check_bytes(source, faults) != 0)
		return NULL;
	r.f = collector_memory(faults, arena_get(arena, 1, sizeof(*r.f)));
	if (r.f == NULL)
		return NULL;
	r.f->model.name = source->name;
	buf_init(&r.tokens, 0);
	buf_init(&r.text, 0);
	sql_lexer_init(&lexer, source->dialect,
	    source->text + (marked ? mark : 0),
	    source->len - (marked ? mark : 0));
	if (read_tokens(&r, &lexer) == 0)
		read_query(&r);
	buf_fini(&r.text);
	buf_fini(&r.tokens);
	return faults->any ? NULL : r.f;
}
