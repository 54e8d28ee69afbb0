/*
 * The text of the file: new lines go to the end of their blocks' members,
 * new blocks to the end of the file.  What was there stays, to the byte.
 */
#include "tool/sketch.h"

#include <stdlib.h>
#include <string.h>

#include "tool/schema_places.h"

/* Text that goes into the old one, in front of the byte at. */
struct insertion {
	size_t at, order;
	const char *text;
};

struct writer {
	struct sketch *s;
	const char *old;
	size_t len;
	size_t n;
	struct insertion *list;
};

static const char *const providers[DIALECTS] = {
	[DIALECT_SQLITE] = "sqlite",
	[DIALECT_POSTGRESQL] = "postgresql",
	[DIALECT_MARIADB] = "mysql",
	[DIALECT_SQLSERVER] = "sqlserver",
};

static size_t
width(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* Cells under each other, and no blanks at the end of a line. */
static const char *
aligned(struct sketch *s, const struct sketch_lines *lines)
{
	size_t names = 0, types = 0;
	const char *text = "";
	struct buf b;
	int ok = 0;

	for (size_t i = 0; i < lines->n; i++) {
		const struct sketch_line *l = &lines->v[i];

		names = width(l->name) > names ? width(l->name) : names;
		types = width(l->type) > types ? width(l->type) : types;
	}
	buf_init(&b, 0);
	for (size_t i = 0; i < lines->n && ok == 0; i++) {
		const struct sketch_line *l = &lines->v[i];
		bool more = *l->attrs != '\0', type = *l->type != '\0';

		ok = buf_printf(&b, "  %s%*s%s%*s%s\n", l->name,
		    type || more ? (int)(names - width(l->name)) + 1 : 0, "",
		    l->type, type && more ?
		    (int)(types - width(l->type)) + 1 : 0, "", l->attrs);
	}
	if (ok == 0)
		text = sketch_text(s, "%.*s", (int)b.len, b.data);
	else
		s->no_memory = true;
	buf_fini(&b);
	return text;
}

static void
insert(struct writer *w, size_t at, const char *text)
{
	w->list[w->n] = (struct insertion){ at, w->n, text };
	w->n++;
}

/*
 * Old blocks
 */

static void
extend(struct writer *w, const char *name, const struct sketch_lines *lines,
    const struct sketch_lines *tail)
{
	struct schema_places p;
	const char *before;

	if ((lines->n == 0 && tail->n == 0) ||
	    !schema_places_block(w->old, w->len, name, &p))
		return;
	/* A brace behind a member gets a line of its own. */
	before = p.close_alone ? "" : "\n";
	if (lines->n > 0)
		insert(w, p.members_end, sketch_text(w->s, "%s%s",
		    p.members_end == p.close ? before : "",
		    aligned(w->s, lines)));
	if (tail->n > 0)
		insert(w, p.close, sketch_text(w->s, "%s%s%s", before,
		    p.attrs ? "" : "\n", aligned(w->s, tail)));
}

/*
 * New blocks
 */

static const char *
block(struct writer *w, const char *head, const struct sketch_lines *lines,
    const struct sketch_lines *tail)
{
	return sketch_text(w->s, "\n%s {\n%s%s%s}\n", head,
	    aligned(w->s, lines), tail->n > 0 ? "\n" : "",
	    aligned(w->s, tail));
}

static void
write_model(struct writer *w, const struct sketch_model *m)
{
	if (m->old != NULL)
		extend(w, m->name, &m->lines, &m->tail);
	else if (m->table->ncolumns > 0)
		insert(w, w->len, block(w, sketch_text(w->s, "%s %s",
		    m->view ? "view" : "model", m->name), &m->lines,
		    &m->tail));
}

static void
write_enum(struct writer *w, const struct sketch_enum *e)
{
	const struct catalog_enum *source = e->source;
	struct sketch_lines tail = { .n = 0 };
	struct sketch *s = w->s;

	if (e->old != NULL) {
		extend(w, e->name, &e->lines, &tail);
		return;
	}
	if (source->name != NULL && strcmp(source->name, e->name) != 0)
		sketch_add(s, &tail, sketch_text(s, "@@map(%s)",
		    sketch_quoted(s, source->name)), "", "");
	if (s->schemas)
		sketch_add(s, &tail, sketch_text(s, "@@schema(%s)",
		    sketch_quoted(s, source->schema != NULL ? source->schema :
		    s->catalog->here)), "", "");
	insert(w, w->len, block(w, sketch_text(s, "enum %s", e->name),
	    &e->lines, &tail));
}

static const char *
schemas_text(struct sketch *s)
{
	const struct catalog *c = s->catalog;
	const char *text = sketch_quoted(s, c->here), *last = NULL;

	for (size_t i = 0; i < c->ntables; i++) {
		const char *name = c->tables[i].schema;

		if (name == NULL || (last != NULL && strcmp(last, name) == 0))
			continue;
		text = sketch_text(s, "%s, %s", text, sketch_quoted(s, name));
		last = name;
	}
	return sketch_text(s, "  schemas  = [%s]\n", text);
}

static void
write_head(struct writer *w)
{
	struct sketch *s = w->s;

	insert(w, 0, sketch_text(s,
	    "// What \"dalpuri introspect\" found in the database.  Names may "
	    "be changed here:\n// the next run over this file keeps them.\n"
	    "datasource %s {\n  provider = \"%s\"\n%s}\n", s->source,
	    providers[s->catalog->dialect->id],
	    s->schemas ? schemas_text(s) : ""));
}

static int
compare(const void *a, const void *b)
{
	const struct insertion *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static int
put_all(const struct writer *w, struct buf *out)
{
	size_t at = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct insertion *in = &w->list[i];

		if ((in->at > at &&
		    buf_put(out, w->old + at, in->at - at) != 0) ||
		    (in->at == w->len && out->len > 0 &&
		    out->data[out->len - 1] != '\n' &&
		    buf_putc(out, '\n') != 0) ||
		    buf_puts(out, in->text) != 0)
			return -1;
		at = in->at;
	}
	return w->len > at ? buf_put(out, w->old + at, w->len - at) : 0;
}

int
sketch_write(struct sketch *s, const char *old, size_t len, struct buf *out)
{
	struct writer w = { .s = s, .old = old, .len = len };

	/* The head, two for each model, one for each enum. */
	w.list = sketch_memory(s, arena_get(&s->arena,
	    1 + 2 * s->nmodels + 2 * s->nenums, sizeof(*w.list)));
	if (w.list == NULL)
		return -1;
	if (s->old == NULL)
		write_head(&w);
	for (size_t i = 0; i < s->nmodels; i++)
		write_model(&w, &s->models[i]);
	for (size_t i = 0; i < s->nenums; i++)
		write_enum(&w, &s->enums[i]);
	qsort(w.list, w.n, sizeof(*w.list), compare);
	return s->no_memory ? -1 : put_all(&w, out);
}
