/*
 * The nearest spelling, for messages that say "did you mean": feed all
 * candidates, then ask for the best.
 *
 *	nearest_start(&n, "companyNmae", 11);
 *	for (...)
 *		nearest_try(&n, field->name);
 *	if (n.best != NULL)
 *		... n.best
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* Longer words have no nearest spelling: nobody mistypes those. */
#define NEAREST_LEN_MAX 64

/* best is the answer so far; the other fields belong to nearest.c. */
struct nearest {
	const char *best;	/* NULL = nothing is near; borrowed */
	const char *word;	/* borrowed */
	size_t len;
	size_t distance;	/* of best, or one above what is still near */
};

/* Begin with word[0..len), which must live until the last nearest_try(). */
void nearest_start(struct nearest *n, const char *word, size_t len);

/*
 * Compare with one candidate (NUL-terminated, kept by pointer when it is the
 * best).  Near is: at most max(2, len / 3) letters inserted, left out,
 * changed or swapped with their neighbour, and less than the whole word; a
 * letter of the wrong case counts nothing unless all else is equal.  Of
 * equals, the first stays.
 */
void nearest_try(struct nearest *n, const char *candidate);

#endif
