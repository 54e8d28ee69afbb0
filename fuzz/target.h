/* What the targets of the parsers have in common. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input; it may do the work that it judges. */
static inline void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Memory of exactly that size, so that a sanitizer sees its end. */
static inline char *
copy(const char *data, size_t len)
{
	char *p = malloc(len > 0 ? len : 1);

	if (p == NULL)
		exit(0);
	if (len > 0)
		memcpy(p, data, len);
	return p;
}

#endif
