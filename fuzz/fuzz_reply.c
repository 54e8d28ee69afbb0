/*
 * Fuzz target: the messages of a reply.  What reply_get() takes is written
 * again and must read as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[REPLY_HEAD + ERR_TEXT_MAX];
	struct reply r;
	size_t len;

	/* What has another type now is of the first version. */
	if (reply_get(data, size, &r) < 0 || r.text.len > ERR_TEXT_MAX ||
	    r.type != data[0])
		return 0;
	len = reply_put(out, &r);
	if (len != size || memcmp(out, data, size) != 0)
		abort();
	return 0;
}
