/*
 * Packets for the wire.  Text is moved, never copied; what the revisions
 * write in front of it is in their table.
 */
#include "worker/payload.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <openssl/evp.h>

#include "proto/eio3.h"
#include "worker/session.h"

static size_t
base64_len(size_t len)
{
	return 4 * ((len + 2) / 3);
}

/* head, and data in base64. */
static int
add_base64(struct evbuffer *out, const char *head, struct evbuffer *data)
{
	size_t len = evbuffer_get_length(data), room = base64_len(len);
	const unsigned char *in = evbuffer_pullup(data, -1);
	/* EVP_EncodeBlock() adds a NUL. */
	unsigned char *text = malloc(room + 1);
	int result = -1;

	if (text != NULL && (in != NULL || len == 0)) {
		EVP_EncodeBlock(text, in, (int)len);
		if (evbuffer_add(out, head, strlen(head)) == 0)
			result = evbuffer_add(out, text, room);
	}
	free(text);
	return result;
}

int
payload_message(const struct session *s, struct evbuffer *data, bool *binary)
{
	const struct eio_revision *r = s->revision;
	struct evbuffer *text;
	int result;

	if (!*binary || r->bytes_head_len == 0)
		return 0;
	if (!s->base64)
		return evbuffer_prepend(data, r->bytes_head,
		    r->bytes_head_len);
	if ((text = evbuffer_new()) == NULL)
		return -1;
	result = add_base64(text, r->base64_head, data);
	if (result == 0) {
		evbuffer_drain(data, evbuffer_get_length(data));
		result = evbuffer_add_buffer(data, text);
	}
	evbuffer_free(text);
	*binary = false;
	return result;
}

static int
add_separated(struct evbuffer *payload, const struct eio_revision *r,
    struct evbuffer *data, bool binary)
{
	static const char separator = EIO_SEPARATOR;

	if (evbuffer_get_length(payload) > 0 &&
	    evbuffer_add(payload, &separator, 1) != 0)
		return -1;
	return binary ? add_base64(payload, r->base64_head, data) :
	    evbuffer_add_buffer(payload, data);
}

/* UTF-16 units of a text, as it lies there in pieces. */
static size_t
units_of(struct evbuffer *data)
{
	struct evbuffer_ptr at;
	struct evbuffer_iovec piece;
	size_t units = 0;

	evbuffer_ptr_set(data, &at, 0, EVBUFFER_PTR_SET);
	while (evbuffer_peek(data, -1, &at, &piece, 1) > 0) {
		units += eio3_units(piece.iov_base, piece.iov_len);
		if (evbuffer_ptr_set(data, &at, piece.iov_len,
		    EVBUFFER_PTR_ADD) != 0)
			break;
	}
	return units;
}

static int
add_counted(struct evbuffer *payload, const struct eio_revision *r,
    struct evbuffer *data, bool binary)
{
	size_t units = binary ? strlen(r->base64_head) +
	    base64_len(evbuffer_get_length(data)) : units_of(data);
	char head[EIO3_HEAD_MAX];

	if (evbuffer_add(payload, head, eio3_text_head(head, units)) != 0)
		return -1;
	return binary ? add_base64(payload, r->base64_head, data) :
	    evbuffer_add_buffer(payload, data);
}

static int
add_octets(struct evbuffer *payload, const struct eio_revision *r,
    struct evbuffer *data, bool binary)
{
	size_t n = binary ? r->bytes_head_len : 0;
	char head[EIO3_HEAD_MAX];

	if (evbuffer_add(payload, head, eio3_octets_head(head, binary,
	    n + evbuffer_get_length(data))) != 0 ||
	    evbuffer_add(payload, r->bytes_head, n) != 0)
		return -1;
	return evbuffer_add_buffer(payload, data);
}

int
payload_add(struct evbuffer *payload, const struct session *s,
    enum eio_form form, struct evbuffer *data, bool binary)
{
	static int (*const adders[EIO_FORMS])(struct evbuffer *payload,
	    const struct eio_revision *r, struct evbuffer *data,
	    bool binary) = {
		[EIO_SEPARATED] = add_separated,
		[EIO_COUNTED] = add_counted,
		[EIO_OCTETS] = add_octets
	};

	return adders[form](payload, s->revision, data, binary);
}
