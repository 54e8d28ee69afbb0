/*
 * The syntax of a Prisma schema: text to a raw tree.  Whether names exist and
 * fit together is decided in schema_resolve.c.
 *
 * After a fault reading goes on behind the line, or behind the block when it
 * is the block's head, so that one slip costs one message.
 */
#include "model/schema_ast.h"

#include <stdio.h>
#include <string.h>

#include "model/schema_lex.h"

/* Lists and calls in each other; 3 is the most that makes sense. */
#define NESTING_MAX 16

/* Of a token in a message. */
#define SHOWN_MAX 40

struct parser {
	struct schema_lexer lexer;
	struct schema_token token;	/* the next one, not yet taken */
	unsigned int nesting;		/* > 0: inside brackets lines go on */
	struct arena *texts, *nodes;
	struct schema_faults *faults;
};

/*
 * Tokens
 */

static void
advance(struct parser *p)
{
	do
		schema_lexer_next(&p->lexer, &p->token);
	while (p->nesting > 0 && (p->token.kind == SCHEMA_TOKEN_LINE ||
	    p->token.kind == SCHEMA_TOKEN_DOC));
}

static bool
is_mark(const struct parser *p, const char *mark)
{
	return p->token.kind == SCHEMA_TOKEN_MARK &&
	    p->token.len == strlen(mark) &&
	    memcmp(p->token.text, mark, p->token.len) == 0;
}

static bool
is_word(const struct parser *p, const char *word)
{
	return p->token.kind == SCHEMA_TOKEN_NAME &&
	    p->token.len == strlen(word) &&
	    memcmp(p->token.text, word, p->token.len) == 0;
}

/* Say what was found and what was expected.  Always -1. */
static int
fail(struct parser *p, const char *expected)
{
	const struct schema_token *t = &p->token;
	int shown = (int)(t->len < SHOWN_MAX ? t->len : SHOWN_MAX);

	switch (t->kind) {
	case SCHEMA_TOKEN_BAD:
		schema_fault(p->faults, t->at, "%s", t->text);
		break;
	case SCHEMA_TOKEN_END:
		schema_fault(p->faults, t->at,
		    "found the end of the file, expected %s", expected);
		break;
	case SCHEMA_TOKEN_LINE:
		schema_fault(p->faults, t->at,
		    "found the end of the line, expected %s", expected);
		break;
	case SCHEMA_TOKEN_DOC:
		schema_fault(p->faults, t->at,
		    "found a comment, expected %s", expected);
		break;
	case SCHEMA_TOKEN_STRING:
		schema_fault(p->faults, t->at,
		    "found a string, expected %s", expected);
		break;
	case SCHEMA_TOKEN_NAME:
	case SCHEMA_TOKEN_NUMBER:
	case SCHEMA_TOKEN_MARK:
		schema_fault(p->faults, t->at, "found \"%.*s\", expected %s",
		    shown, t->text, expected);
		break;
	}
	return -1;
}

static int
expect_mark(struct parser *p, const char *mark, const char *expected)
{
	if (!is_mark(p, mark))
		return fail(p, expected);
	advance(p);
	return 0;
}

static void *
new_node(struct parser *p, size_t size)
{
	return schema_fault_memory(p->faults, arena_get(p->nodes, 1, size));
}

/* The text of the token, then the next one; NULL = a fault. */
static const char *
take_text(struct parser *p)
{
	const char *text;

	text = schema_fault_memory(p->faults,
	    p->token.kind == SCHEMA_TOKEN_STRING ?
	    schema_token_string(&p->token, p->texts) :
	    arena_text(p->texts, p->token.text, p->token.len));
	advance(p);
	return text;
}

static const char *
take_name(struct parser *p, const char *expected)
{
	if (p->token.kind != SCHEMA_TOKEN_NAME) {
		(void)fail(p, expected);
		return NULL;
	}
	return take_text(p);
}

/* A name, or two with a dot between them: "db.VarChar". */
static const char *
take_path(struct parser *p, const char *expected)
{
	const char *name = take_name(p, expected), *part;
	char *path;
	size_t len;

	if (name == NULL || !is_mark(p, "."))
		return name;
	advance(p);
	part = take_name(p, "a name behind \".\"");
	if (part == NULL)
		return NULL;
	len = strlen(name) + strlen(part) + 2;
	path = schema_fault_memory(p->faults, arena_get(p->texts, len, 1));
	if (path != NULL)
		(void)snprintf(path, len, "%s.%s", name, part);
	return path;
}

/*
 * Values and arguments
 */

static struct ast_value *read_value(struct parser *p);

/* "value" or "name: value". */
static struct ast_arg *
read_arg(struct parser *p)
{
	struct ast_arg *arg = new_node(p, sizeof(*arg));

	if (arg == NULL)
		return NULL;
	arg->at = p->token.at;
	arg->value = read_value(p);
	if (arg->value == NULL)
		return NULL;
	if (arg->value->kind != AST_NAME || !is_mark(p, ":"))
		return arg;
	advance(p);
	arg->name = arg->value->text;
	arg->value = read_value(p);
	return arg->value != NULL ? arg : NULL;
}

/* The values between an opening bracket, which is next, and its close. */
static int
read_items(struct parser *p, const char *close, struct ast_arg **items_out)
{
	const char *expected = *close == ')' ?
	    "\",\" or \")\"" : "\",\" or \"]\"";
	struct ast_arg **tail = items_out;

	if (p->nesting == NESTING_MAX) {
		schema_fault(p->faults, p->token.at, "brackets are nested "
		    "too deeply, expected at most %d levels", NESTING_MAX);
		return -1;
	}
	p->nesting++;
	advance(p);
	while (!is_mark(p, close)) {
		if (tail != items_out && expect_mark(p, ",", expected) != 0)
			return -1;
		*tail = read_arg(p);
		if (*tail == NULL)
			return -1;
		tail = &(*tail)->next;
	}
	p->nesting--;
	advance(p);
	return 0;
}

static struct ast_value *
read_value(struct parser *p)
{
	struct ast_value *value = new_node(p, sizeof(*value));

	if (value == NULL)
		return NULL;
	value->at = p->token.at;
	if (is_mark(p, "[")) {
		value->kind = AST_LIST;
		return read_items(p, "]", &value->items) == 0 ? value : NULL;
	}
	if (p->token.kind == SCHEMA_TOKEN_NAME) {
		value->kind = AST_NAME;
		value->text = take_path(p, "a value");
	} else if (p->token.kind == SCHEMA_TOKEN_STRING ||
	    p->token.kind == SCHEMA_TOKEN_NUMBER) {
		value->kind = p->token.kind == SCHEMA_TOKEN_STRING ?
		    AST_STRING : AST_NUMBER;
		value->text = take_text(p);
	} else {
		(void)fail(p, "a value");
	}
	if (value->text == NULL)
		return NULL;
	if (value->kind == AST_NAME && is_mark(p, "(")) {
		value->kind = AST_CALL;
		if (read_items(p, ")", &value->items) != 0)
			return NULL;
	}
	return value;
}

/* What stands behind "@" or "@@", which is next. */
static struct ast_attr *
read_attr(struct parser *p)
{
	struct ast_attr *attr = new_node(p, sizeof(*attr));

	if (attr == NULL)
		return NULL;
	attr->at = p->token.at;
	advance(p);
	attr->name = take_path(p, "the name of an attribute");
	if (attr->name == NULL)
		return NULL;
	if (is_mark(p, "(") && read_items(p, ")", &attr->args) != 0)
		return NULL;
	return attr;
}

/*
 * Members of blocks
 */

static bool
at_line_end(const struct parser *p)
{
	return p->token.kind == SCHEMA_TOKEN_LINE ||
	    p->token.kind == SCHEMA_TOKEN_DOC ||
	    p->token.kind == SCHEMA_TOKEN_END || is_mark(p, "}");
}

static void
skip_line(struct parser *p)
{
	p->nesting = 0;
	while (!at_line_end(p))
		advance(p);
}

/* Unsupported("..."): of it only the fact is kept. */
static int
read_unsupported(struct parser *p)
{
	advance(p);
	if (p->token.kind != SCHEMA_TOKEN_STRING)
		return fail(p, "the database's type as a string");
	advance(p);
	return expect_mark(p, ")", "\")\"");
}

static int
read_type(struct parser *p, struct ast_member *m)
{
	m->type_at = p->token.at;
	m->type = take_name(p, "a type");
	if (m->type == NULL)
		return -1;
	if (is_mark(p, "(")) {
		if (strcmp(m->type, "Unsupported") != 0)
			return fail(p, "the end of the type");
		if (read_unsupported(p) != 0)
			return -1;
		m->type = NULL;
	}
	if (is_mark(p, "[")) {
		advance(p);
		if (expect_mark(p, "]", "\"]\"") != 0)
			return -1;
		m->list = true;
	}
	if (!is_mark(p, "?"))
		return 0;
	if (m->list)
		return fail(p, "no \"?\" behind a list, which is never null");
	advance(p);
	m->optional = true;
	return 0;
}

static struct ast_member *
read_member(struct parser *p, const struct ast_block *block)
{
	struct ast_member *m = new_node(p, sizeof(*m));
	struct ast_attr **tail;

	if (m == NULL)
		return NULL;
	m->at = p->token.at;
	m->name = take_name(p, "a field, \"@@\" or \"}\"");
	if (m->name == NULL)
		return NULL;
	if (block->kind != AST_ENUM && read_type(p, m) != 0)
		return NULL;
	for (tail = &m->attrs; is_mark(p, "@"); tail = &(*tail)->next) {
		*tail = read_attr(p);
		if (*tail == NULL)
			return NULL;
	}
	if (is_mark(p, "{")) {
		schema_fault(p->faults, p->token.at, "found \"{\" inside "
		    "\"%s\", expected its \"}\" before", block->name);
		return NULL;
	}
	if (!at_line_end(p)) {
		(void)fail(p, "an attribute or the end of the line");
		return NULL;
	}
	return m;
}

/* Doc comments of several lines, joined. */
struct doc {
	char *text;		/* NULL = none */
	size_t len, size;
};

static void
add_doc_line(struct parser *p, struct doc *doc)
{
	size_t need = doc->len + p->token.len + 2;
	char *grown;

	if (need > doc->size) {
		grown = schema_fault_memory(p->faults,
		    arena_get(p->texts, 2, need));
		if (grown == NULL)
			return;
		if (doc->len > 0)
			memcpy(grown, doc->text, doc->len);
		doc->text = grown;
		doc->size = 2 * need;
	}
	if (doc->len > 0)
		doc->text[doc->len++] = '\n';
	memcpy(doc->text + doc->len, p->token.text, p->token.len);
	doc->len += p->token.len;
	doc->text[doc->len] = '\0';
}

/*
 * The doc comment in front of something; a blank line behind it means that
 * it speaks of nothing in particular.
 */
static struct doc
read_doc(struct parser *p)
{
	struct doc doc = { 0 };
	bool blank = false;

	for (;; advance(p)) {
		if (p->token.kind == SCHEMA_TOKEN_DOC) {
			blank = false;
			add_doc_line(p, &doc);
		} else if (p->token.kind == SCHEMA_TOKEN_LINE) {
			if (blank)
				doc = (struct doc){ 0 };
			blank = true;
		} else {
			return doc;
		}
	}
}

/* One line of a model, a view or an enum. */
static int
read_line(struct parser *p, struct ast_block *block)
{
	struct ast_member **member = &block->members, *m;
	struct ast_attr **attr = &block->attrs;
	struct doc doc = read_doc(p);

	if (is_mark(p, "}") || p->token.kind == SCHEMA_TOKEN_END)
		return 0;
	if (is_mark(p, "@@")) {
		while (*attr != NULL)
			attr = &(*attr)->next;
		*attr = read_attr(p);
		if (*attr == NULL)
			return -1;
		return at_line_end(p) ? 0 : fail(p, "the end of the line");
	}
	m = read_member(p, block);
	if (m == NULL)
		return -1;
	if (p->token.kind == SCHEMA_TOKEN_DOC) {	/* behind it */
		add_doc_line(p, &doc);
		advance(p);
	}
	m->doc = doc.text;
	while (*member != NULL)
		member = &(*member)->next;
	*member = m;
	return 0;
}

/* One "key = value" of a datasource or a generator, of no use to us. */
static int
read_setting(struct parser *p)
{
	(void)read_doc(p);
	if (is_mark(p, "}") || p->token.kind == SCHEMA_TOKEN_END)
		return 0;
	if (take_name(p, "a key or \"}\"") == NULL)
		return -1;
	if (expect_mark(p, "=", "\"=\"") != 0 || read_value(p) == NULL)
		return -1;
	return at_line_end(p) ? 0 : fail(p, "the end of the line");
}

/*
 * Blocks
 */

/* From "{" to "}"; block is NULL for datasource and generator. */
static int
read_body(struct parser *p, const char *name, struct ast_block *block)
{
	struct schema_place open = p->token.at;
	int ok;

	if (expect_mark(p, "{", "\"{\"") != 0)
		return -1;
	while (!is_mark(p, "}")) {
		if (p->token.kind == SCHEMA_TOKEN_END) {
			schema_fault(p->faults, open,
			    "\"%s\" is not closed, expected \"}\"", name);
			return 0;
		}
		ok = block != NULL ? read_line(p, block) : read_setting(p);
		if (ok != 0)
			skip_line(p);
	}
	advance(p);
	return 0;
}

/* Behind the block whose head could not be read. */
static void
skip_block(struct parser *p)
{
	p->nesting = 0;
	while (!at_line_end(p) && !is_mark(p, "{"))
		advance(p);
	if (is_mark(p, "{"))
		while (!is_mark(p, "}") && p->token.kind != SCHEMA_TOKEN_END)
			advance(p);
	if (is_mark(p, "}"))
		advance(p);
}

static int
read_config(struct parser *p, struct ast *ast)
{
	bool datasource = is_word(p, "datasource");
	struct schema_place at;
	const char *name;

	advance(p);
	at = p->token.at;
	name = take_name(p, "the name of the block");
	if (name == NULL)
		return -1;
	if (datasource && ast->datasource != NULL)
		schema_fault(p->faults, at, "\"%s\" is a second datasource, "
		    "expected one at most", name);
	if (datasource)
		ast->datasource = name;
	return read_body(p, name, NULL);
}

static int
read_block(struct parser *p, struct ast *ast, const char *doc)
{
	static const char *const words[] = {
		[AST_MODEL] = "model", [AST_VIEW] = "view",
		[AST_ENUM] = "enum",
	};
	struct ast_block **tail = &ast->blocks, *block;
	size_t kind;

	if (is_word(p, "datasource") || is_word(p, "generator"))
		return read_config(p, ast);
	for (kind = 0; kind <= AST_ENUM && !is_word(p, words[kind]); kind++)
		;
	if (is_word(p, "type"))
		return fail(p, "model, view or enum: composite types are "
		    "of databases that no ODBC driver reaches");
	if (kind > AST_ENUM)
		return fail(p, "model, view, enum, datasource or generator");
	advance(p);
	block = new_node(p, sizeof(*block));
	if (block == NULL)
		return -1;
	block->kind = (enum ast_block_kind)kind;
	block->doc = doc;
	block->at = p->token.at;
	block->name = take_name(p, "the name of the block");
	if (block->name == NULL)
		return -1;
	while (*tail != NULL)
		tail = &(*tail)->next;
	*tail = block;
	return read_body(p, block->name, block);
}

void
schema_parse(const struct schema_source *source, struct ast *out)
{
	struct parser p = {
		.texts = source->texts, .nodes = source->nodes,
		.faults = source->faults,
	};
	struct doc doc;

	memset(out, 0, sizeof(*out));
	schema_lexer_init(&p.lexer, source->text, source->len);
	advance(&p);
	for (;;) {
		doc = read_doc(&p);
		if (p.token.kind == SCHEMA_TOKEN_END)
			return;
		if (read_block(&p, out, doc.text) != 0)
			skip_block(&p);
	}
}
