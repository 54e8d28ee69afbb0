/* CONNECT payloads without their keys, and arguments that are bytes. */
#include "proto/sio_value.h"

#include <string.h>

#include "unit.h"

static const char *const payloads[][2] = {
	{ "", "{}" },
	{ "{}", "{}" },
	{ " { } ", "{}" },
	{ "{\"psk\":\"k\"}", "{}" },
	{ "{\"a\":1,\"psk\":\"k\"}", "{\"a\":1}" },
	{ "{\"psk\":\"k\",\"a\":1}", "{\"a\":1}" },
	{ "{ \"a\" : 1 , \"b\" : [1, 2] }", "{\"a\":1,\"b\":[1, 2]}" },
	{ "{\"p\\u0073k\":1,\"psk\":{\"psk\":2},\"c\":3}", "{\"c\":3}" },
	{ "{\"a\":{\"psk\":1}}", "{\"a\":{\"psk\":1}}" },
	{ "{\"PSK\":1,\"psk \":2,\"ps\":3,\"pskk\":4}",
	    "{\"PSK\":1,\"psk \":2,\"ps\":3,\"pskk\":4}" },
	{ "{\"a\":\"psk\"}", "{\"a\":\"psk\"}" },
};

/* Nothing may be no pointer: clients of Socket.IO 2 bring no payload. */
START_TEST(test_nothing)
{
	const struct slice nothing = { NULL, 0 };
	struct buf b;

	buf_init(&b, 0);
	ck_assert_int_eq(sio_auth_put(&b, &nothing), 0);
	ck_assert_uint_eq(b.len, 2);
	ck_assert_int_eq(sio_placeholder(&nothing, 1), -1);
	buf_fini(&b);
}
END_TEST

START_TEST(test_auth)
{
	const struct slice json = { payloads[_i][0],
	    strlen(payloads[_i][0]) };
	const char *want = payloads[_i][1];
	struct buf b;

	buf_init(&b, 0);
	ck_assert_int_eq(sio_auth_put(&b, &json), 0);
	ck_assert_uint_eq(b.len, strlen(want));
	ck_assert_mem_eq(b.data, want, b.len);
	buf_fini(&b);
	buf_init(&b, strlen(want) - 1);
	ck_assert_int_eq(sio_auth_put(&b, &json), -1);
	buf_fini(&b);
}
END_TEST

static const struct {
	const char *json;
	int number;		/* of two attachments */
} arguments[] = {
	{ "{\"_placeholder\":true,\"num\":0}", 0 },
	{ "{\"num\":1,\"_placeholder\":true}", 1 },
	{ "{\"_placeholder\":true,\"num\":1.0}", 1 },
	{ "{\"_placeholder\":true,\"num\":2}", -1 },
	{ "{\"_placeholder\":true,\"num\":-1}", -1 },
	{ "{\"_placeholder\":true,\"num\":\"0\"}", -1 },
	{ "{\"_placeholder\":true}", -1 },
	{ "{\"_placeholder\":false,\"num\":0}", -1 },
	{ "{\"_placeholder\":1,\"num\":0}", -1 },
	{ "{\"num\":0}", -1 },
	{ "{}", -1 },
	{ "[{\"_placeholder\":true,\"num\":0}]", -1 },
	{ "\"_placeholder\"", -1 },
	{ "", -1 },
};

START_TEST(test_placeholder)
{
	const struct slice json = { arguments[_i].json,
	    strlen(arguments[_i].json) };

	ck_assert_int_eq(sio_placeholder(&json, 2), arguments[_i].number);
	ck_assert_int_eq(sio_placeholder(&json, 0), -1);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_nothing);
	tcase_add_loop_test(t, test_auth, 0, COUNT(payloads));
	tcase_add_loop_test(t, test_placeholder, 0, COUNT(arguments));
	return unit_run("sio_value", t);
}
