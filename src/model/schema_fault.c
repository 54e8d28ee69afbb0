/* The faults of a schema file, kept in file order. */
#include "model/schema_fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Of an unknown word in a message. */
#define SHOWN_MAX 128

void
schema_faults_init(struct schema_faults *f, struct arena *arena)
{
	memset(f, 0, sizeof(*f));
	f->arena = arena;
}

static bool
is_before(struct schema_place a, struct schema_place b)
{
	return a.line != b.line ? a.line < b.line : a.column < b.column;
}

void
schema_fault(struct schema_faults *f, struct schema_place at,
    const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	const char *copy;
	va_list ap;
	size_t i;

	if (f->n == SCHEMA_FAULTS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	copy = schema_fault_memory(f,
	    arena_text(f->arena, text, strlen(text)));
	if (copy == NULL)
		return;
	for (i = f->n; i > 0 && is_before(at, f->list[i - 1].at); i--)
		f->list[i] = f->list[i - 1];
	f->list[i].at = at;
	f->list[i].text = copy;
	f->n++;
}

void
schema_fault_unknown(struct schema_faults *f, struct schema_place at,
    const char *what, const struct nearest *word, const char *expected)
{
	int len = (int)(word->len < SHOWN_MAX ? word->len : SHOWN_MAX);

	if (word->best != NULL)
		schema_fault(f, at, "unknown %s \"%.*s\", expected %s: "
		    "did you mean \"%s\"?", what, len, word->word, expected,
		    word->best);
	else
		schema_fault(f, at, "unknown %s \"%.*s\", expected %s", what,
		    len, word->word, expected);
}

void *
schema_fault_memory(struct schema_faults *f, void *got)
{
	if (got == NULL)
		f->no_memory = true;
	return got;
}

bool
schema_faults_any(const struct schema_faults *f)
{
	return f->n > 0 || f->no_memory;
}

void
schema_faults_tell(const struct schema_faults *f, const char *name,
    void (*tell)(void *ctx, const char *line), void *ctx)
{
	char line[ERR_TEXT_MAX * 2];
	size_t i;

	for (i = 0; i < f->n; i++) {
		(void)snprintf(line, sizeof(line), "%s:%u:%u: %s", name,
		    f->list[i].at.line, f->list[i].at.column,
		    f->list[i].text);
		tell(ctx, line);
	}
	if (f->no_memory) {
		(void)snprintf(line, sizeof(line), "%s: out of memory", name);
		tell(ctx, line);
	}
}
