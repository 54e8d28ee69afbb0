/*
 * Fuzz target: what a collector in C is told.  What call_get() takes is
 * written again and must be the same bytes; its payload loses its key, and an
 * argument that is bytes names one of the attachments.
 */
#include "target.h"

#include "ipc/call.h"
#include "proto/json_scan.h"
#include "proto/sio_value.h"

static bool
is_object(const struct msg_bytes *json)
{
	enum json_kind kind;
	size_t used;

	return json->len == 0 || (json_scan(json->data, json->len,
	    JSON_DEPTH_MAX, &kind, &used) == 0 && kind == JSON_OBJECT &&
	    used == json->len);
}

static void
check_auth(const struct msg_bytes *auth)
{
	const struct slice json = { auth->data, auth->len };
	struct buf once, twice;
	enum json_kind kind;
	size_t used;

	buf_init(&once, 0);
	buf_init(&twice, 0);
	require(sio_auth_put(&once, &json) == 0);
	require(json_scan(once.data, once.len, JSON_DEPTH_MAX, &kind,
	    &used) == 0 && kind == JSON_OBJECT && used == once.len);
	require(sio_auth_put(&twice, &(struct slice){ once.data,
	    once.len }) == 0);
	require(twice.len == once.len &&
	    memcmp(twice.data, once.data, once.len) == 0);
	require(sio_placeholder(&json, 3) < 3);
	buf_fini(&once);
	buf_fini(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = copy((const char *)data, size);
	struct call c;
	struct buf again;

	if (call_get(bytes, size, &c) == 0) {
		buf_init(&again, 0);
		require(call_put(&again, &c) == 0);
		require(again.len == size &&
		    memcmp(again.data, bytes, size) == 0);
		buf_fini(&again);
		if (is_object(&c.auth))
			check_auth(&c.auth);
	}
	free(bytes);
	return 0;
}
