/*
 * Edit distance with swaps of neighbours (Damerau), in three rows of a table.
 * Letters of the wrong case weigh 1, real edits EDIT, so that case decides
 * only between words that are otherwise alike.
 */
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

/* More than a word's worth of wrong cases. */
#define EDIT (NEAREST_LEN_MAX + 1)

void
nearest_start(struct nearest *n, const char *word, size_t len)
{
	size_t edits = len / 3 > 2 ? len / 3 : 2;

	/* "Less than the whole word": "a" is not near to "b". */
	if (edits >= len)
		edits = len > 0 ? len - 1 : 0;
	*n = (struct nearest){ .word = word, .len = len,
	    .distance = (edits + 1) * EDIT };
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* What it costs to make one letter the other. */
static size_t
change(char a, char b)
{
	if (a == b)
		return 0;
	return tolower((unsigned char)a) == tolower((unsigned char)b) ?
	    1 : EDIT;
}

static size_t
distance(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t rows[3][NEAREST_LEN_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= blen; j++)
		above[j] = j * EDIT;
	for (size_t i = 1; i <= alen; i++) {
		row[0] = i * EDIT;
		for (size_t j = 1; j <= blen; j++) {
			row[j] = smaller(above[j], row[j - 1]) + EDIT;
			row[j] = smaller(row[j],
			    above[j - 1] + change(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 &&
			    change(a[i - 1], b[j - 2]) < EDIT &&
			    change(a[i - 2], b[j - 1]) < EDIT)
				row[j] = smaller(row[j],
				    before[j - 2] + EDIT);
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[blen];
}

void
nearest_try(struct nearest *n, const char *candidate)
{
	size_t len = strlen(candidate), d;

	if (n->len > NEAREST_LEN_MAX || len > NEAREST_LEN_MAX)
		return;
	d = distance(n->word, n->len, candidate, len);
	if (d < n->distance) {
		n->distance = d;
		n->best = candidate;
	}
}
