/*
 * What strings of the conf must look like.  A check says what is asked for
 * instead of what is wrong, so that one sentence serves every mistake.
 */
#include "conf/conf_check.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/ip.h"
#include "base/num.h"
#include "conf/conf.h"

#define PORT_MAX 65535

/* Is it one of the graphic characters of ASCII, or a byte of UTF-8? */
static bool
is_graphic(char c)
{
	unsigned char u = (unsigned char)c;

	return u > ' ' && u != 0x7f;
}

static bool
all_graphic(const char *text)
{
	while (is_graphic(*text))
		text++;
	return *text == '\0';
}

static int
read_host(const char *p, size_t len, struct conf_address *out)
{
	unsigned char addr[sizeof(struct in6_addr)];

	if (len == 1 && *p == '*') {
		out->any = true;
		return 0;
	}
	if (len > 2 && p[0] == '[' && p[len - 1] == ']') {
		out->ipv6 = true;
		p++;
		len -= 2;
	}
	if (len >= sizeof(out->host))
		return -1;
	memcpy(out->host, p, len);
	return inet_pton(out->ipv6 ? AF_INET6 : AF_INET, out->host, addr) == 1 ?
	    0 : -1;
}

int
conf_address_read(const char *text, struct conf_address *out)
{
	const char *colon = strrchr(text, ':');
	const char *port = colon == NULL ? text : colon + 1;
	uint64_t n;

	memset(out, 0, sizeof(*out));
	if (num_read_u64(port, strlen(port), &n) == -1 || n > PORT_MAX)
		return -1;
	out->port = (uint16_t)n;
	out->any = colon == NULL;
	return colon == NULL ? 0 : read_host(text, (size_t)(colon - text), out);
}

const char *
conf_check_address(const char *text)
{
	struct conf_address a;

	return conf_address_read(text, &a) == 0 ? NULL :
	    "must be \"*:PORT\", \"A.B.C.D:PORT\", \"[IPv6]:PORT\" or a port";
}

const char *
conf_check_path(const char *text)
{
	size_t len = strlen(text);

	return all_graphic(text) && text[strcspn(text, "?#%")] == '\0' &&
	    len > 0 && text[0] == '/' && text[len - 1] == '/' ? NULL :
	    "must begin and end with \"/\" and have no blanks, "
	    "\"?\", \"#\" or \"%\"";
}

const char *
conf_check_namespace(const char *text)
{
	return all_graphic(text) && text[strcspn(text, "?,")] == '\0' &&
	    text[0] == '/' && strlen(text) < CONF_NAME_MAX ? NULL :
	    "must begin with \"/\", have at most 127 bytes, "
	    "no blanks, \",\" or \"?\"";
}

const char *
conf_check_origin(const char *text)
{
	const char *host = strstr(text, "://");

	if (strcmp(text, "*") == 0 || strcmp(text, "null") == 0)
		return NULL;
	return all_graphic(text) && host != NULL && host > text &&
	    host[3] != '\0' && strchr(host + 3, '/') == NULL ? NULL :
	    "must be \"*\" or an origin like \"https://app.example.com\"";
}

const char *
conf_check_network(const char *text)
{
	struct ip_network n;

	return ip_network_read(text, &n) == 0 ? NULL :
	    "must be an address or a network like \"192.0.2.0/24\"";
}

const char *
conf_check_key_name(const char *text)
{
	size_t len = strlen(text);

	for (const char *p = text; *p != '\0'; p++)
		if (!is_graphic(*p) && *p != ' ')
			len = 0;
	return len > 0 && len < CONF_NAME_MAX ? NULL :
	    "must have 1 to 127 bytes and no control characters";
}
