/*
 * Fuzz target: Socket.IO packets and the JSON in them.  A packet that is
 * written again must be read the same, JSON must be the sum of its parts, and
 * strings must be UTF-8.  The first byte is the depth that is allowed.
 */
#include "target.h"

#include "base/utf8.h"
#include "proto/json_scan.h"
#include "proto/sio.h"

#define DEPTH_MAX 20

/* Write the value without blanks, each part judged for itself. */
static void
put_compact(struct buf *out, const struct slice *value, enum json_kind kind,
    size_t depth)
{
	bool named = kind == JSON_OBJECT;
	enum json_kind part_kind, again;
	struct json_iter it;
	struct slice part;
	size_t n = 0, used;
	struct buf text;

	require(json_scan(value->p, value->len, depth, &again, &used) == 0 &&
	    again == kind && used == value->len);
	if (kind == JSON_STRING) {
		buf_init(&text, 0);
		require(json_string_decode(value, &text) == 0);
		require(text.len == 0 || utf8_valid(text.data, text.len));
		buf_fini(&text);
	}
	if (kind != JSON_ARRAY && kind != JSON_OBJECT) {
		require(buf_put(out, value->p, value->len) == 0);
		return;
	}
	require(buf_putc(out, named ? '{' : '[') == 0);
	json_iter_init(&it, value);
	for (; json_iter_next(&it, &part, &part_kind); n++) {
		if (n > 0)
			require(buf_putc(out, named && n % 2 == 1 ?
			    ':' : ',') == 0);
		put_compact(out, &part, part_kind, depth - 1);
	}
	require(!named || n % 2 == 0);
	require(buf_putc(out, named ? '}' : ']') == 0);
}

static void
look_at_json(const struct slice *json, size_t depth)
{
	enum json_kind kind, again;
	struct slice value = *json;
	struct buf compact;
	size_t used;

	if (json_scan(json->p, json->len, depth, &kind, &used) != 0)
		return;
	while (strchr(" \t\r\n", value.p[0]) != NULL)
		value.p++;
	value.len = used - (size_t)(value.p - json->p);
	buf_init(&compact, 0);
	put_compact(&compact, &value, kind, depth);
	require(compact.len <= value.len);
	require(json_scan(compact.data, compact.len, depth, &again,
	    &used) == 0 && used == compact.len && again == kind);
	buf_fini(&compact);
}

static void
write_again(const struct sio_packet *p, size_t depth)
{
	struct sio_packet again;
	struct buf text;
	char *nsp = strndup(p->nsp.p, p->nsp.len);

	if (nsp == NULL)
		exit(0);
	buf_init(&text, 0);
	require(sio_head_put(&text, p->type, nsp,
	    p->has_id ? (int64_t)p->id : -1, p->attachments) == 0);
	require(buf_put(&text, p->json.p, p->json.len) == 0);
	/* A name with a NUL in it cannot be written. */
	if (strlen(nsp) == p->nsp.len) {
		require(sio_packet_read(text.data + 1, text.len - 1, depth,
		    &again) == 0);
		require(again.type == p->type && again.has_id == p->has_id &&
		    again.id == p->id && again.json.len == p->json.len &&
		    again.attachments == p->attachments);
		require(slice_is(&again.nsp, nsp));
	}
	buf_fini(&text);
	free(nsp);
}

static void
look_at_packet(const struct sio_packet *p, size_t depth)
{
	struct sio_event event;
	struct buf psk;

	write_again(p, depth);
	if (p->type == SIO_CONNECT) {
		buf_init(&psk, 64);
		if (sio_connect_psk(&p->json, &psk) == SIO_PSK_TEXT)
			require(psk.len > 0 && utf8_valid(psk.data, psk.len));
		buf_wipe(&psk);
	} else if (p->json.len > 0 &&
	    sio_event_read(&p->json, &event) == 0) {
		require(strcmp(event.name, "connect") != 0);
		require(utf8_valid(event.name, strlen(event.name)));
		look_at_json(&event.options, depth);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sio_packet packet;
	struct slice json;
	size_t depth;
	char *text;

	if (size < 1)
		return 0;
	depth = data[0] % DEPTH_MAX;
	text = copy((const char *)data + 1, size - 1);
	json = (struct slice){ text, size - 1 };
	look_at_json(&json, depth);
	if (sio_packet_read(text, size - 1, depth, &packet) == 0) {
		look_at_json(&packet.json, depth);
		look_at_packet(&packet, depth);
	}
	free(text);
	return 0;
}
