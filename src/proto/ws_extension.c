/* Offers of extensions: names, parameters, and what we make of them. */
#include "proto/ws_extension.h"

#include <string.h>

#include "proto/deflate.h"

#define NAME "permessage-deflate"

/* An unlikely number, so that nobody makes us compare all with all. */
#define PARAMS_MAX 16

/* The parameters of NAME; each may be said once. */
enum param {
	SERVER_FORGETS, CLIENT_FORGETS, SERVER_BITS, CLIENT_BITS, PARAMS
};

enum value { VALUE_NEVER, VALUE_MAYBE, VALUE_ALWAYS };

static const struct {
	const char *name;
	enum value value;
} params[PARAMS] = {
	[SERVER_FORGETS] = { "server_no_context_takeover", VALUE_NEVER },
	[CLIENT_FORGETS] = { "client_no_context_takeover", VALUE_NEVER },
	[SERVER_BITS] = { "server_max_window_bits", VALUE_ALWAYS },
	[CLIENT_BITS] = { "client_max_window_bits", VALUE_MAYBE }
};

struct offer {
	bool said[PARAMS];
	int bits[PARAMS];	/* 0 = without a value */
};

/* The next part of s up to the separator, without blanks around it. */
static bool
next_part(const struct slice *s, size_t *pos, struct slice *out)
{
	const char *at = s->p + *pos, *end;

	if (*pos > s->len)
		return false;
	end = memchr(at, ';', s->len - *pos);
	if (end == NULL)
		end = s->p + s->len;
	*pos = (size_t)(end - s->p) + 1;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*out = (struct slice){ at, (size_t)(end - at) };
	return true;
}

/*
 * Take the quotes off a value, and the backslashes; what stays must be a
 * token.  room has as many bytes as the value.
 */
static bool
unquote(struct slice *value, char *room)
{
	size_t i, n = 0;

	if (value->len < 2 || value->p[0] != '"')
		return http_is_token(value);
	if (value->p[value->len - 1] != '"')
		return false;
	for (i = 1; i < value->len - 1; i++) {
		if (value->p[i] == '\\' && ++i == value->len - 1)
			return false;
		room[n++] = value->p[i];
	}
	*value = (struct slice){ room, n };
	return http_is_token(value);
}

/* "8" to "15"; 0 = none of them. */
static int
read_bits(const struct slice *value)
{
	static const char *const bits[] = {
		"8", "9", "10", "11", "12", "13", "14", "15"
	};
	int i;

	for (i = DEFLATE_BITS_MIN; i <= DEFLATE_BITS_MAX; i++)
		if (slice_is(value, bits[i - DEFLATE_BITS_MIN]))
			return i;
	return 0;
}

/* A parameter of NAME; has_value: with a value behind it. */
static int
take_param(struct offer *o, const struct slice *name, bool has_value,
    const struct slice *value)
{
	size_t i;

	for (i = 0; i < PARAMS; i++)
		if (slice_is(name, params[i].name))
			break;
	if (i == PARAMS || o->said[i])
		return -1;
	o->said[i] = true;
	if (!has_value)
		return params[i].value == VALUE_ALWAYS ? -1 : 0;
	o->bits[i] = read_bits(value);
	return params[i].value == VALUE_NEVER || o->bits[i] == 0 ? -1 : 0;
}

static int
read_param(const struct slice *part, bool ours, struct offer *o)
{
	/* As long as any that we know, and of others only the form counts. */
	char room[64];
	const char *equals = memchr(part->p, '=', part->len);
	struct slice name = *part, value = { "", 0 };

	if (equals != NULL) {
		name.len = (size_t)(equals - part->p);
		value.p = equals + 1;
		value.len = part->len - name.len - 1;
		if (value.len > sizeof(room) || !unquote(&value, room))
			return -1;
	}
	if (!http_is_token(&name))
		return -1;
	return ours ? take_param(o, &name, equals != NULL, &value) : 0;
}

/* One extension with its parameters: *ours_out when it is NAME. */
static int
read_offer(const struct slice *item, bool *ours_out, struct offer *o)
{
	struct slice part;
	size_t pos = 0, n = 0;

	memset(o, 0, sizeof(*o));
	(void)next_part(item, &pos, &part);
	if (!http_is_token(&part))
		return -1;
	*ours_out = slice_is(&part, NAME);
	while (next_part(item, &pos, &part))
		if (++n > PARAMS_MAX || read_param(&part, *ours_out, o) != 0)
			return -1;
	return 0;
}

static int
read_list(const struct slice *list, struct ws_deflate *out)
{
	struct slice item;
	struct offer o;
	size_t pos = 0;
	bool ours;

	while (http_list_next(list, &pos, &item)) {
		if (read_offer(&item, &ours, &o) != 0)
			return -1;
		if (!ours || out->bits != 0)
			continue;
		out->bits_asked = o.said[SERVER_BITS];
		out->bits = out->bits_asked ? o.bits[SERVER_BITS] :
		    DEFLATE_BITS_MAX;
		out->client_bits = o.bits[CLIENT_BITS];
	}
	return 0;
}

int
ws_extension_read(const struct http_head *h, struct ws_deflate *out)
{
	size_t i;

	*out = (struct ws_deflate){ .bits = 0 };
	for (i = 0; i < h->nheaders; i++)
		if (slice_is_nocase(&h->headers[i].name,
		    "Sec-WebSocket-Extensions") &&
		    read_list(&h->headers[i].value, out) != 0)
			return -1;
	return 0;
}

int
ws_extension_put(struct buf *out, const struct ws_deflate *d)
{
	if (d->bits == 0)
		return 0;
	if (buf_printf(out, "Sec-WebSocket-Extensions: %s; %s; %s", NAME,
	    params[SERVER_FORGETS].name, params[CLIENT_FORGETS].name) != 0)
		return -1;
	if (d->bits_asked && buf_printf(out, "; %s=%d",
	    params[SERVER_BITS].name, d->bits) != 0)
		return -1;
	if (d->client_bits != 0 && buf_printf(out, "; %s=%d",
	    params[CLIENT_BITS].name, d->client_bits) != 0)
		return -1;
	return buf_puts(out, "\r\n");
}
