/*
 * The master as a whole: what its files share.  One process, one thread, one
 * event loop; each part is started and ended by master.c in mirror order.
 */
#ifndef MASTER_STATE_H
#define MASTER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

#include "base/table.h"
#include "conf/conf.h"
#include "master/counters.h"
#include "master/master.h"

struct addresses;
struct bundle;
struct control;
struct event;
struct event_base;
struct front;
struct keyring;
struct listeners;
struct load;
struct open;
struct pass;
struct revoked;
struct suspects;
struct takeover;
struct upgrade;
struct slots;
struct watch;

enum master_phase {
	MASTER_STARTING,	/* the first configuration is being read */
	MASTER_RUNNING,
	MASTER_STOPPING		/* no new clients; running requests end */
};

/* Copies of the environment, wiped from the process's own. */
struct master_env {
	char *database_url;	/* each may be NULL */
	char *psk;
	char *port;
};

TAILQ_HEAD(fronts, front);
TAILQ_HEAD(opens, open);

struct master {
	const struct master_params *params;
	struct master_env env;
	char *program;			/* absolute path of what we are */
	struct event_base *base;
	enum master_phase phase;
	uint64_t started_ms;		/* clock_ms() */
	int status;			/* to exit with */
	bool pid_file_is_ours;		/* to remove */
	size_t descriptors_max;		/* of each process of ours */

	/* The current generation, as the master may know it. */
	uint32_t generation;
	struct conf conf;
	struct keyring *keys;
	struct bundle *bundle;

	SLIST_HEAD(, revoked) revoked;	/* keys that were taken away */

	struct load *load;		/* running; NULL = none */
	bool load_again;		/* asked for while one was running */
	uint64_t loads;			/* begun since the start */
	struct timespec load_began;	/* the last one, as files are dated */
	struct watch *watch;		/* NULL = cannot be had */
	struct listeners *listeners;
	struct fronts fronts;		/* connections in our hands */
	size_t nfronts, nfronts_most;	/* now, and since memory was trimmed */
	struct opens opens;		/* sessions that no worker has yet */
	struct table open_sids;		/* the same by sid */
	size_t nanswered;		/* of them: their CONNECT */
	size_t open_bytes;		/* read for them and not used */
	struct pass *pass;
	struct addresses *addresses;
	struct slots *slots;
	struct suspects *suspects;
	struct control *control;	/* NULL = none */
	struct upgrade *upgrade;	/* under way; NULL = none */
	bool upgrade_again;		/* asked for meanwhile */
	struct takeover *takeover;	/* while we start; NULL = not so */
	struct event *stop_timer;	/* drain_timeout; NULL = not stopping */
	bool collectors_told;		/* MASTER_STOPPING: to stop */
	struct master_counters counters;
};

#endif
