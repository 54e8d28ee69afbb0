/*
 * Reads on copies only.  A message that is anything but a text with a CONNECT
 * is none of the master's business.
 */
#include "master/look.h"

#include <stdio.h>
#include <string.h>

#include "master/key.h"
#include "proto/eio.h"
#include "proto/json_scan.h"
#include "proto/sio.h"
#include "proto/ws.h"

/* More beside the key is for a plugin, which may find it too long. */
#define PLAIN_MAX 1024
/* Two frames with which a client leaves are shorter. */
#define LEAVE_MAX 256

void
look_init(struct look *l)
{
	*l = (struct look){ 0 };
	buf_init(&l->content, 0);
}

void
look_fini(struct look *l)
{
	buf_wipe(&l->content);
}

enum msg_grant
look_key(const struct keyring *keys, const void *psk, size_t len,
    char name_out[MSG_NAME_MAX])
{
	const char *name;

	if (len == 0)
		return MSG_GRANT_NONE;
	if ((name = keyring_find(keys, psk, len)) == NULL)
		return MSG_GRANT_NO;
	snprintf(name_out, MSG_NAME_MAX, "%s", name);
	return MSG_GRANT_YES;
}

static void
look_connect(const struct slice *json, const struct look_judge *judge,
    struct msg_session *m)
{
	struct buf psk;

	buf_init(&psk, judge->bytes_max);
	m->connect_seen = true;
	switch (sio_connect_psk(json, &psk)) {
	case SIO_PSK_NONE:
		m->connect = MSG_GRANT_NONE;
		break;
	case SIO_PSK_TEXT:
		m->connect = look_key(judge->keys, psk.data, psk.len,
		    m->connect_key);
		break;
	case SIO_PSK_OTHER:
		m->connect = MSG_GRANT_NO;
		break;
	}
	buf_wipe(&psk);
}

/* text is a copy: reading it decodes in place.  Is it a plain CONNECT? */
static bool
look_packet(char *text, size_t len, const struct look_judge *judge,
    struct msg_session *m)
{
	struct eio_packet packet;
	struct sio_packet message;

	if (eio_packet_read(text, len, &packet) != 0 ||
	    packet.type != EIO_MESSAGE || packet.binary ||
	    sio_packet_read(packet.data.p, packet.data.len, JSON_DEPTH_MAX,
	    &message) != 0 || message.type != SIO_CONNECT)
		return false;
	look_connect(&message.json, judge, m);
	return slice_is(&message.nsp, "/") && message.json.len <= PLAIN_MAX;
}

/* Reading a frame unmasks it, so the copy is made once it may be whole. */
enum parse
look_websocket(struct look *l, const struct buf *in,
    const struct look_judge *judge, struct msg_session *m)
{
	struct ws_reader reader;
	struct ws_message message;
	enum parse outcome = PARSE_BAD;
	struct buf copy;

	if (in->len == 0 || in->len < l->need)
		return PARSE_MORE;
	buf_init(&copy, 0);
	/* What is compressed is inflated where no key is. */
	ws_reader_init(&reader, judge->bytes_max, false);
	if (buf_put(&copy, in->data, in->len) == 0)
		outcome = ws_read(&reader, copy.data, copy.len, &message);
	if (outcome == PARSE_MORE)
		l->need = in->len + message.need;
	else if (outcome == PARSE_DONE && message.event == WS_EVENT_TEXT)
		l->plain = look_packet(message.data, message.len, judge, m) &&
		    message.used == in->len ? in->len : 0;
	ws_reader_fini(&reader);
	buf_wipe(&copy);
	return outcome;
}

static int
put_echo(struct buf *echo, const struct ws_message *close)
{
	char head[WS_HEAD_MAX];

	if (buf_put(echo, head, ws_frame_head(head, WS_CLOSE, true,
	    close->len)) != 0)
		return -1;
	return buf_put(echo, close->data, close->len);
}

/* Read the frames of a client that leaves. */
static enum parse
read_leave(struct ws_reader *reader, char *data, size_t len, struct buf *echo)
{
	const char *end = data + len;
	struct ws_message m;
	bool left = false;
	enum parse outcome;

	while ((outcome = ws_read(reader, data, (size_t)(end - data), &m)) ==
	    PARSE_DONE) {
		data += m.used;
		if (m.event == WS_EVENT_CLOSE)
			return put_echo(echo, &m) == 0 ? PARSE_DONE : PARSE_BAD;
		if (left || m.event != WS_EVENT_TEXT || m.len != 2 ||
		    memcmp(m.data, "41", 2) != 0)
			return PARSE_BAD;
		left = true;
	}
	return outcome;
}

enum parse
look_leave(const struct look *l, const struct buf *in, struct buf *echo)
{
	char copy[LEAVE_MAX];
	size_t len = in->len - l->plain;
	struct ws_reader reader;
	enum parse outcome;

	if (len > sizeof(copy))
		return PARSE_BAD;
	memcpy(copy, in->data + l->plain, len);
	ws_reader_init(&reader, sizeof(copy), false);
	outcome = read_leave(&reader, copy, len, echo);
	ws_reader_fini(&reader);
	return outcome;
}

void
look_post_begin(struct look *l, const struct http_head *head, size_t head_len,
    size_t bytes_max)
{
	http_body_init(&l->body, head);
	l->content.max = bytes_max;
	l->seen = head_len;
}

enum parse
look_post(struct look *l, const struct buf *in,
    const struct look_judge *judge, struct msg_session *m)
{
	size_t used, pos = 0;
	struct slice record;
	enum parse outcome;
	int status;

	outcome = http_body_take(&l->body, in->data + l->seen,
	    in->len - l->seen, &l->content, &used, &status);
	if (outcome == PARSE_BAD)
		return outcome;
	l->seen += used;
	if (l->content.len == 0)
		return outcome;
	if (outcome == PARSE_DONE && eio_payload_next(l->content.data,
	    l->content.len, &pos, &record))
		(void)look_packet(l->content.data +
		    (record.p - l->content.data), record.len, judge, m);
	return outcome;
}
