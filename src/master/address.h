/*
 * What the master remembers of the addresses of clients: how many connections
 * each has, in whose hands, and how often it did something lately.  An IPv6
 * client is its /64, because it has all addresses of that.
 *
 * Every call costs the same, however many addresses there are.  One that has
 * no connection and did nothing for two seconds is forgotten.
 */
#ifndef MASTER_ADDRESS_H
#define MASTER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct addresses;

/* Events whose rate is bounded. */
enum address_event {
	ADDRESS_HANDSHAKE,
	ADDRESS_FAILURE,	/* a handshake without a right key */
	ADDRESS_EVENTS
};

/* Holders are 0, the master, and workers from 1 on.  NULL: no memory. */
struct addresses *addresses_new(void);
void addresses_free(struct addresses **a);

/*
 * A connection of the client (text as for ip_read()) came into a holder's
 * hands, or left them.  What memory has no room for is not counted.
 */
void addresses_hold(struct addresses *a, const char *text, size_t holder,
    uint64_t now_ms);
void addresses_let(struct addresses *a, const char *text, size_t holder,
    uint64_t now_ms);
/* A holder is dead, and all that it held. */
void addresses_let_all(struct addresses *a, size_t holder, uint64_t now_ms);

/* Connections of one address, and of all. */
size_t addresses_held(const struct addresses *a, const char *text);
size_t addresses_held_in_all(const struct addresses *a);

/*
 * May one more event of this kind happen, at per_second > 0 of them with as
 * many at once?  addresses_event() says that it did; what is above the rate
 * does not count.
 */
bool addresses_may(struct addresses *a, const char *text,
    enum address_event event, int64_t per_second, uint64_t now_ms);
void addresses_event(struct addresses *a, const char *text,
    enum address_event event, int64_t per_second, uint64_t now_ms);

/* Addresses remembered. */
size_t addresses_count(const struct addresses *a);

#endif
