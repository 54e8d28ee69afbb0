/* Comparing slices. */
#include "proto/parse.h"

#include <string.h>
#include <strings.h>

bool
slice_is(const struct slice *s, const char *text)
{
	return s->len == strlen(text) && memcmp(s->p, text, s->len) == 0;
}

bool
slice_is_nocase(const struct slice *s, const char *text)
{
	return s->len == strlen(text) && strncasecmp(s->p, text, s->len) == 0;
}
