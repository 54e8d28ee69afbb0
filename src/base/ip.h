/* Addresses of the Internet protocol, and networks of them, as text. */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Room for the text that ip_put() writes, with terminator. */
#define IP_TEXT_MAX 48

/* One form for both families: IPv4 is mapped, ::ffff:192.0.2.1. */
struct ip {
	unsigned char bytes[16];
};

struct ip_network {
	struct ip ip;
	unsigned int bits;	/* of it that count, 0 to 128 */
};

/*
 * Read text[0..len): "192.0.2.1", "2001:db8::1" or "[2001:db8::1]", with a
 * port behind it or not.  0, or -1 when it is none.
 */
int ip_read(const char *text, size_t len, struct ip *out) MUST_CHECK;

/* "192.0.2.1" or "[2001:db8::1]". */
void ip_put(const struct ip *ip, char out[IP_TEXT_MAX]);

bool ip_is_v4(const struct ip *ip);

/* "192.0.2.0/24", "2001:db8::/32" or a single address.  0 or -1. */
int ip_network_read(const char *text, struct ip_network *out) MUST_CHECK;

bool ip_network_has(const struct ip_network *n, const struct ip *ip);

#endif
