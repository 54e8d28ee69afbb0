/*
 * Fuzz target: the state that a master leaves.  What is taken is written
 * again and must be the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/handover.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_reader r = wire_reader(data, size);
	char version[HANDOVER_VERSION_MAX];
	struct handover_item item;
	struct err err;
	struct buf b;
	int result;

	if (handover_get_head(&r, version, &err) != 0)
		return 0;
	buf_init(&b, 0);
	if (handover_put_head(&b, version) != 0)
		abort();
	while ((result = handover_get(&r, &item)) == 1)
		if (handover_put(&b, &item) != 0)
			abort();
	if (result == 0 && (b.len != size || memcmp(b.data, data, size) != 0))
		abort();
	if (b.len > size || memcmp(b.data, data, b.len) != 0)
		abort();
	buf_fini(&b);
	return 0;
}
