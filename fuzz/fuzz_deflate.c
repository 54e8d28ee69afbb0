/*
 * Fuzz target: what clients offer, and what they compress.  An answer to an
 * offer must be an offer that gets the same answer; what was inflated must
 * come out the same when it is compressed in pieces, and never be more than
 * its bound.  The first byte is the level, and the bits of the window.
 */
#include "target.h"

#include "proto/deflate.h"
#include "proto/http_coding.h"
#include "proto/ws_extension.h"

#define BOUND 5000

static void
head_of(struct http_head *h, const char *name, const char *data, size_t len)
{
	memset(h, 0, sizeof(*h));
	h->headers[h->nheaders++] = (struct http_header){
		{ name, strlen(name) }, { data, len }
	};
}

static void
negotiate(const char *data, size_t len)
{
	static const char name[] = "Sec-WebSocket-Extensions";
	struct ws_deflate agreed, again;
	struct http_head h;
	struct buf out;

	head_of(&h, "Accept-Encoding", data, len);
	require(http_coding_choose(&h) < HTTP_CODINGS);
	head_of(&h, name, data, len);
	if (ws_extension_read(&h, &agreed) != 0 || agreed.bits == 0)
		return;
	buf_init(&out, 0);
	require(ws_extension_put(&out, &agreed) == 0);
	/* The value, without ": " in front and the end of the line behind. */
	head_of(&h, name, out.data + sizeof(name) + 1,
	    out.len - sizeof(name) - 3);
	require(ws_extension_read(&h, &again) == 0);
	require(again.bits == agreed.bits &&
	    again.bits_asked == agreed.bits_asked &&
	    again.client_bits == agreed.client_bits);
	buf_fini(&out);
}

static void
deflate_again(const struct buf *content, struct deflate_how how)
{
	struct deflater *d = deflater_new();
	size_t half = content->len / 2;
	struct buf packed, again;

	require(d != NULL);
	buf_init(&packed, 0);
	buf_init(&again, BOUND);
	require(deflater_put(d, how, content->data, half, &packed) == 0);
	if (content->len > half)
		require(deflater_put(d, how, content->data + half,
		    content->len - half, &packed) == 0);
	require(inflate_message(packed.data, packed.len - DEFLATE_TAIL_LEN,
	    &again) == INFLATED);
	require(again.len == content->len && (again.len == 0 ||
	    memcmp(again.data, content->data, again.len) == 0));
	buf_fini(&packed);
	buf_fini(&again);
	deflater_free(d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct deflate_how how;
	struct buf content;
	char *exact;

	if (size < 1)
		return 0;
	how.level = 1 + data[0] % 9;
	how.bits = 8 + (data[0] >> 4) % 8;
	exact = copy((const char *)data + 1, size - 1);
	negotiate(exact, size - 1);
	buf_init(&content, BOUND);
	if (inflate_message(exact, size - 1, &content) == INFLATED)
		deflate_again(&content, how);
	require(content.len <= BOUND && content.size <= BOUND);
	buf_fini(&content);
	free(exact);
	return 0;
}
