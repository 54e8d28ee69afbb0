/*
 * Fuzz target: WebSocket frames.  In pieces they must come out as in one, and
 * a message that is framed again must be read the same.  The first byte is the
 * length of the pieces, and whether messages may be compressed.
 */
#include "target.h"

#include "base/utf8.h"
#include "proto/ws.h"

#define MAX_PAYLOAD 200
#define DEFLATE 0x80

/* Frame a message as a client would, with a mask of zeros, and read it. */
static void
frame_again(const struct ws_message *m)
{
	char text[WS_HEAD_MAX + 4 + MAX_PAYLOAD];
	bool is_text = m->event == WS_EVENT_TEXT;
	struct ws_reader reader;
	struct ws_message again;
	size_t len;

	len = ws_frame_head(text, is_text ? WS_TEXT : WS_BINARY, true, m->len);
	text[1] = (char)(text[1] | 0x80);
	memset(text + len, 0, 4);
	len += 4;
	memcpy(text + len, m->data, m->len);
	len += m->len;
	ws_reader_init(&reader, MAX_PAYLOAD, false);
	require(ws_read(&reader, text, len, &again) == PARSE_DONE &&
	    again.used == len);
	require(again.event == m->event && again.len == m->len &&
	    memcmp(again.data, m->data, m->len) == 0);
	ws_reader_fini(&reader);
}

/* Everything that came of the stream goes into log. */
static void
note(struct buf *log, const struct ws_message *m)
{
	require(m->len <= MAX_PAYLOAD);
	if (m->event == WS_EVENT_TEXT)
		require(utf8_valid(m->data, m->len));
	if (m->event == WS_EVENT_TEXT || m->event == WS_EVENT_BINARY)
		frame_again(m);
	require(buf_printf(log, "%d %zu ", (int)m->event, m->len) == 0);
	require(buf_put(log, m->data, m->len) == 0);
}

static void
read_stream(const char *data, size_t len, size_t step, bool deflate,
    struct buf *log)
{
	enum parse result = PARSE_DONE;
	size_t pos = 0, have;
	struct ws_reader reader;
	struct ws_message message;
	char *exact;

	ws_reader_init(&reader, MAX_PAYLOAD, deflate);
	have = step < len ? step : len;
	while (result != PARSE_BAD) {
		exact = copy(data + pos, have);
		result = ws_read(&reader, exact, have, &message);
		require(message.used <= have &&
		    reader.message.len <= MAX_PAYLOAD);
		if (result == PARSE_DONE && message.event != WS_EVENT_NONE)
			note(log, &message);
		free(exact);
		if (result == PARSE_MORE) {
			require(message.need > 0 && message.used == 0);
			if (pos + have == len)
				break;
			have += step < len - pos - have ?
			    step : len - pos - have;
		} else if (result == PARSE_DONE) {
			require(message.used > 0);
			pos += message.used;
			have = step < len - pos ? step : len - pos;
		}
	}
	if (result == PARSE_BAD)
		require(buf_printf(log, "bad %u",
		    (unsigned int)message.code) == 0);
	ws_reader_fini(&reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, pieces;
	bool deflate;

	if (size < 1)
		return 0;
	deflate = (data[0] & DEFLATE) != 0;
	buf_init(&whole, 0);
	buf_init(&pieces, 0);
	read_stream((const char *)data + 1, size - 1, SIZE_MAX, deflate,
	    &whole);
	read_stream((const char *)data + 1, size - 1,
	    (size_t)(data[0] & ~DEFLATE) + 1, deflate, &pieces);
	require(whole.len == pieces.len && (whole.len == 0 ||
	    memcmp(whole.data, pieces.data, whole.len) == 0));
	buf_fini(&whole);
	buf_fini(&pieces);
	return 0;
}
