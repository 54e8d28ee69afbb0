/* Flags (1 byte), event, auth, number of attachments (1), attachments. */
#include "ipc/call.h"

#include <string.h>

#include "ipc/wire.h"

enum { CONNECTS = 1, WANTS_ACK = 2 };

int
call_put(struct buf *out, const struct call *c)
{
	struct wire_writer w = { .buf = out };

	wire_put(&w, (c->connects ? CONNECTS : 0) |
	    (c->wants_ack ? WANTS_ACK : 0), 1);
	wire_put_bytes(&w, c->event);
	wire_put_bytes(&w, c->auth);
	wire_put(&w, c->nattachments, 1);
	for (size_t i = 0; i < c->nattachments; i++)
		wire_put_bytes(&w, c->attachments[i]);
	return wire_written(&w);
}

int
call_get(const void *data, size_t len, struct call *out)
{
	struct wire_reader r = wire_reader(data, len);
	uint64_t flags = wire_get(&r, 1, CONNECTS | WANTS_ACK);

	memset(out, 0, sizeof(*out));
	out->connects = (flags & CONNECTS) != 0;
	out->wants_ack = (flags & WANTS_ACK) != 0;
	out->event = wire_get_bytes(&r);
	out->auth = wire_get_bytes(&r);
	out->nattachments = (size_t)wire_get(&r, 1, CALL_ATTACHMENTS_MAX);
	for (size_t i = 0; i < out->nattachments; i++)
		out->attachments[i] = wire_get_bytes(&r);
	return wire_read(&r);
}
