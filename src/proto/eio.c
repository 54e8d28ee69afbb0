/*
 * Engine.IO: what packets and payloads of revision 4 look like, and what is
 * wrong with a request.  What a session does with a packet is the worker's
 * part.
 */
#include "proto/eio.h"

#include <string.h>

#include "base/num.h"
#include "proto/base64.h"

static const char *const type_names[] = {
	[EIO_OPEN] = "open", [EIO_CLOSE] = "close", [EIO_PING] = "ping",
	[EIO_PONG] = "pong", [EIO_MESSAGE] = "message",
	[EIO_UPGRADE] = "upgrade", [EIO_NOOP] = "noop"
};
_Static_assert(sizeof(type_names) / sizeof(type_names[0]) == EIO_TYPES,
    "each type has a name");

const char *
eio_type_name(enum eio_type type)
{
	return type_names[type];
}

int
eio_packet_read(char *text, size_t len, struct eio_packet *out)
{
	size_t data_len;

	if (len == 0)
		return -1;
	data_len = len - 1;
	out->binary = text[0] == 'b';
	if (out->binary) {
		out->type = EIO_MESSAGE;
		if (base64_decode(text + 1, len - 1, &data_len) != 0)
			return -1;
	} else {
		if (text[0] < '0' || text[0] >= '0' + EIO_TYPES)
			return -1;
		out->type = (enum eio_type)(text[0] - '0');
	}
	out->data = (struct slice){ text + 1, data_len };
	return 0;
}

int
eio_bytes_read(const char *bytes, size_t len, struct eio_packet *out)
{
	*out = (struct eio_packet){
		.type = EIO_MESSAGE, .binary = true, .data = { bytes, len }
	};
	return 0;
}

bool
eio_payload_next(char *payload, size_t len, size_t *pos,
    struct slice *record_out)
{
	char *record, *end;

	/* One beyond len: the last record, which may be empty, was given. */
	if (*pos > len)
		return false;
	record = payload + *pos;
	end = len > *pos ? memchr(record, EIO_SEPARATOR, len - *pos) : NULL;
	if (end == NULL)
		end = payload + len;
	*record_out = (struct slice){ record, (size_t)(end - record) };
	*pos += record_out->len + 1;
	return true;
}

void
eio_sid(const unsigned char bytes[15], char out[EIO_SID_LEN + 1])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	const unsigned char *in = bytes;
	uint32_t group;
	size_t i;

	for (i = 0; i < EIO_SID_LEN; i += 4, in += 3) {
		group = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];
		out[i] = digits[group >> 18];
		out[i + 1] = digits[group >> 12 & 63];
		out[i + 2] = digits[group >> 6 & 63];
		out[i + 3] = digits[group & 63];
	}
	out[EIO_SID_LEN] = '\0';
}

static int
put_number(struct buf *out, const char *name, int64_t n)
{
	char text[NUM_TEXT_MAX];

	if (buf_puts(out, name) != 0)
		return -1;
	return buf_put(out, text, num_put_i64(text, n));
}

int
eio_open_put(struct buf *out, const struct eio_open *o)
{
	if (buf_puts(out, "0{\"sid\":\"") != 0 ||
	    buf_puts(out, o->sid) != 0 || buf_puts(out, o->can_upgrade ?
	    "\",\"upgrades\":[\"websocket\"]" : "\",\"upgrades\":[]") != 0 ||
	    put_number(out, ",\"pingInterval\":", o->ping_interval_ms) != 0 ||
	    put_number(out, ",\"pingTimeout\":", o->ping_timeout_ms) != 0 ||
	    put_number(out, ",\"maxPayload\":", o->max_payload_bytes) != 0)
		return -1;
	return buf_putc(out, '}');
}

/* Is the value of key exactly text? */
static bool
query_is(const struct slice *query, const char *key, const char *text)
{
	char value[16];
	size_t len;

	return http_query(query, key, value, sizeof(value), &len) &&
	    len == strlen(text) && memcmp(value, text, len) == 0;
}

/* Has key a value? */
static bool
query_has(const struct slice *query, const char *key)
{
	char value[2];
	size_t len;

	(void)http_query(query, key, value, sizeof(value), &len);
	return len > 0;
}

static bool
is_sid(const char *s, size_t len)
{
	return len == EIO_SID_LEN && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_") == len;
}

/*
 * In the order of PROTOCOL H5.  The bytes of Origin were judged with the head,
 * which holds no control byte but a tab.
 */
enum eio_verdict
eio_judge(const struct http_head *h, bool allow_v3, struct eio_request *out)
{
	size_t sid_len;
	bool fits;

	memset(out, 0, sizeof(*out));
	if (query_is(&h->query, "transport", "websocket"))
		out->transport = EIO_WEBSOCKET;
	else if (!query_is(&h->query, "transport", "polling"))
		return EIO_TRANSPORT_UNKNOWN;
	/* Polling with an upgrade would need a 101 just to be closed (W4). */
	fits = (out->transport == EIO_WEBSOCKET) == h->upgrade_websocket;
	if (!query_is(&h->query, "EIO", "4"))
		out->version = EIO_V3;
	out->base64 = query_has(&h->query, "b64");

	out->has_sid = http_query(&h->query, "sid", out->sid,
	    sizeof(out->sid), &sid_len) && sid_len > 0;
	if (sid_len > 0) {
		if (!out->has_sid || !is_sid(out->sid, sid_len))
			return EIO_SID_UNKNOWN;
		out->mismatch = !fits;
		return EIO_EXISTING;
	}
	if (h->method != HTTP_GET)
		return EIO_BAD_METHOD;
	if (!fits)
		return EIO_BAD_REQUEST;
	return out->version == EIO_V4 || allow_v3 ? EIO_NEW : EIO_BAD_VERSION;
}

static const struct {
	int code;
	const char *text;
} refusals[EIO_VERDICTS] = {
	[EIO_TRANSPORT_UNKNOWN] = { 0, "Transport unknown" },
	[EIO_SID_UNKNOWN] = { 1, "Session ID unknown" },
	[EIO_BAD_METHOD] = { 2, "Bad handshake method" },
	[EIO_BAD_REQUEST] = { 3, "Bad request" },
	[EIO_BAD_VERSION] = { 5, "Unsupported protocol version" }
};

int
eio_refusal_code(enum eio_verdict v)
{
	return refusals[v].code;
}

const char *
eio_refusal_text(enum eio_verdict v)
{
	return refusals[v].text;
}
