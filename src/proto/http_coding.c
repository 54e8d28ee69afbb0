/* Codings of HTTP bodies: how clients ask for them, and their envelopes. */
#include "proto/http_coding.h"

#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

/* Weights are thousandths. */
#define WEIGHT_ONE 1000

/* The order is ours, where the client has none. */
static const struct {
	const char *name;
	size_t head_len;
	char head[HTTP_CODED_MAX];
} codings[HTTP_CODINGS] = {
	[HTTP_CODING_NONE] = { NULL, 0, "" },
	/* No time, no name, made on Unix (RFC 1952). */
	[HTTP_CODING_GZIP] = { "gzip", 10, { 0x1f, (char)0x8b, 8, 0, 0, 0, 0,
	    0, 0, 3 } },
	/* A window of 32 KiB (RFC 1950). */
	[HTTP_CODING_DEFLATE] = { "deflate", 2, { 0x78, (char)0x9c } }
};

const char *
http_coding_name(enum http_coding c)
{
	return codings[c].name;
}

/* "0" to "1" with up to three digits behind a point; all else is 0. */
static int
read_weight(const char *p, size_t len)
{
	int weight, unit = WEIGHT_ONE;
	size_t i;

	if (len == 0 || len > 5 || (p[0] != '0' && p[0] != '1') ||
	    (len > 1 && p[1] != '.'))
		return 0;
	weight = p[0] == '1' ? WEIGHT_ONE : 0;
	for (i = 2; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return 0;
		unit /= 10;
		weight += (p[i] - '0') * unit;
	}
	return weight <= WEIGHT_ONE ? weight : 0;
}

static struct slice
trim(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct slice){ p, (size_t)(end - p) };
}

/* An item of the list: its name, and its weight. */
static int
read_item(const struct slice *item, struct slice *name_out)
{
	const char *end = item->p + item->len, *at, *next;
	struct slice param;

	at = memchr(item->p, ';', item->len);
	*name_out = trim(item->p, at == NULL ? end : at);
	for (; at != NULL; at = next) {
		at++;
		next = memchr(at, ';', (size_t)(end - at));
		param = trim(at, next == NULL ? end : next);
		if (param.len >= 2 && (param.p[0] == 'q' ||
		    param.p[0] == 'Q') && param.p[1] == '=')
			return read_weight(param.p + 2, param.len - 2);
	}
	return WEIGHT_ONE;
}

/* What one header says of each coding; "*" is for those it does not name. */
struct wish {
	bool named;
	int weight;
};

static void
read_list(const struct slice *list, struct wish *wishes)
{
	struct slice item, name;
	size_t pos = 0;
	int c, weight;

	while (http_list_next(list, &pos, &item)) {
		weight = read_item(&item, &name);
		for (c = HTTP_CODING_GZIP; c < HTTP_CODINGS; c++) {
			if (slice_is_nocase(&name, codings[c].name))
				wishes[c] = (struct wish){ true, weight };
			else if (slice_is(&name, "*") && !wishes[c].named)
				wishes[c].weight = weight;
		}
	}
}

enum http_coding
http_coding_choose(const struct http_head *h)
{
	struct wish wishes[HTTP_CODINGS] = { { false, 0 } };
	enum http_coding best = HTTP_CODING_NONE;
	size_t i;
	int c;

	for (i = 0; i < h->nheaders; i++)
		if (slice_is_nocase(&h->headers[i].name, "Accept-Encoding"))
			read_list(&h->headers[i].value, wishes);
	for (c = HTTP_CODING_GZIP; c < HTTP_CODINGS; c++)
		if (wishes[c].weight > wishes[best].weight)
			best = (enum http_coding)c;
	return best;
}

size_t
http_coded_begin(struct http_coded *h, enum http_coding c, char *out)
{
	*h = (struct http_coded){ .coding = c };
	if (c == HTTP_CODING_DEFLATE)
		h->sum = (uint32_t)adler32(0, NULL, 0);
	memcpy(out, codings[c].head, codings[c].head_len);
	return codings[c].head_len;
}

void
http_coded_add(struct http_coded *h, const void *data, size_t len)
{
	/* zlib begins a new sum when there is nothing. */
	if (len == 0)
		return;
	h->len += (uint32_t)len;
	h->sum = (uint32_t)(h->coding == HTTP_CODING_GZIP ?
	    crc32_z(h->sum, data, len) : adler32_z(h->sum, data, len));
}

static size_t
put_number(char *out, uint32_t v, bool first_high)
{
	size_t i;

	for (i = 0; i < 4; i++)
		out[i] = (char)(v >> 8 * (first_high ? 3 - i : i));
	return 4;
}

size_t
http_coded_end(const struct http_coded *h, char *out)
{
	/* An empty block that says that it is the last. */
	size_t n = 2;

	out[0] = 0x03;
	out[1] = 0x00;
	if (h->coding == HTTP_CODING_DEFLATE)
		return n + put_number(out + n, h->sum, true);
	n += put_number(out + n, h->sum, false);
	return n + put_number(out + n, h->len, false);
}
