/*
 * WebSocket frames: in, gathered to whole messages, and the heads of frames
 * out.  Payloads are unmasked where they lie and only fragments are copied.
 */
#include "proto/ws.h"

#include <string.h>

#include "base/utf8.h"
#include "proto/deflate.h"

#define FIN 0x80
#define RSV 0x70
#define OPCODE 0x0f
#define MASKED 0x80
#define LENGTH 0x7f
#define LENGTH_16 126		/* two bytes of length follow */
#define LENGTH_64 127		/* eight bytes of length follow */
#define CONTROL_MAX 125		/* payload of a control frame */

#define MASK_LEN 4

struct frame {
	bool fin;
	bool compressed;
	enum ws_opcode opcode;
	size_t head_len;	/* with the mask */
	uint64_t len;		/* of the payload; 0 until it is known */
};

void
ws_reader_init(struct ws_reader *r, size_t max_payload, bool deflate)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->message, max_payload);
	r->deflate = deflate;
}

void
ws_reader_fini(struct ws_reader *r)
{
	buf_fini(&r->message);
}

static uint64_t
read_number(const char *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | (unsigned char)*p++;
	return v;
}

static bool
is_control(enum ws_opcode opcode)
{
	return (opcode & 8) != 0;
}

/* What the first two bytes alone tell; W18. */
static bool
is_legal(const struct ws_reader *r, unsigned char first, unsigned char second)
{
	enum ws_opcode opcode = (enum ws_opcode)(first & OPCODE);

	/* A message says once that it is compressed: where it begins. */
	if (((first & RSV) != 0 && ((first & RSV) != WS_COMPRESSED ||
	    !r->deflate || r->in_message || is_control(opcode))) ||
	    (second & MASKED) == 0)
		return false;
	switch (opcode) {
	case WS_CONTINUATION:
		return r->in_message;
	case WS_TEXT:
	case WS_BINARY:
		return !r->in_message;
	case WS_CLOSE:
	case WS_PING:
	case WS_PONG:
		return (first & FIN) != 0 &&
		    (second & LENGTH) <= CONTROL_MAX;
	}
	return false;
}

/* The head of a frame, judged as soon as each part of it is there. */
static enum parse
read_head(const struct ws_reader *r, const char *data, size_t len,
    struct frame *f, enum ws_close *code_out)
{
	size_t extra;
	unsigned int length;

	f->head_len = 2;
	if (len < f->head_len)
		return PARSE_MORE;
	*code_out = WS_CLOSE_PROTOCOL;
	if (!is_legal(r, (unsigned char)data[0], (unsigned char)data[1]))
		return PARSE_BAD;
	f->fin = (data[0] & FIN) != 0;
	f->compressed = (data[0] & WS_COMPRESSED) != 0;
	f->opcode = (enum ws_opcode)(data[0] & OPCODE);
	length = (unsigned char)data[1] & LENGTH;
	extra = length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;
	f->head_len += extra + MASK_LEN;
	if (len < 2 + extra)
		return PARSE_MORE;
	f->len = extra > 0 ? read_number(data + 2, extra) : length;
	if (is_control(f->opcode))
		return len < f->head_len ? PARSE_MORE : PARSE_DONE;
	*code_out = WS_CLOSE_TOO_BIG;
	if (f->len > r->message.max - r->message.len)
		return PARSE_BAD;
	*code_out = WS_CLOSE_POLICY;
	if (r->in_message && r->fragments == WS_FRAGMENTS_MAX)
		return PARSE_BAD;
	return len < f->head_len ? PARSE_MORE : PARSE_DONE;
}

/* Eight bytes at a time; the rest singly. */
static void
unmask(char *p, size_t len, const char *mask)
{
	uint64_t wide, word;
	size_t i = 0;

	memcpy(&wide, mask, MASK_LEN);
	memcpy((char *)&wide + MASK_LEN, mask, MASK_LEN);
	for (; len - i >= sizeof(wide); i += sizeof(wide)) {
		memcpy(&word, p + i, sizeof(word));
		word ^= wide;
		memcpy(p + i, &word, sizeof(word));
	}
	for (; i < len; i++)
		p[i] = (char)(p[i] ^ mask[i % MASK_LEN]);
}

/* W23: codes that an endpoint may send. */
static bool
is_close_code(uint64_t code)
{
	return (code >= 1000 && code <= 1003) ||
	    (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

static enum parse
take_close(struct ws_message *m)
{
	uint64_t code;

	m->event = WS_EVENT_CLOSE;
	if (m->len == 0)
		return PARSE_DONE;
	m->code = WS_CLOSE_PROTOCOL;
	if (m->len == 1)
		return PARSE_BAD;
	code = read_number(m->data, 2);
	if (!is_close_code(code))
		return PARSE_BAD;
	m->code = WS_CLOSE_NOT_UTF8;
	return utf8_valid(m->data + 2, m->len - 2) ? PARSE_DONE : PARSE_BAD;
}

/* A whole message becomes what it was before it was compressed. */
static enum parse
inflate(struct ws_reader *r, struct ws_message *m)
{
	static const enum ws_close codes[] = {
		[INFLATE_BAD] = WS_CLOSE_NOT_UTF8,
		[INFLATE_TOO_BIG] = WS_CLOSE_TOO_BIG,
		[INFLATE_NO_MEMORY] = WS_CLOSE_TOO_BIG
	};
	struct buf content;
	enum inflated result;

	buf_init(&content, r->message.max);
	result = inflate_message(m->data, m->len, &content);
	buf_fini(&r->message);
	r->message = content;
	m->data = content.data;
	m->len = content.len;
	m->code = codes[result];
	return result == INFLATED ? PARSE_DONE : PARSE_BAD;
}

/* A frame of data: m becomes the message if it was the last of it. */
static enum parse
take_data(struct ws_reader *r, const struct frame *f, struct ws_message *m)
{
	if (!r->in_message) {
		r->opcode = f->opcode;
		r->compressed = f->compressed;
		r->fragments = 0;
	}
	r->fragments++;
	if (r->in_message || !f->fin) {
		/* Within the bound, so that only memory can be short. */
		m->code = WS_CLOSE_TOO_BIG;
		if (buf_put(&r->message, m->data, m->len) != 0)
			return PARSE_BAD;
		if (r->message.len > 0)
			m->data = r->message.data;
		m->len = r->message.len;
	}
	r->in_message = !f->fin;
	if (!f->fin)
		return PARSE_DONE;
	if (r->compressed && inflate(r, m) != PARSE_DONE)
		return PARSE_BAD;
	m->event = r->opcode == WS_TEXT ? WS_EVENT_TEXT : WS_EVENT_BINARY;
	m->code = WS_CLOSE_NOT_UTF8;
	if (r->opcode == WS_TEXT && !utf8_valid(m->data, m->len))
		return PARSE_BAD;
	return PARSE_DONE;
}

enum parse
ws_read(struct ws_reader *r, char *data, size_t len, struct ws_message *out)
{
	enum parse result;
	struct frame f = { 0 };

	*out = (struct ws_message){ .event = WS_EVENT_NONE };
	/* Fragments are rare: nothing is kept behind the last message. */
	if (!r->in_message)
		buf_fini(&r->message);
	result = read_head(r, data, len, &f, &out->code);
	if (result == PARSE_BAD)
		return PARSE_BAD;
	if (len < f.head_len + f.len) {
		out->need = f.head_len + f.len - len;
		return PARSE_MORE;
	}
	out->data = data + f.head_len;
	out->len = f.len;
	unmask(out->data, f.len, out->data - MASK_LEN);
	out->used = f.head_len + f.len;
	if (!is_control(f.opcode))
		return take_data(r, &f, out);
	if (f.opcode == WS_CLOSE)
		return take_close(out);
	out->event = f.opcode == WS_PING ? WS_EVENT_PING : WS_EVENT_PONG;
	return PARSE_DONE;
}

size_t
ws_frame_head(char *out, enum ws_opcode opcode, bool fin, uint64_t len)
{
	size_t extra = len <= CONTROL_MAX ? 0 : len <= UINT16_MAX ? 2 : 8;
	size_t i;

	out[0] = (char)((fin ? FIN : 0) | opcode);
	out[1] = (char)(extra == 0 ? len : extra == 2 ? LENGTH_16 : LENGTH_64);
	for (i = 0; i < extra; i++)
		out[2 + i] = (char)(len >> 8 * (extra - 1 - i));
	return 2 + extra;
}

size_t
ws_close_frame(char *out, enum ws_close code)
{
	size_t len = code == WS_CLOSE_EMPTY ? 0 : 2;
	size_t head_len = ws_frame_head(out, WS_CLOSE, true, len);

	if (len > 0) {
		out[head_len] = (char)(code >> 8);
		out[head_len + 1] = (char)code;
	}
	return head_len + len;
}
