/*
 * The message catalogue, reading half: the same fields in the same order as
 * in msg_put.c, each with its bound.
 */
#include <string.h>

#include "ipc/msg.h"
#include "ipc/wire.h"

unsigned int
msg_type(const void *data, size_t len)
{
	unsigned int type = len > 0 ? *(const unsigned char *)data : 0;

	return type < MSG_TYPES ? type : 0;
}

/*
 * Begin with a message whose type is first, or second where a struct serves
 * several types.
 */
static struct wire_reader
start(const void *data, size_t len, enum msg_type first, enum msg_type second)
{
	struct wire_reader r = wire_reader(data, len);
	uint64_t type = wire_get(&r, 1, MSG_TYPES - 1);

	if (type != first && type != second)
		r.failed = true;
	return r;
}

int
msg_get_view(const void *data, size_t len, struct msg_view *out)
{
	unsigned int type = msg_type(data, len);
	struct wire_reader r = type == MSG_VIEW || type == MSG_DROP_VIEW ?
	    start(data, len, MSG_VIEW, MSG_DROP_VIEW) :
	    type == MSG_OLD_VIEW ?
	    start(data, len, MSG_OLD_VIEW, MSG_OLD_VIEW) :
	    start(data, len, MSG_FREED_VIEW, MSG_READY);

	memset(out, 0, sizeof(*out));
	out->generation = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	return wire_read(&r);
}

int
msg_get_session(const void *data, size_t len, struct msg_session *out)
{
	struct wire_reader r = start(data, len, MSG_SESSION, MSG_SESSION);
	uint64_t version = wire_get(&r, 1, MSG_SESSION_VERSION);

	memset(out, 0, sizeof(*out));
	if (version == 0)
		return -1;
	out->tag = wire_get(&r, 8, UINT64_MAX);
	wire_get_text(&r, out->sid, sizeof(out->sid));
	out->transport = (enum msg_transport)wire_get(&r, 1, MSG_WEBSOCKET);
	out->revision = (enum msg_revision)wire_get(&r, 1, MSG_EIO3);
	out->base64 = wire_get(&r, 1, 1) != 0;
	out->opened_ms = wire_get(&r, 8, UINT64_MAX);
	out->generation = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	wire_get_text(&r, out->address, sizeof(out->address));
	out->origin = (enum msg_grant)wire_get(&r, 1, MSG_GRANT_NO);
	wire_get_text(&r, out->origin_key, sizeof(out->origin_key));
	out->connect_seen = wire_get(&r, 1, 1) != 0;
	out->connect = (enum msg_grant)wire_get(&r, 1, MSG_GRANT_NO);
	wire_get_text(&r, out->connect_key, sizeof(out->connect_key));
	out->nconns = wire_get(&r, 1, MSG_CONNS_MAX);
	for (size_t i = 0; i < out->nconns; i++)
		out->conns[i] = wire_get_bytes(&r);
	out->live = wire_get(&r, 1, 1) != 0;
	out->apart = wire_get(&r, 1, 1) != 0;
	out->nreplies = wire_get(&r, 1, MSG_REPLIES_MAX);
	out->state = wire_get_bytes(&r);
	if (version >= 2)
		out->deflate_bits = (int)wire_get(&r, 1, MSG_DEFLATE_BITS_MAX);
	if (out->deflate_bits > 0 && out->deflate_bits < MSG_DEFLATE_BITS_MIN)
		return -1;
	if (version >= 3)
		wire_get_text(&r, out->answered, sizeof(out->answered));
	return wire_read(&r);
}

int
msg_get_route(const void *data, size_t len, struct msg_route *out)
{
	struct wire_reader r = start(data, len, MSG_ROUTE, MSG_BACK);

	memset(out, 0, sizeof(*out));
	out->tag = wire_get(&r, 8, UINT64_MAX);
	wire_get_text(&r, out->sid, sizeof(out->sid));
	wire_get_text(&r, out->address, sizeof(out->address));
	out->bytes = wire_get_bytes(&r);
	return wire_read(&r);
}

int
msg_get_adopted(const void *data, size_t len, struct msg_adopted *out)
{
	struct wire_reader r = start(data, len, MSG_ADOPTED, MSG_ADOPTED);

	memset(out, 0, sizeof(*out));
	out->tag = wire_get(&r, 8, UINT64_MAX);
	return wire_read(&r);
}

int
msg_get_auth(const void *data, size_t len, struct msg_auth *out)
{
	struct wire_reader r = start(data, len, MSG_AUTH, MSG_AUTH);

	memset(out, 0, sizeof(*out));
	wire_get_text(&r, out->sid, sizeof(out->sid));
	out->serial = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	wire_get_text(&r, out->address, sizeof(out->address));
	out->psk = wire_get_bytes(&r);
	return wire_read(&r);
}

int
msg_get_verdict(const void *data, size_t len, struct msg_verdict *out)
{
	struct wire_reader r = start(data, len, MSG_VERDICT, MSG_VERDICT);

	memset(out, 0, sizeof(*out));
	wire_get_text(&r, out->sid, sizeof(out->sid));
	out->serial = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	out->granted = wire_get(&r, 1, 1) != 0;
	wire_get_text(&r, out->key, sizeof(out->key));
	return wire_read(&r);
}

int
msg_get_closed(const void *data, size_t len, struct msg_closed *out)
{
	struct wire_reader r = start(data, len, MSG_CLOSED, MSG_CLOSED);

	memset(out, 0, sizeof(*out));
	wire_get_text(&r, out->sid, sizeof(out->sid));
	return wire_read(&r);
}

int
msg_get_gone(const void *data, size_t len, struct msg_gone *out)
{
	struct wire_reader r = start(data, len, MSG_GONE, MSG_GONE);

	memset(out, 0, sizeof(*out));
	wire_get_text(&r, out->address, sizeof(out->address));
	return wire_read(&r);
}

int
msg_get_joined(const void *data, size_t len, struct msg_joined *out)
{
	struct wire_reader r = start(data, len, MSG_JOINED, MSG_JOINED);

	memset(out, 0, sizeof(*out));
	wire_get_text(&r, out->sid, sizeof(out->sid));
	return wire_read(&r);
}

int
msg_get_ask(const void *data, size_t len, struct msg_ask *out)
{
	struct wire_reader r = start(data, len, MSG_ASK, MSG_ASK);

	memset(out, 0, sizeof(*out));
	out->serial = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	out->what = (enum msg_ask_what)wire_get(&r, 1, MSG_ASK_QUEUE);
	return wire_read(&r);
}

int
msg_get_told(const void *data, size_t len, struct msg_told *out)
{
	struct wire_reader r = start(data, len, MSG_TOLD, MSG_TOLD);

	memset(out, 0, sizeof(*out));
	out->serial = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	out->last = wire_get(&r, 1, 1) != 0;
	out->text = wire_get_bytes(&r);
	return wire_read(&r);
}

int
msg_get_revoked(const void *data, size_t len, struct msg_revoked *out)
{
	struct wire_reader r = start(data, len, MSG_REVOKED, MSG_REVOKED);

	memset(out, 0, sizeof(*out));
	out->generation = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	wire_get_text(&r, out->key, sizeof(out->key));
	return wire_read(&r);
}

int
msg_get_poison(const void *data, size_t len, struct msg_poison *out)
{
	struct wire_reader r = start(data, len, MSG_POISON, MSG_POISON);

	memset(out, 0, sizeof(*out));
	out->fingerprint = wire_get(&r, 8, UINT64_MAX);
	out->time_ms = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	return wire_read(&r);
}

int
msg_get_unsound(const void *data, size_t len, struct msg_unsound *out)
{
	struct wire_reader r = start(data, len, MSG_UNSOUND, MSG_UNSOUND);

	memset(out, 0, sizeof(*out));
	out->id = wire_get(&r, 8, UINT64_MAX);
	return wire_read(&r);
}

int
msg_get_shared(const void *data, size_t len, struct msg_shared *out)
{
	struct wire_reader r = start(data, len, MSG_SHARED, MSG_SHARED);

	memset(out, 0, sizeof(*out));
	out->n = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	return wire_read(&r);
}

int
msg_get_database(const void *data, size_t len, struct msg_database *out)
{
	struct wire_reader r = start(data, len, MSG_DATABASE, MSG_DATABASE);

	memset(out, 0, sizeof(*out));
	out->up = wire_get(&r, 1, 1) != 0;
	out->text = wire_get_bytes(&r);
	return wire_read(&r);
}

int
msg_get_load(const void *data, size_t len, struct msg_load *out)
{
	struct wire_reader r = start(data, len, MSG_LOAD, MSG_LOAD);

	memset(out, 0, sizeof(*out));
	out->path = wire_get_bytes(&r);
	out->database_url = wire_get_bytes(&r);
	out->psk = wire_get_bytes(&r);
	out->port = wire_get_bytes(&r);
	return wire_read(&r);
}

int
msg_get_fault(const void *data, size_t len, struct msg_fault *out)
{
	struct wire_reader r = start(data, len, MSG_FAULT, MSG_FAULT);

	memset(out, 0, sizeof(*out));
	out->text = wire_get_bytes(&r);
	return wire_read(&r);
}

int
msg_get_loaded(const void *data, size_t len, struct msg_loaded *out)
{
	struct wire_reader r = start(data, len, MSG_LOADED, MSG_LOADED);

	memset(out, 0, sizeof(*out));
	out->faults = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	out->refused = (uint32_t)wire_get(&r, 4, UINT32_MAX);
	return wire_read(&r);
}
