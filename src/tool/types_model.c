/*
 * A model is told by its fields, each with its value and what may be asked of
 * it, and by its relations; everything else follows from that in types.d.ts.
 */
#include "tool/types_model.h"

#include <stdlib.h>

/*
 * How a type looks in a row, what `where` takes instead when that is more,
 * and the kind of question that fits it (NULL: none).
 */
static const struct {
	const char *value, *operand, *filter;
} scalars[SCALAR_TYPES] = {
	[SCALAR_STRING] = { "string", NULL, "Text" },
	[SCALAR_BOOLEAN] = { "boolean", NULL, "Equal" },
	[SCALAR_INT] = { "number", NULL, "Order" },
	[SCALAR_BIGINT] = { "string", "string | number", "Order" },
	[SCALAR_FLOAT] = { "number", NULL, "Order" },
	[SCALAR_DECIMAL] = { "string", "string | number", "Order" },
	[SCALAR_DATETIME] = { "string", "string | Date", "Order" },
	[SCALAR_JSON] = { "Json", NULL, NULL },
	[SCALAR_BYTES] = { "ArrayBuffer | Uint8Array", NULL, NULL },
	[SCALAR_ENUM] = { NULL, NULL, "Choice" },
};

bool
types_own_models(const struct collector *c)
{
	return c->nhidden > 0 || c->bytes_base64;
}

void
types_put_name(FILE *out, const struct collector *c,
    const struct schema_model *m)
{
	if (types_own_models(c))
		fprintf(out, "\"%s.%s\"", c->name, m->name);
	else
		fprintf(out, "\"%s\"", m->name);
}

void
types_put_doc(FILE *out, const char *indent, const char *doc)
{
	if (doc == NULL)
		return;
	fprintf(out, "%s/** ", indent);
	for (; *doc != '\0'; doc++) {
		if (*doc == '\n')
			fprintf(out, "\n%s * ", indent);
		else
			putc(*doc, out);
		/* Nothing in it may end the comment. */
		if (doc[0] == '*' && doc[1] == '/')
			putc(' ', out);
	}
	fputs(" */\n", out);
}

static void
put_type(FILE *out, const struct schema_field *f, bool base64)
{
	if (f->type == SCALAR_ENUM)
		for (size_t i = 0; i < f->enumeration->nvalues; i++)
			fprintf(out, "%s\"%s\"", i == 0 ? "" : " | ",
			    f->enumeration->values[i]);
	else if (f->type == SCALAR_BYTES && base64)
		fputs("string", out);
	else
		fputs(scalars[f->type].value, out);
}

void
types_put_value(FILE *out, const struct schema_field *f, bool base64)
{
	if (f->list)
		putc('(', out);
	put_type(out, f, base64);
	if (f->list)
		fputs(")[]", out);
	if (f->optional)
		fputs(" | null", out);
}

void
types_put_operand(FILE *out, const struct schema_field *f)
{
	if (f->list)
		fputs("readonly (", out);
	if (scalars[f->type].operand != NULL)
		fputs(scalars[f->type].operand, out);
	else
		put_type(out, f, false);
	if (f->list)
		fputs(")[]", out);
	if (f->optional)
		fputs(" | null", out);
}

static void
put_filter(FILE *out, const struct schema_field *f)
{
	if (f->list || scalars[f->type].filter == NULL) {
		fputs("never", out);
		return;
	}
	fprintf(out, "%s<", scalars[f->type].filter);
	types_put_operand(out, f);
	putc('>', out);
}

static void
put_fields(FILE *out, const struct collector *c, const struct schema_model *m)
{
	fputs("    fields: {\n", out);
	for (size_t i = 0; i < m->nfields; i++) {
		const struct schema_field *f = &m->fields[i];

		if (f->ignored || f->type == SCALAR_UNSUPPORTED ||
		    collector_hides(c, f))
			continue;
		types_put_doc(out, "      ", f->doc);
		fprintf(out, "      %s: Field<", f->name);
		types_put_value(out, f, c->bytes_base64);
		fputs(", ", out);
		put_filter(out, f);
		fputs(">;\n", out);
	}
	fputs("    };\n", out);
}

/* To-one: ["Company"] or ["Company", null]; to-many: "Company". */
static void
put_relations(FILE *out, const struct collector *c,
    const struct schema_model *m, bool list)
{
	fprintf(out, "    %s: {\n", list ? "many" : "one");
	for (size_t i = 0; i < m->nrelations; i++) {
		const struct schema_relation *r = &m->relations[i];

		if (r->ignored || r->list != list)
			continue;
		types_put_doc(out, "      ", r->doc);
		fprintf(out, "      %s: %s", r->name, list ? "" : "[");
		types_put_name(out, c, r->target);
		fputs(list ? ";\n" : r->optional ||
		    collector_filter(c, r->target) != NULL ? ", null];\n" :
		    "];\n", out);
	}
	fputs("    };\n", out);
}

static size_t
index_of(const struct schema *s, const struct schema_model *m)
{
	size_t i = 0;

	while (schema_model_at(s, i) != m)
		i++;
	return i;
}

/* Flag the models that m leads to; is anything new among them? */
static bool
reach(const struct schema *s, const struct schema_model *m, bool *wanted)
{
	bool any = false;

	for (size_t i = 0; i < m->nrelations; i++) {
		size_t to = index_of(s, m->relations[i].target);

		if (m->relations[i].ignored || wanted[to])
			continue;
		wanted[to] = any = true;
	}
	return any;
}

static void
put_model(FILE *out, const struct collector *c, const struct schema_model *m)
{
	types_put_doc(out, "  ", m->doc);
	fputs("  ", out);
	types_put_name(out, c, m);
	fputs(": {\n", out);
	put_fields(out, c, m);
	put_relations(out, c, m, false);
	put_relations(out, c, m, true);
	fputs("  };\n", out);
}

int
types_put_models(FILE *out, const struct schema *s,
    const struct collector *c, bool *reached)
{
	size_t n = schema_nmodels(s);
	bool *wanted = calloc(n + 1, sizeof(*wanted)), again;

	if (wanted == NULL)
		return -1;
	wanted[index_of(s, c->model)] = true;
	do {
		again = false;
		for (size_t i = 0; i < n; i++)
			if (wanted[i] && reach(s, schema_model_at(s, i),
			    wanted))
				again = true;
	} while (again);
	for (size_t i = 0; i < n; i++) {
		if (wanted[i] && !reached[i])
			put_model(out, c, schema_model_at(s, i));
		reached[i] = reached[i] || wanted[i];
	}
	free(wanted);
	return 0;
}
