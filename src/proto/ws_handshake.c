/* The HTTP side of a WebSocket (RFC 6455 section 4.2). */
#include "proto/ws.h"

#include <string.h>

/* SHA1() finds the digest by its name, which takes longer than to run it. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "proto/base64.h"

#define KEY_LEN 24		/* 16 bytes in base64 */
#define KEY_BYTES 16
#define ACCEPT_LEN 28		/* a SHA-1 in base64 */
/* More offers than that are no client's; each is compared with the others. */
#define SUBPROTOCOLS_MAX 32

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

static bool
is_key(const struct slice *key)
{
	char copy[KEY_LEN];
	size_t len;

	if (key == NULL || key->len != KEY_LEN)
		return false;
	memcpy(copy, key->p, KEY_LEN);
	return base64_decode(copy, KEY_LEN, &len) == 0 && len == KEY_BYTES;
}

/* A list of different tokens, of which *first_out is chosen. */
static bool
read_subprotocols(const struct slice *list, struct slice *first_out)
{
	struct slice seen[SUBPROTOCOLS_MAX], item;
	size_t n = 0, i, pos = 0;

	while (http_list_next(list, &pos, &item)) {
		if (n == SUBPROTOCOLS_MAX || !http_is_token(&item))
			return false;
		for (i = 0; i < n; i++)
			if (seen[i].len == item.len &&
			    memcmp(seen[i].p, item.p, item.len) == 0)
				return false;
		seen[n++] = item;
	}
	*first_out = seen[0];
	return true;
}

int
ws_handshake_check(const struct http_head *h, bool deflate,
    struct ws_deflate *deflate_out, const char **why_out,
    bool *bad_version_out)
{
	const struct slice *version = http_header(h, "Sec-WebSocket-Version");
	const struct slice *list = http_header(h, "Sec-WebSocket-Protocol");
	struct slice first;

	*bad_version_out = false;
	*deflate_out = (struct ws_deflate){ .bits = 0 };
	if (!is_key(http_header(h, "Sec-WebSocket-Key"))) {
		*why_out = "Missing or invalid Sec-WebSocket-Key header";
		return -1;
	}
	/* 8 is the last draft, the same on the wire. */
	if (version == NULL ||
	    !(slice_is(version, "13") || slice_is(version, "8"))) {
		*why_out = "Missing or invalid Sec-WebSocket-Version header";
		*bad_version_out = true;
		return -1;
	}
	if (list != NULL && !read_subprotocols(list, &first)) {
		*why_out = "Invalid Sec-WebSocket-Protocol header";
		return -1;
	}
	if (deflate && ws_extension_read(h, deflate_out) != 0) {
		*why_out = "Invalid or unacceptable Sec-WebSocket-Extensions "
		    "header";
		return -1;
	}
	return 0;
}

/* What proves that we have read the key: SHA-1 of it and the GUID. */
static void
accept_value(const struct slice *key, char out[ACCEPT_LEN + 1])
{
	unsigned char digest[SHA_DIGEST_LENGTH];
	SHA_CTX sha;

	SHA1_Init(&sha);
	SHA1_Update(&sha, key->p, KEY_LEN);
	SHA1_Update(&sha, guid, sizeof(guid) - 1);
	SHA1_Final(digest, &sha);
	EVP_EncodeBlock((unsigned char *)out, digest, sizeof(digest));
}

int
ws_handshake_put(struct buf *out, const struct http_head *h,
    const struct http_cors *cors, const struct ws_deflate *deflate)
{
	const struct slice *list = http_header(h, "Sec-WebSocket-Protocol");
	char accept[ACCEPT_LEN + 1];
	struct slice first;

	accept_value(http_header(h, "Sec-WebSocket-Key"), accept);
	if (buf_puts(out, "HTTP/1.1 101 Switching Protocols\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: ") != 0 || buf_puts(out, accept) != 0 ||
	    buf_puts(out, "\r\n") != 0)
		return -1;
	if (list != NULL && read_subprotocols(list, &first) &&
	    buf_printf(out, "Sec-WebSocket-Protocol: %.*s\r\n",
	    (int)first.len, first.p) != 0)
		return -1;
	if (ws_extension_put(out, deflate) != 0 ||
	    http_cors_put(out, cors) != 0)
		return -1;
	return buf_puts(out, "\r\n");
}

int
ws_refusal_put(struct buf *out, int status, const char *text,
    bool bad_version, const struct http_cors *cors)
{
	if (buf_printf(out, "HTTP/1.1 %d %s\r\nConnection: close\r\n"
	    "Content-type: text/html\r\nContent-Length: %zu\r\n",
	    status, http_status_text(status), strlen(text)) != 0)
		return -1;
	if (bad_version &&
	    buf_puts(out, "Sec-WebSocket-Version: 13, 8\r\n") != 0)
		return -1;
	if (http_cors_put(out, cors) != 0 || buf_puts(out, "\r\n") != 0)
		return -1;
	return buf_puts(out, text);
}
