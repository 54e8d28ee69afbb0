/*
 * Which limits there are is the table's; how many of each there have been is
 * address.c's and pass.c's.
 */
#include "master/limit.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/ip.h"
#include "base/log.h"
#include "ipc/queue.h"
#include "master/address.h"
#include "master/front.h"
#include "master/open.h"
#include "master/pass.h"
#include "master/slot_kinds.h"
#include "master/state.h"

enum {
	CONNECTIONS, PER_ADDRESS, HANDSHAKES, RATE, FAILURES, DESCRIPTORS,
	LIMITS
};

/*
 * Descriptors of a worker that are no connections: its own, and for each
 * request that is out a pair of reply sockets and the request itself.
 */
#define WORKER_OWN 16
#define OF_A_REQUEST 3

#define COUNTER(c) offsetof(struct master_counters, c)

static const struct limit limits[LIMITS] = {
	[CONNECTIONS] = { "limits.connections", 503,
	    "Too many connections (limits.connections)\n",
	    COUNTER(over_connections) },
	[PER_ADDRESS] = { "limits.connections_per_address", 429,
	    "Too many connections from your address "
	    "(limits.connections_per_address)\n",
	    COUNTER(over_connections_per_address) },
	[HANDSHAKES] = { "limits.handshakes", 503,
	    "Too many sessions without a namespace (limits.handshakes)\n",
	    COUNTER(over_handshakes) },
	[RATE] = { "limits.handshakes_per_second", 429,
	    "Too many handshakes from your address "
	    "(limits.handshakes_per_second)\n",
	    COUNTER(over_handshakes_per_second) },
	[FAILURES] = { "limits.failures_per_second", 429,
	    "Too many wrong keys from your address "
	    "(limits.failures_per_second)\n",
	    COUNTER(over_failures_per_second) },
	[DESCRIPTORS] = { "the limit on descriptors", 503,
	    "Too many sessions for the descriptors of this process\n",
	    COUNTER(over_descriptors) }
};

static bool
is_trusted(const struct master *m, const struct ip *ip)
{
	const struct conf_list *list = &m->conf.trusted_proxies;
	struct ip_network n;
	size_t i;

	for (i = 0; i < list->n; i++)
		if (ip_network_read(list->v[i], &n) == 0 &&
		    ip_network_has(&n, ip))
			return true;
	return false;
}

/* Does it have no limits of its own? */
static bool
is_free(const struct master *m, const char *address)
{
	struct ip ip;

	return m->conf.trusted_proxies.n > 0 &&
	    ip_read(address, strlen(address), &ip) == 0 &&
	    is_trusted(m, &ip);
}

const struct limit *
limit_connection(const struct master *m, const char *address)
{
	const struct conf *c = &m->conf;
	size_t most = (size_t)c->limits.connections;
	size_t each = (size_t)c->limits.connections_per_address;

	if (most > 0 && addresses_held_in_all(m->addresses) >= most)
		return &limits[CONNECTIONS];
	if (each > 0 && addresses_held(m->addresses, address) >= each &&
	    !is_free(m, address))
		return &limits[PER_ADDRESS];
	return NULL;
}

/*
 * Connections that the workers can hold, besides what they need to serve them.
 * Every process has our own limit.
 */
static size_t
room_of_workers(const struct master *m)
{
	size_t own = WORKER_OWN + OF_A_REQUEST *
	    (QUEUE_AHEAD_MAX + m->slots->ncollectors);

	return m->descriptors_max <= own ? 0 :
	    m->slots->nworkers * (m->descriptors_max - own);
}

static bool
may(const struct master *m, const char *address, enum address_event event,
    int64_t rate)
{
	return rate == 0 || is_free(m, address) || addresses_may(m->addresses,
	    address, event, rate, clock_ms());
}

const struct limit *
limit_handshake(const struct master *m, const char *address)
{
	const struct conf *c = &m->conf;
	size_t most = (size_t)c->limits.handshakes;

	if (most > 0 && opens_unjoined(m) >= most)
		return &limits[HANDSHAKES];
	/* Polling takes a second connection, and so does an upgrade. */
	if (2 * (m->open_sids.count + pass_count(m->pass)) >=
	    room_of_workers(m))
		return &limits[DESCRIPTORS];
	if (!may(m, address, ADDRESS_HANDSHAKE,
	    c->limits.handshakes_per_second))
		return &limits[RATE];
	if (limit_is_failing(m, address))
		return &limits[FAILURES];
	return NULL;
}

bool
limit_is_failing(const struct master *m, const char *address)
{
	return !may(m, address, ADDRESS_FAILURE,
	    m->conf.limits.failures_per_second);
}

static void
count(struct master *m, const char *address, enum address_event event,
    int64_t rate)
{
	if (rate > 0)
		addresses_event(m->addresses, address, event, rate,
		    clock_ms());
}

void
limit_handshaken(struct master *m, const char *address)
{
	count(m, address, ADDRESS_HANDSHAKE,
	    m->conf.limits.handshakes_per_second);
}

void
limit_failed(struct master *m, const char *address)
{
	m->counters.failed++;
	count(m, address, ADDRESS_FAILURE,
	    m->conf.limits.failures_per_second);
}

void
limit_log(struct master *m, const struct limit *limit, const char *address)
{
	char *counters = (char *)&m->counters;

	++*(uint64_t *)(void *)(counters + limit->counter);
	m->counters.refused++;
	log_warn("client %s: refused: %s is reached", address, limit->name);
}

/* ---- proxies ------------------------------------------------------------- */

bool
limit_is_proxy(const struct master *m, int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a;
	socklen_t len = sizeof(a);
	struct ip ip = { .bytes = { [10] = 0xff, [11] = 0xff } };

	if (m->conf.trusted_proxies.n == 0 ||
	    getpeername(fd, &a.any, &len) != 0)
		return false;
	if (a.any.sa_family == AF_INET)
		memcpy(ip.bytes + 12, &a.v4.sin_addr, 4);
	else
		memcpy(ip.bytes, &a.v6.sin6_addr, sizeof(ip.bytes));
	return is_trusted(m, &ip);
}

/*
 * The last hop that is not a proxy of ours; when all are, the first.  What
 * stands in front of something that is no address was told by a stranger.
 */
static bool
read_forwarded(const struct master *m, const struct http_head *head,
    struct ip *out)
{
	bool found = false, trusted = true;
	struct slice name, item;
	struct ip ip;
	size_t i, pos;

	for (i = 0; i < head->nheaders; i++) {
		name = head->headers[i].name;
		if (!slice_is_nocase(&name, "X-Forwarded-For"))
			continue;
		pos = 0;
		while (http_list_next(&head->headers[i].value, &pos, &item)) {
			if (ip_read(item.p, item.len, &ip) != 0) {
				found = false;
				trusted = true;
			} else if (!is_trusted(m, &ip)) {
				*out = ip;
				found = true;
				trusted = false;
			} else if (!found && trusted) {
				*out = ip;
				found = true;
			}
		}
	}
	return found;
}

const struct limit *
limit_forward(struct front *f, const struct http_head *head)
{
	struct master *m = f->m;
	char text[IP_TEXT_MAX];
	struct ip ip;
	size_t each = (size_t)m->conf.limits.connections_per_address;

	if (!read_forwarded(m, head, &ip))
		return NULL;
	ip_put(&ip, text);
	if (strcmp(text, f->address) == 0)
		return NULL;
	log_debug("client %s: is a proxy of %s", f->address, text);
	front_rename(f, text);
	/* f itself has been counted by now. */
	if (each > 0 && addresses_held(m->addresses, text) > each &&
	    !is_free(m, text))
		return &limits[PER_ADDRESS];
	return NULL;
}
