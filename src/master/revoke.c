/*
 * A key is its name and its bytes: one whose bytes have changed is another.
 * Sessions that were given to a worker are told of by REVOKED, which comes
 * behind their SESSION on the same channel; the copy that is kept until they
 * are adopted, and those that are still being opened, are mended here.
 */
#include "master/revoke.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "conf/conf.h"
#include "ipc/msg.h"
#include "master/open.h"
#include "master/pass.h"
#include "master/slots.h"
#include "master/state.h"

struct change {
	const struct conf *was, *is;
};

static bool
is_gone(const struct change *c, const char *name)
{
	const struct conf_key *was = conf_key_by_name(c->was, name);
	const struct conf_key *is = conf_key_by_name(c->is, name);

	if (was == NULL || is == NULL)
		return true;
	return was->psk == NULL || is->psk == NULL ||
	    strcmp(was->psk, is->psk) != 0;
}

static bool
revise_grant(const struct change *c, enum msg_grant *grant, const char *key)
{
	if (*grant != MSG_GRANT_YES || !is_gone(c, key))
		return false;
	*grant = MSG_GRANT_NO;
	return true;
}

static bool
revise(void *ctx, struct msg_session *m)
{
	bool origin = revise_grant(ctx, &m->origin, m->origin_key);
	bool connect = revise_grant(ctx, &m->connect, m->connect_key);

	return origin || connect;
}

static void
tell_workers(struct master *m, const char *key)
{
	struct msg_revoked revoked;
	struct buf b;

	snprintf(revoked.key, sizeof(revoked.key), "%s", key);
	buf_init(&b, 0);
	if (msg_put_revoked(&b, &revoked) == 0)
		slots_tell_workers(m->slots, &b);
	else
		log_error("key \"%s\": its sessions go on: out of memory", key);
	buf_fini(&b);
}

void
revoke_keys(struct master *m, const struct conf *was, const struct conf *is)
{
	struct change change = { was, is };

	opens_revise(m, revise, &change);
	pass_revise(m->pass, revise, &change);
	for (size_t i = 0; i < was->nkeys; i++) {
		if (!is_gone(&change, was->keys[i].name))
			continue;
		log_info("key \"%s\": its sessions end", was->keys[i].name);
		tell_workers(m, was->keys[i].name);
	}
	if (was->socketio.auth == CONF_AUTH_NONE &&
	    is->socketio.auth != CONF_AUTH_NONE)
		tell_workers(m, "");
}
