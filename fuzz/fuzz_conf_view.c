/*
 * Fuzz target: the views that a role is given.  What is taken as a view is
 * written again and must be the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

/* Where a view says whose it is; see conf_view.c. */
#define ROLE_OFFSET 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf c;
	struct buf b;

	if (conf_view_get(&c, (const char *)data, size, NULL) == -1)
		return 0;
	buf_init(&b, 0);
	if (conf_view_put(&c, (enum conf_role)data[ROLE_OFFSET], &b) == -1 ||
	    b.len != size || memcmp(b.data, data, size) != 0)
		abort();
	buf_fini(&b);
	conf_fini(&c);
	return 0;
}
