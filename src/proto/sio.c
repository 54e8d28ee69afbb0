/*
 * Socket.IO packets out of the text of a message.  What a packet does to a
 * session (is it connected, does the name exist) is the worker's part; here
 * is decided what no session could accept.
 */
#include "proto/sio.h"

#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "proto/json_scan.h"

/* JavaScript's largest exact integer; clients and the peer count with it. */
#define ID_MAX ((UINT64_C(1) << 53) - 1)

enum payload { NEVER, NOTHING, OBJECT, ARRAY };

static const struct {
	const char *name;
	bool binary;
	enum payload payload;	/* what may follow; NEVER: not from clients */
} types[] = {
	[SIO_CONNECT] = { "connect", false, OBJECT },
	[SIO_DISCONNECT] = { "disconnect", false, NOTHING },
	[SIO_EVENT] = { "event", false, ARRAY },
	[SIO_ACK] = { "ack", false, ARRAY },
	[SIO_CONNECT_ERROR] = { "connect_error", false, NEVER },
	[SIO_BINARY_EVENT] = { "binary event", true, ARRAY },
	[SIO_BINARY_ACK] = { "binary ack", true, ARRAY }
};
_Static_assert(sizeof(types) / sizeof(types[0]) == SIO_TYPES,
    "each type has a row");

/* Names that mean something to the library itself. */
static const char *const reserved[] = {
	"connect", "connect_error", "disconnect", "disconnecting",
	"newListener", "removeListener"
};

const char *
sio_type_name(enum sio_type type)
{
	return types[type].name;
}

/* Digits, leading zeros included; -1 when there is none or above max. */
static int
read_digits(const char **p, const char *end, uint64_t max, uint64_t *out)
{
	const char *start = *p;
	uint64_t v = 0;

	for (; *p < end && **p >= '0' && **p <= '9'; ++*p) {
		v = 10 * v + (uint64_t)(**p - '0');
		if (v > max)
			return -1;
	}
	*out = v;
	return *p > start ? 0 : -1;
}

static int
read_attachments(const char **p, const char *end, struct sio_packet *out)
{
	uint64_t n;

	if (read_digits(p, end, SIO_ATTACHMENTS_MAX, &n) != 0 || n == 0 ||
	    *p == end || **p != '-')
		return -1;
	++*p;
	out->attachments = (unsigned int)n;
	return 0;
}

static int
read_namespace(const char **p, const char *end, struct sio_packet *out)
{
	const char *start = *p, *comma;

	out->nsp = (struct slice){ "/", 1 };
	if (start == end || *start != '/')
		return 0;
	comma = memchr(start, ',', (size_t)(end - start));
	*p = comma != NULL ? comma + 1 : end;
	if (comma == NULL)
		comma = end;
	out->nsp = (struct slice){ start, (size_t)(comma - start) };
	/* It is sent back in the refusal, so it must be text. */
	return utf8_valid(out->nsp.p, out->nsp.len) ? 0 : -1;
}

/* The first byte from p on that belongs to a value or closes a container. */
static const char *
skip_between(const char *p, const char *end)
{
	while (p < end && *p != '\0' && strchr(" \t\r\n,:", *p) != NULL)
		p++;
	return p;
}

/*
 * Walk over well-formed JSON at p.  Returns its end, or NULL when a
 * placeholder in it names none of the attachments (S19).
 */
static const char *
check_placeholders(const char *p, const char *end, unsigned int attachments)
{
	bool placeholder = false, in_range = false, named;
	struct slice name = { "", 0 };
	enum json_kind kind;
	const char *value;
	size_t used;
	double num;

	if (json_scan(p, (size_t)(end - p), 0, &kind, &used) == 0)
		return p + used;	/* no container */
	named = *p == '{';
	p = skip_between(p + 1, end);
	while (*p != ']' && *p != '}') {
		if (named) {
			value = check_placeholders(p, end, attachments);
			name = (struct slice){ p, (size_t)(value - p) };
			p = skip_between(value, end);
		}
		value = p;
		p = check_placeholders(value, end, attachments);
		if (p == NULL)
			return NULL;
		used = (size_t)(p - value);
		if (slice_is(&name, "\"_placeholder\""))
			placeholder = *value == 't';
		else if (slice_is(&name, "\"num\""))
			in_range = num_read_double(value, used, &num) == 0 &&
			    num >= 0 && num < attachments;
		p = skip_between(p, end);
	}
	return placeholder && !in_range ? NULL : p + 1;
}

static int
check_payload(const struct sio_packet *packet, size_t depth)
{
	const char *p = packet->json.p, *end = p + packet->json.len;
	enum payload want = types[packet->type].payload;
	enum json_kind kind;
	size_t used;

	if (p == end)
		return 0;
	if (want == NOTHING || json_scan(p, (size_t)(end - p), depth, &kind,
	    &used) != 0 || kind != (want == ARRAY ? JSON_ARRAY : JSON_OBJECT))
		return -1;
	if (packet->attachments > 0 && check_placeholders(skip_between(p, end),
	    end, packet->attachments) == NULL)
		return -1;
	for (p += used; p < end; p++)
		if (strchr(" \t\r\n", *p) == NULL || *p == '\0')
			return -1;
	return 0;
}

int
sio_packet_read(const char *text, size_t len, size_t depth,
    struct sio_packet *out)
{
	const char *p = text, *end = text + len;

	memset(out, 0, sizeof(*out));
	if (p == end || *p < '0' || *p >= '0' + SIO_TYPES)
		return -1;
	out->type = (enum sio_type)(*p++ - '0');
	if (types[out->type].payload == NEVER)
		return -1;
	if (types[out->type].binary && read_attachments(&p, end, out) != 0)
		return -1;
	if (read_namespace(&p, end, out) != 0)
		return -1;
	out->has_id = p < end && *p >= '0' && *p <= '9';
	/* The official server rounds a larger id: the answer would be lost. */
	if (out->has_id && read_digits(&p, end, ID_MAX, &out->id) != 0)
		return -1;
	out->json = (struct slice){ p, (size_t)(end - p) };
	return check_payload(out, depth);
}

/* The name of an event; 0, or -1 when it is reserved. */
static int
read_name(const struct slice *string, struct sio_event *out)
{
	struct buf name;
	size_t i;

	buf_init(&name, sizeof(out->name) - 1);
	out->name_too_long = json_string_decode(string, &name) != 0 ||
	    (name.len > 0 && memchr(name.data, '\0', name.len) != NULL);
	if (!out->name_too_long && name.len > 0)
		memcpy(out->name, name.data, name.len);
	buf_fini(&name);
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(out->name, reserved[i]) == 0)
			return -1;
	return 0;
}

int
sio_event_read(const struct slice *json, struct sio_event *out)
{
	struct json_iter it;
	struct slice name, options;
	enum json_kind kind;

	memset(out, 0, sizeof(*out));
	out->options = (struct slice){ "", 0 };
	json_iter_init(&it, json);
	if (!json_iter_next(&it, &name, &kind))
		return -1;
	out->numeric = kind == JSON_NUMBER;
	if (!out->numeric &&
	    (kind != JSON_STRING || read_name(&name, out) != 0))
		return -1;
	if (json_iter_next(&it, &options, &kind))
		out->options = options;
	return 0;
}

enum sio_psk
sio_connect_psk(const struct slice *json, struct buf *out)
{
	struct slice name, value, psk = { "null", 4 };
	enum json_kind kind, psk_kind = JSON_NULL;
	struct json_iter it;
	double number;

	json_iter_init(&it, json);
	while (json->len > 0 && json_iter_next(&it, &name, &kind) &&
	    json_iter_next(&it, &value, &kind)) {
		if (!json_string_is(&name, "psk"))
			continue;
		psk = value;	/* the last one wins, as in JavaScript */
		psk_kind = kind;
	}
	switch (psk_kind) {
	case JSON_NULL:
		return SIO_PSK_NONE;
	case JSON_BOOL:
		return slice_is(&psk, "false") ? SIO_PSK_NONE : SIO_PSK_OTHER;
	case JSON_NUMBER:
		return num_read_double(psk.p, psk.len, &number) == 0 &&
		    number == 0 ? SIO_PSK_NONE : SIO_PSK_OTHER;
	case JSON_STRING:
		if (slice_is(&psk, "\"\""))
			return SIO_PSK_NONE;
		return json_string_decode(&psk, out) == 0 ?
		    SIO_PSK_TEXT : SIO_PSK_OTHER;
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return SIO_PSK_OTHER;
}

int
sio_head_put(struct buf *out, enum sio_type type, const char *nsp,
    int64_t id, unsigned int attachments)
{
	const char head[2] = { '4', (char)('0' + type) };
	char number[NUM_TEXT_MAX];

	if (buf_put(out, head, sizeof(head)) != 0)
		return -1;
	if (attachments > 0 &&
	    (buf_put(out, number, num_put_u64(number, attachments)) != 0 ||
	    buf_putc(out, '-') != 0))
		return -1;
	if (nsp != NULL && strcmp(nsp, "/") != 0 &&
	    (buf_puts(out, nsp) != 0 || buf_putc(out, ',') != 0))
		return -1;
	return id < 0 ? 0 : buf_put(out, number, num_put_i64(number, id));
}
