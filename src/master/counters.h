/* What has happened since the start, for admins. */
#ifndef MASTER_COUNTERS_H
#define MASTER_COUNTERS_H

#include <stdint.h>

#include "base/err.h"

struct buf;
struct master;

struct master_counters {
	uint64_t accepted;	/* connections */
	uint64_t refused;	/* requests and connections */
	uint64_t opened;	/* sessions */
	uint64_t passed;	/* sessions given to workers */
	uint64_t lost;		/* sessions whose client left before */
	uint64_t left;		/* the same, after their CONNECT */
	uint64_t failed;	/* handshakes without a right key */
	uint64_t late;		/* connections that were too slow */
	uint64_t pauses;	/* of accepting, without descriptors */
	uint64_t respawns;	/* children started again */
	uint64_t condemned;	/* requests that ran beyond their deadline */
	uint64_t silent;	/* collectors that stood still, idle */
	uint64_t killers;	/* requests that killed their collector */
	uint64_t poisoned;	/* requests refused for that */
	uint64_t recycled;	/* collectors replaced for what they held */
	uint64_t shared;	/* requests that got the answer of another */
	/* Refused by the limit of that name. */
	uint64_t over_connections;
	uint64_t over_connections_per_address;
	uint64_t over_handshakes;
	uint64_t over_handshakes_per_second;
	uint64_t over_failures_per_second;
	uint64_t over_descriptors;
};

/* Append them as members of a JSON object: "accepted":1, ... */
int counters_put(const struct master *m, struct buf *out) MUST_CHECK;

/* Log them, with what there is now, and let the workers log theirs. */
void counters_log(struct master *m);

#endif
