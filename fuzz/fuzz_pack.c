/*
 * Fuzz target: packed rows.  The first byte says how many columns there are
 * and which form they have; texts that are given must lie in the input.  Of
 * the form that is not always clear the input is texts, each ended by a NUL:
 * from a page that adds up they all come back as they are.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "db/pack.h"

#define COLUMNS_MAX 16
#define FORM_TEXT 0x80
#define FORM_FIELDS 0x40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct value *v, const char *from, const char *to)
{
	if (v->kind == VALUE_TEXT && (v->u.text < from || v->u.text > to ||
	    v->len > (size_t)(to - v->u.text)))
		abort();
}

static void
take_all(struct pack p, pack_take_fn *take, size_t n, uint8_t seed)
{
	enum scalar_type types[COLUMNS_MAX];
	struct value row[COLUMNS_MAX];

	for (size_t i = 0; i < n; i++)
		types[i] = (enum scalar_type)((seed + i) % SCALAR_TYPES);
	while (p.at < p.end) {
		const char *from = p.at;

		if (take(&p, types, n, row) != 0)
			break;
		if (p.at <= from || p.at > p.end)
			abort();
		for (size_t i = 0; i < n; i++)
			check(&row[i], from, p.end);
	}
}

/* The texts of rows of n, as the database joins them: how many rows. */
static uint64_t
join(struct pack *p, size_t n)
{
	uint64_t fields = 0;
	char *end = p->at;

	for (char *c = p->at; c < p->end; c++)
		if (*c == '\0') {
			*c = ++fields % n == 0 ? DIALECT_ROW_END :
			    DIALECT_FIELD_END;
			end = c + 1;
		}
	p->end = end;
	return fields / n;
}

static void
take_texts(struct pack p, size_t n, const char *text)
{
	static const enum scalar_type types[COLUMNS_MAX] = { SCALAR_STRING };
	struct value row[COLUMNS_MAX];
	uint64_t rows = join(&p, n);

	if (!pack_adds_up(&p, n, rows))
		return;
	for (; rows > 0; rows--) {
		if (pack_take_fields(&p, types, n, row) != 0)
			abort();
		for (size_t i = 0; i < n; i++) {
			if (row[i].len != strlen(text) ||
			    memcmp(row[i].u.text, text, row[i].len) != 0)
				abort();
			text += row[i].len + 1;
		}
	}
	if (p.at != p.end)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);
	struct pack p;
	size_t n;

	if (copy == NULL || size == 0) {
		free(copy);
		return 0;
	}
	memcpy(copy, data, size);
	copy[size] = '\0';	/* as drivers end a text */
	n = data[0] % COLUMNS_MAX + 1U;
	p = (struct pack){ .at = copy + 1, .end = copy + size };
	if (data[0] & FORM_TEXT) {
		take_all(p, pack_take_text, n, data[0]);
	} else if (data[0] & FORM_FIELDS) {
		take_texts(p, n, (const char *)data + 1);
		take_all(p, pack_take_fields, n, data[0]);
	} else {
		take_all(p, pack_take_record, n, data[0]);
	}
	free(copy);
	return 0;
}
