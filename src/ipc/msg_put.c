/* The message catalogue, writing half: msg_get.c reads the same fields. */
#include <string.h>

#include "ipc/msg.h"
#include "ipc/wire.h"

static const char *const names[] = {
	[0] = "UNKNOWN",
	[MSG_VIEW] = "VIEW",
	[MSG_DROP_VIEW] = "DROP_VIEW",
	[MSG_FREED_VIEW] = "FREED_VIEW",
	[MSG_STOP] = "STOP",
	[MSG_READY] = "READY",
	[MSG_SESSION] = "SESSION",
	[MSG_ROUTE] = "ROUTE",
	[MSG_BACK] = "BACK",
	[MSG_ADOPTED] = "ADOPTED",
	[MSG_AUTH] = "AUTH",
	[MSG_VERDICT] = "VERDICT",
	[MSG_CLOSED] = "CLOSED",
	[MSG_DATABASE] = "DATABASE",
	[MSG_LOAD] = "LOAD",
	[MSG_FAULT] = "FAULT",
	[MSG_LOADED] = "LOADED",
	[MSG_GONE] = "GONE",
	[MSG_JOINED] = "JOINED",
	[MSG_COUNTERS] = "COUNTERS",
	[MSG_ASK] = "ASK",
	[MSG_TOLD] = "TOLD",
	[MSG_REVOKED] = "REVOKED",
	[MSG_LOG] = "LOG",
	[MSG_OLD_VIEW] = "OLD_VIEW",
	[MSG_MOVE] = "MOVE",
	[MSG_MOVED] = "MOVED",
	[MSG_POISON] = "POISON",
	[MSG_UNSOUND] = "UNSOUND",
	[MSG_RECYCLE] = "RECYCLE",
	[MSG_SEVERAL] = "SEVERAL",
	[MSG_SHARED] = "SHARED",
};

_Static_assert(sizeof(names) / sizeof(names[0]) == MSG_TYPES,
    "every message has a name");

const char *
msg_name(unsigned int type)
{
	return names[type < MSG_TYPES ? type : 0];
}

static struct wire_writer
start(struct buf *b, enum msg_type type)
{
	struct wire_writer w = { .buf = b };

	wire_put(&w, type, 1);
	return w;
}

int
msg_put_view(struct buf *b, enum msg_type type, const struct msg_view *m)
{
	struct wire_writer w = start(b, type);

	wire_put(&w, m->generation, 4);
	return wire_written(&w);
}

int
msg_put_stop(struct buf *b)
{
	struct wire_writer w = start(b, MSG_STOP);

	return wire_written(&w);
}

int
msg_put_counters(struct buf *b)
{
	struct wire_writer w = start(b, MSG_COUNTERS);

	return wire_written(&w);
}

int
msg_put_log(struct buf *b)
{
	struct wire_writer w = start(b, MSG_LOG);

	return wire_written(&w);
}

int
msg_put_move(struct buf *b, enum msg_type type)
{
	struct wire_writer w = start(b, type);

	return wire_written(&w);
}

size_t
msg_session_fds(const struct msg_session *m)
{
	return m->nconns + m->nreplies + m->apart;
}

int
msg_put_session(struct buf *b, const struct msg_session *m)
{
	struct wire_writer w = start(b, MSG_SESSION);

	if (m->nconns > MSG_CONNS_MAX || m->nreplies > MSG_REPLIES_MAX)
		return -1;
	wire_put(&w, MSG_SESSION_VERSION, 1);
	wire_put(&w, m->tag, 8);
	wire_put_text(&w, m->sid);
	wire_put(&w, m->transport, 1);
	wire_put(&w, m->revision, 1);
	wire_put(&w, m->base64, 1);
	wire_put(&w, m->opened_ms, 8);
	wire_put(&w, m->generation, 4);
	wire_put_text(&w, m->address);
	wire_put(&w, m->origin, 1);
	wire_put_text(&w, m->origin_key);
	wire_put(&w, m->connect_seen, 1);
	wire_put(&w, m->connect, 1);
	wire_put_text(&w, m->connect_key);
	wire_put(&w, m->nconns, 1);
	for (size_t i = 0; i < m->nconns; i++)
		wire_put_bytes(&w, m->conns[i]);
	wire_put(&w, m->live, 1);
	wire_put(&w, m->apart, 1);
	wire_put(&w, m->nreplies, 1);
	wire_put_bytes(&w, m->state);
	wire_put(&w, (uint64_t)m->deflate_bits, 1);
	wire_put_text(&w, m->answered);
	return wire_written(&w);
}

int
msg_put_route(struct buf *b, enum msg_type type, const struct msg_route *m)
{
	struct wire_writer w = start(b, type);

	wire_put(&w, m->tag, 8);
	wire_put_text(&w, m->sid);
	wire_put_text(&w, m->address);
	wire_put_bytes(&w, m->bytes);
	return wire_written(&w);
}

int
msg_put_adopted(struct buf *b, const struct msg_adopted *m)
{
	struct wire_writer w = start(b, MSG_ADOPTED);

	wire_put(&w, m->tag, 8);
	return wire_written(&w);
}

int
msg_put_auth(struct buf *b, const struct msg_auth *m)
{
	struct wire_writer w = start(b, MSG_AUTH);

	wire_put_text(&w, m->sid);
	wire_put(&w, m->serial, 4);
	wire_put_text(&w, m->address);
	wire_put_bytes(&w, m->psk);
	return wire_written(&w);
}

int
msg_put_verdict(struct buf *b, const struct msg_verdict *m)
{
	struct wire_writer w = start(b, MSG_VERDICT);

	wire_put_text(&w, m->sid);
	wire_put(&w, m->serial, 4);
	wire_put(&w, m->granted, 1);
	wire_put_text(&w, m->key);
	return wire_written(&w);
}

int
msg_put_closed(struct buf *b, const struct msg_closed *m)
{
	struct wire_writer w = start(b, MSG_CLOSED);

	wire_put_text(&w, m->sid);
	return wire_written(&w);
}

int
msg_put_gone(struct buf *b, const struct msg_gone *m)
{
	struct wire_writer w = start(b, MSG_GONE);

	wire_put_text(&w, m->address);
	return wire_written(&w);
}

int
msg_put_joined(struct buf *b, const struct msg_joined *m)
{
	struct wire_writer w = start(b, MSG_JOINED);

	wire_put_text(&w, m->sid);
	return wire_written(&w);
}

int
msg_put_ask(struct buf *b, const struct msg_ask *m)
{
	struct wire_writer w = start(b, MSG_ASK);

	wire_put(&w, m->serial, 4);
	wire_put(&w, m->what, 1);
	return wire_written(&w);
}

int
msg_put_told(struct buf *b, const struct msg_told *m)
{
	struct wire_writer w = start(b, MSG_TOLD);

	wire_put(&w, m->serial, 4);
	wire_put(&w, m->last, 1);
	wire_put_bytes(&w, m->text);
	return wire_written(&w);
}

int
msg_put_revoked(struct buf *b, const struct msg_revoked *m)
{
	struct wire_writer w = start(b, MSG_REVOKED);

	wire_put(&w, m->generation, 4);
	wire_put_text(&w, m->key);
	return wire_written(&w);
}

int
msg_put_poison(struct buf *b, const struct msg_poison *m)
{
	struct wire_writer w = start(b, MSG_POISON);

	wire_put(&w, m->fingerprint, 8);
	wire_put(&w, m->time_ms, 4);
	return wire_written(&w);
}

int
msg_put_unsound(struct buf *b, const struct msg_unsound *m)
{
	struct wire_writer w = start(b, MSG_UNSOUND);

	wire_put(&w, m->id, 8);
	return wire_written(&w);
}

int
msg_put_shared(struct buf *b, const struct msg_shared *m)
{
	struct wire_writer w = start(b, MSG_SHARED);

	wire_put(&w, m->n, 4);
	return wire_written(&w);
}

int
msg_put_recycle(struct buf *b)
{
	struct wire_writer w = start(b, MSG_RECYCLE);

	return wire_written(&w);
}

int
msg_put_database(struct buf *b, const struct msg_database *m)
{
	struct wire_writer w = start(b, MSG_DATABASE);

	wire_put(&w, m->up, 1);
	wire_put_bytes(&w, m->text);
	return wire_written(&w);
}

int
msg_put_load(struct buf *b, const struct msg_load *m)
{
	struct wire_writer w = start(b, MSG_LOAD);

	wire_put_bytes(&w, m->path);
	wire_put_bytes(&w, m->database_url);
	wire_put_bytes(&w, m->psk);
	wire_put_bytes(&w, m->port);
	return wire_written(&w);
}

int
msg_put_fault(struct buf *b, const struct msg_fault *m)
{
	struct wire_writer w = start(b, MSG_FAULT);

	wire_put_bytes(&w, m->text);
	return wire_written(&w);
}

int
msg_put_loaded(struct buf *b, const struct msg_loaded *m)
{
	struct wire_writer w = start(b, MSG_LOADED);

	wire_put(&w, m->faults, 4);
	wire_put(&w, m->refused, 4);
	return wire_written(&w);
}
