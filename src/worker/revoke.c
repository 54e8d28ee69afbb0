/*
 * A reload has taken a key away.  Namespaces that it let in are left with a
 * DISCONNECT, as the official server's disconnect() does it; a session without
 * any other ends.  Verdicts that name the key and were not used yet become
 * refusals.
 */
#include "worker/revoke.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "ipc/msg.h"
#include "worker/session.h"
#include "worker/socketio.h"

/* For a client that has not taken the DISCONNECT yet. */
#define GRACE_MS 2000

/* Not one of that name that was good later. */
static bool
is_of(const struct msg_revoked *m, const struct conf_key *key, uint32_t since)
{
	return since < m->generation &&
	    strcmp(key == NULL ? "" : key->name, m->key) == 0;
}

static void
revoke_grant(const struct msg_revoked *m, struct grant *g)
{
	if (g->verdict != MSG_GRANT_YES || !is_of(m, g->key, g->since))
		return;
	g->verdict = MSG_GRANT_NO;
	g->key = NULL;
}

/* At once when the client has been told, which most have. */
static void
end(struct session *s)
{
	if (TAILQ_EMPTY(&s->output.packets)) {
		session_close(s, CLOSE_KEY);
		return;
	}
	s->end_reason = CLOSE_KEY;
	s->end_ms = clock_ms() + GRACE_MS;
	session_wake(s, s->end_ms);
}

static void
revoke_session(const struct msg_revoked *m, struct session *s)
{
	struct joined *j, *next;
	bool left = false;

	revoke_grant(m, &s->origin);
	revoke_grant(m, &s->connect);
	for (j = SLIST_FIRST(&s->joined); j != NULL; j = next) {
		next = SLIST_NEXT(j, link);
		if (!is_of(m, j->key, j->since))
			continue;
		left = true;
		socketio_leave(s, j);
	}
	if (left && SLIST_EMPTY(&s->joined))
		end(s);
}

void
revoke_key(struct worker *w, const void *data, size_t len)
{
	struct table_node *node, *next;
	struct msg_revoked m;
	struct session *s;

	if (msg_get_revoked(data, len, &m) != 0) {
		log_error("REVOKED of the master ignored: it is not sound");
		return;
	}
	for (node = table_first(&w->sessions); node != NULL; node = next) {
		next = table_next(&w->sessions, node);
		s = TABLE_ENTRY(node, struct session, node);
		if (s->state == SESSION_OPEN)
			revoke_session(&m, s);
	}
}
