/* Addresses: the kernel's notation, in one form for both families. */
#include "base/ip.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

#define V4_BITS 32
#define V6_BITS 128
/* Bytes of a mapped address in front of the IPv4 one. */
#define MAPPED_LEN 12

static const unsigned char mapped[MAPPED_LEN] = { [10] = 0xff, [11] = 0xff };

static int
read_host(const char *text, size_t len, struct ip *out)
{
	char host[INET6_ADDRSTRLEN];

	if (len == 0 || len >= sizeof(host))
		return -1;
	memcpy(host, text, len);
	host[len] = '\0';
	if (memchr(text, ':', len) != NULL)
		return inet_pton(AF_INET6, host, out->bytes) == 1 ? 0 : -1;
	memcpy(out->bytes, mapped, MAPPED_LEN);
	return inet_pton(AF_INET, host, out->bytes + MAPPED_LEN) == 1 ? 0 : -1;
}

int
ip_read(const char *text, size_t len, struct ip *out)
{
	const char *end = text + len, *colon = memchr(text, ':', len);
	const char *bracket;

	if (len > 0 && text[0] == '[') {
		bracket = memchr(text, ']', len);
		if (bracket == NULL)
			return -1;
		return read_host(text + 1, (size_t)(bracket - text - 1), out);
	}
	/* A single colon stands in front of a port. */
	if (colon != NULL &&
	    memchr(colon + 1, ':', (size_t)(end - colon - 1)) == NULL)
		len = (size_t)(colon - text);
	return read_host(text, len, out);
}

bool
ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->bytes, mapped, MAPPED_LEN) == 0;
}

void
ip_put(const struct ip *ip, char out[IP_TEXT_MAX])
{
	const unsigned char *v4 = ip->bytes + MAPPED_LEN;
	char text[INET6_ADDRSTRLEN] = "?";
	size_t i;

	if (ip_is_v4(ip)) {
		for (i = 0; i < 4; i++) {
			out += num_put_u64(out, v4[i]);
			*out++ = i < 3 ? '.' : '\0';
		}
		return;
	}
	inet_ntop(AF_INET6, ip->bytes, text, sizeof(text));
	snprintf(out, IP_TEXT_MAX, "[%s]", text);
}

int
ip_network_read(const char *text, struct ip_network *out)
{
	const char *slash = strchr(text, '/');
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);
	uint64_t most, bits;

	if (read_host(text, len, &out->ip) != 0)
		return -1;
	most = memchr(text, ':', len) == NULL ? V4_BITS : V6_BITS;
	bits = most;
	if (slash != NULL &&
	    (num_read_u64(slash + 1, strlen(slash + 1), &bits) != 0 ||
	    bits > most))
		return -1;
	out->bits = (unsigned int)(bits + V6_BITS - most);
	return 0;
}

bool
ip_network_has(const struct ip_network *n, const struct ip *ip)
{
	size_t whole = n->bits / 8;
	unsigned int rest = n->bits % 8;
	unsigned int mask = 0xff00u >> rest & 0xff;

	if (memcmp(n->ip.bytes, ip->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    ((n->ip.bytes[whole] ^ ip->bytes[whole]) & mask) == 0;
}
