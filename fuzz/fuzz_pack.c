/*
 * Fuzz target: packed rows.  The first byte says how many columns there are
 * and which form they have; texts that are given must lie in the input.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "db/pack.h"

#define COLUMNS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct value *v, const char *from, const char *to)
{
	if (v->kind == VALUE_TEXT && (v->u.text < from || v->u.text > to ||
	    v->len > (size_t)(to - v->u.text)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum scalar_type types[COLUMNS_MAX];
	struct value row[COLUMNS_MAX];
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
	for (size_t i = 0; i < n; i++)
		types[i] = (enum scalar_type)((data[0] + i) % SCALAR_TYPES);
	p = (struct pack){ .at = copy + 1, .end = copy + size };
	while (p.at < p.end) {
		const char *from = p.at;

		if ((data[0] & 0x80 ? pack_take_text : pack_take_record)(&p,
		    types, n, row) != 0)
			break;
		if (p.at <= from || p.at > p.end)
			abort();
		for (size_t i = 0; i < n; i++)
			check(&row[i], from, p.end);
	}
	free(copy);
	return 0;
}
