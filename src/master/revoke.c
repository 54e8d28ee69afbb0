/*
 * A key is its name and its bytes: one whose bytes have changed is another.
 * Sessions that were given to a worker are told of by REVOKED, which comes
 * behind their SESSION on the same channel; the copy that is kept until they
 * are adopted, and those that are still being opened, are mended here.  One
 * that moves from worker to worker may have missed it, and so it is told again.
 */
#include "master/revoke.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conf/conf.h"
#include "ipc/msg.h"
#include "master/child.h"
#include "master/open.h"
#include "master/pass.h"
#include "master/slots.h"
#include "master/state.h"

struct revoked {
	SLIST_ENTRY(revoked) entry;
	uint32_t generation;	/* the first without it */
	char key[];
};

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

/* 0, or -1: out of memory. */
static int
put(const struct revoked *r, struct buf *b)
{
	struct msg_revoked msg = { .generation = r->generation };

	snprintf(msg.key, sizeof(msg.key), "%s", r->key);
	return msg_put_revoked(b, &msg);
}

/* The last time that it happened to a name is all that counts. */
static struct revoked *
note(struct master *m, const char *key)
{
	struct revoked *r;

	SLIST_FOREACH(r, &m->revoked, entry)
		if (strcmp(r->key, key) == 0)
			break;
	if (r == NULL) {
		r = calloc(1, sizeof(*r) + strlen(key) + 1);
		if (r == NULL)
			return NULL;
		strcpy(r->key, key);
		SLIST_INSERT_HEAD(&m->revoked, r, entry);
	}
	r->generation = m->generation;
	return r;
}

static void
tell_workers(struct master *m, const char *key)
{
	const struct revoked *r = note(m, key);
	struct buf b;

	buf_init(&b, 0);
	if (r != NULL && put(r, &b) == 0)
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

void
revoke_again(struct master *m, struct child *c, uint32_t generation)
{
	const struct revoked *r;
	struct buf b;

	SLIST_FOREACH(r, &m->revoked, entry) {
		if (r->generation <= generation)
			continue;
		buf_init(&b, 0);
		if (put(r, &b) == 0)
			child_send(c, &b, NULL, 0);
		buf_fini(&b);
	}
}

void
revoke_free(struct master *m)
{
	struct revoked *r;

	while ((r = SLIST_FIRST(&m->revoked)) != NULL) {
		SLIST_REMOVE_HEAD(&m->revoked, entry);
		free(r);
	}
}
