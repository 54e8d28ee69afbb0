/* Fields of messages, written and read with every length checked. */
#include "ipc/wire.h"

#include <endian.h>
#include <string.h>

void
wire_put(struct wire_writer *w, uint64_t v, size_t nbytes)
{
	uint64_t little = htole64(v);

	if (!w->failed && buf_put(w->buf, &little, nbytes) < 0)
		w->failed = true;
}

void
wire_put_bytes(struct wire_writer *w, struct msg_bytes bytes)
{
	if (bytes.len > UINT32_MAX)
		w->failed = true;
	wire_put(w, bytes.len, 4);
	if (!w->failed && buf_put(w->buf, bytes.data, bytes.len) < 0)
		w->failed = true;
}

void
wire_put_text(struct wire_writer *w, const char *text)
{
	wire_put_bytes(w, (struct msg_bytes){ text, strlen(text) });
}

int
wire_written(const struct wire_writer *w)
{
	return w->failed ? -1 : 0;
}

struct wire_reader
wire_reader(const void *data, size_t len)
{
	const char *start = data;

	return (struct wire_reader){ .at = start, .end = start + len };
}

/* The next n bytes, or NULL when there are fewer. */
static const char *
take(struct wire_reader *r, size_t n)
{
	const char *start = r->at;

	if (r->failed || n > (size_t)(r->end - r->at)) {
		r->failed = true;
		return NULL;
	}
	r->at += n;
	return start;
}

uint64_t
wire_get(struct wire_reader *r, size_t nbytes, uint64_t max)
{
	const char *p = take(r, nbytes);
	uint64_t v = 0;

	if (p == NULL)
		return 0;
	memcpy(&v, p, nbytes);
	v = le64toh(v);
	if (v > max) {
		r->failed = true;
		return 0;
	}
	return v;
}

struct msg_bytes
wire_get_bytes(struct wire_reader *r)
{
	size_t len = wire_get(r, 4, UINT32_MAX);
	const char *p = take(r, len);

	return (struct msg_bytes){ p, p != NULL ? len : 0 };
}

void
wire_get_text(struct wire_reader *r, char *out, size_t size)
{
	struct msg_bytes bytes = wire_get_bytes(r);

	out[0] = '\0';
	if (bytes.data == NULL)
		return;
	if (bytes.len >= size || memchr(bytes.data, '\0', bytes.len) != NULL) {
		r->failed = true;
		return;
	}
	memcpy(out, bytes.data, bytes.len);
	out[bytes.len] = '\0';
}

struct msg_bytes
wire_get_rest(struct wire_reader *r)
{
	size_t len = (size_t)(r->end - r->at);
	const char *p = take(r, len);

	return (struct msg_bytes){ p, p != NULL ? len : 0 };
}

int
wire_read(const struct wire_reader *r)
{
	return !r->failed && r->at == r->end ? 0 : -1;
}
