/*
 * The body of a request, in pieces as they come.  Content is copied once,
 * from the input to where it is wanted; everything else of the chunked form
 * is read byte by byte and kept nowhere.
 */
#include "proto/http_body.h"

#include <stdbool.h>
#include <string.h>

/* One chunk line, or all trailers together: as much as a request's head. */
#define LINE_MAX_BYTES 16384

/* The chunked form in the order in which it is read. */
enum {
	CHUNK_SIZE,		/* hexadecimal digits */
	CHUNK_EXTENSION,	/* behind them, up to the CR */
	CHUNK_SIZE_LF,
	CHUNK_CONTENT,
	CHUNK_CR,		/* behind the content */
	CHUNK_LF,
	TRAILER_START,		/* a trailer, or the CR of the end */
	TRAILER_REST,
	TRAILER_LF,
	END_LF,
	END
};

void
http_body_init(struct http_body *b, const struct http_head *h)
{
	memset(b, 0, sizeof(*b));
	b->kind = h->body;
	b->left = h->body == HTTP_BODY_LENGTH ? h->content_length : 0;
}

/* Move content to out; 0 or the status of the refusal. */
static int
take_content(struct http_body *b, const char *data, size_t len,
    struct buf *out, size_t *used_out)
{
	size_t n = b->left < len ? (size_t)b->left : len;

	*used_out = 0;
	if (out->max > 0 && b->left > out->max - out->len)
		return 413;
	if (buf_put(out, data, n) != 0)
		return 500;
	b->left -= n;
	*used_out = n;
	return 0;
}

static bool
take_size(struct http_body *b, char c)
{
	int digit = hex_digit(c);

	if (digit >= 0) {
		if (b->left > UINT64_MAX >> 4)
			return false;
		b->left = b->left << 4 | (uint64_t)digit;
		return true;
	}
	if (b->line == 1)	/* c is the first byte of the line */
		return false;
	b->state = c == '\r' ? CHUNK_SIZE_LF : CHUNK_EXTENSION;
	return c == '\r' || c == ';';
}

/* A byte of text that nobody reads; a CR goes on to the state after. */
static bool
take_text(struct http_body *b, char c, int after)
{
	if (c == '\r')
		b->state = after;
	return c == '\r' || c == '\t' || ((unsigned char)c >= ' ' && c != 0x7f);
}

/* A byte that can only be this one. */
static bool
take_only(struct http_body *b, char c, char wanted, int after)
{
	b->state = after;
	return c == wanted;
}

/* One byte of the chunked form that is no content. */
static bool
take_byte(struct http_body *b, char c)
{
	if (++b->line > LINE_MAX_BYTES)
		return false;
	switch (b->state) {
	case CHUNK_SIZE:
		return take_size(b, c);
	case CHUNK_EXTENSION:
		return take_text(b, c, CHUNK_SIZE_LF);
	case CHUNK_SIZE_LF:
		b->line = 0;
		return take_only(b, c, '\n',
		    b->left > 0 ? CHUNK_CONTENT : TRAILER_START);
	case CHUNK_CR:
		return take_only(b, c, '\r', CHUNK_LF);
	case CHUNK_LF:
		b->line = 0;
		return take_only(b, c, '\n', CHUNK_SIZE);
	case TRAILER_START:
		b->state = TRAILER_REST;
		return take_text(b, c, END_LF);
	case TRAILER_REST:
		return take_text(b, c, TRAILER_LF);
	case TRAILER_LF:
		return take_only(b, c, '\n', TRAILER_START);
	default:
		return take_only(b, c, '\n', END);
	}
}

/* 0 or the status of the refusal. */
static int
take_chunked(struct http_body *b, const char *data, size_t len,
    struct buf *out, size_t *used_out)
{
	size_t pos = 0, n;
	int status;

	while (pos < len && b->state != END) {
		if (b->state != CHUNK_CONTENT) {
			if (!take_byte(b, data[pos++]))
				return 400;
			continue;
		}
		status = take_content(b, data + pos, len - pos, out, &n);
		if (status != 0)
			return status;
		pos += n;
		if (b->left == 0)
			b->state = CHUNK_CR;
	}
	*used_out = pos;
	return 0;
}

enum parse
http_body_take(struct http_body *b, const char *data, size_t len,
    struct buf *out, size_t *used_out, int *status_out)
{
	bool whole = true;

	*used_out = 0;
	*status_out = 0;
	if (b->kind == HTTP_BODY_LENGTH) {
		*status_out = take_content(b, data, len, out, used_out);
		whole = b->left == 0;
	} else if (b->kind == HTTP_BODY_CHUNKED) {
		*status_out = take_chunked(b, data, len, out, used_out);
		whole = b->state == END;
	}
	if (*status_out != 0)
		return PARSE_BAD;
	return whole ? PARSE_DONE : PARSE_MORE;
}
