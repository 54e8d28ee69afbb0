/*
 * Fuzz target: the messages of a reply.  What reply_get() takes is written
 * again and must read as the same.
 */
#include <stdbool.h>
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

	if (reply_get(data, size, &r) < 0 || r.text.len > ERR_TEXT_MAX)
		return 0;
	if (r.type == REPLY_ROWS || r.type == REPLY_ATTACHMENT) {
		reply_head(out, r.type, r.border || r.last);
		if (r.text.len > 0)
			memcpy(out + REPLY_HEAD, r.text.data, r.text.len);
		len = REPLY_HEAD + r.text.len;
	} else {
		len = reply_put(out, &r);
	}
	if (len != size || memcmp(out, data, size) != 0)
		abort();
	return 0;
}
