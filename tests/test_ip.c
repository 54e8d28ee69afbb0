/* Addresses and networks as text. */
#include "base/ip.h"

#include <string.h>

#include "unit.h"

static const struct {
	const char *text, *put;		/* put NULL: it is none */
} addresses[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "192.0.2.1:4711", "192.0.2.1" },
	{ "::ffff:192.0.2.1", "192.0.2.1" },
	{ "[::ffff:192.0.2.1]:80", "192.0.2.1" },
	{ "2001:db8::1", "[2001:db8::1]" },
	{ "[2001:db8::1]", "[2001:db8::1]" },
	{ "[2001:db8::1]:4711", "[2001:db8::1]" },
	{ "", NULL },
	{ "unknown", NULL },
	{ "[2001:db8::1", NULL },
	{ "[]", NULL },
	{ "192.0.2", NULL },
	{ "192.0.2.256", NULL },
	{ ":4711", NULL },
	{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", NULL },
};

START_TEST(test_address)
{
	const char *text = addresses[_i].text;
	char put[IP_TEXT_MAX];
	struct ip ip;

	if (addresses[_i].put == NULL) {
		ck_assert_int_eq(ip_read(text, strlen(text), &ip), -1);
		return;
	}
	ck_assert_int_eq(ip_read(text, strlen(text), &ip), 0);
	ip_put(&ip, put);
	ck_assert_str_eq(put, addresses[_i].put);
	ck_assert_int_eq(ip_is_v4(&ip), put[0] != '[');
}
END_TEST

static const struct {
	const char *network;
	const char *in, *out;		/* in NULL: it is none */
} networks[] = {
	{ "192.0.2.1", "192.0.2.1", "192.0.2.2" },
	{ "192.0.2.0/24", "192.0.2.255", "192.0.3.0" },
	{ "192.0.2.128/25", "192.0.2.200", "192.0.2.127" },
	{ "10.0.0.0/8", "10.255.0.1", "2001:db8::1" },
	{ "0.0.0.0/0", "203.0.113.9", "2001:db8::1" },
	{ "::/0", "192.0.2.1", NULL },
	{ "::1", "::1", "::2" },
	{ "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1" },
	{ "192.0.2.0/33", NULL, NULL },
	{ "2001:db8::/129", NULL, NULL },
	{ "192.0.2.0/", NULL, NULL },
	{ "192.0.2.0/x", NULL, NULL },
	{ "/8", NULL, NULL },
	{ "localhost", NULL, NULL },
	{ "192.0.2.1:80", NULL, NULL },
};

START_TEST(test_network)
{
	struct ip_network n;
	struct ip ip;

	if (networks[_i].in == NULL) {
		ck_assert_int_eq(ip_network_read(networks[_i].network, &n), -1);
		return;
	}
	ck_assert_int_eq(ip_network_read(networks[_i].network, &n), 0);
	ck_assert_int_eq(ip_read(networks[_i].in, strlen(networks[_i].in),
	    &ip), 0);
	ck_assert(ip_network_has(&n, &ip));
	if (networks[_i].out == NULL)
		return;
	ck_assert_int_eq(ip_read(networks[_i].out, strlen(networks[_i].out),
	    &ip), 0);
	ck_assert(!ip_network_has(&n, &ip));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("ip");

	tcase_add_loop_test(t, test_address, 0, COUNT(addresses));
	tcase_add_loop_test(t, test_network, 0, COUNT(networks));
	return unit_run("ip", t);
}
