/*
 * Fuzz target: Engine.IO payloads and packets.  The records of a payload must
 * be the payload again when they are joined, and decoded bytes must come out
 * the same when they are encoded again.
 */
#include "target.h"

#include <openssl/evp.h>

#include "proto/eio.h"

static void
encode_again(const struct slice *bytes)
{
	char *text = malloc(bytes->len * 4 / 3 + 8);
	struct eio_packet again;
	int len;

	if (text == NULL)
		exit(0);
	text[0] = 'b';
	len = EVP_EncodeBlock((unsigned char *)text + 1,
	    (const unsigned char *)bytes->p, (int)bytes->len);
	require(eio_packet_read(text, (size_t)len + 1, &again) == 0);
	require(again.binary && again.data.len == bytes->len &&
	    memcmp(again.data.p, bytes->p, bytes->len) == 0);
	free(text);
}

static void
read_packet(const struct slice *record)
{
	char *text = copy(record->p, record->len);
	struct eio_packet packet;

	if (eio_packet_read(text, record->len, &packet) == 0) {
		require(eio_type_name(packet.type) != NULL);
		require(packet.data.p == text + 1 &&
		    packet.data.len < record->len);
		if (packet.binary)
			encode_again(&packet.data);
		else
			require(memcmp(text, record->p, record->len) == 0);
	}
	free(text);
}

/* The same bytes as the query of a request. */
static void
judge(const char *data, size_t len)
{
	struct http_head head = { .query = { data, len } };
	struct eio_request request;
	enum eio_verdict verdict;
	int i;

	for (i = 0; i < 4; i++) {
		head.method = (i & 1) != 0 ? HTTP_POST : HTTP_GET;
		head.upgrade_websocket = (i & 2) != 0;
		verdict = eio_judge(&head, false, &request);
		require((verdict == EIO_EXISTING) ==
		    (verdict < EIO_PREFLIGHT && request.has_sid));
		if (verdict == EIO_EXISTING)
			require(strlen(request.sid) == EIO_SID_LEN);
		else if (verdict >= EIO_TRANSPORT_UNKNOWN)
			require(eio_refusal_text(verdict) != NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *payload = copy((const char *)data, size);
	struct slice record;
	struct buf joined;
	size_t pos = 0;

	buf_init(&joined, 0);
	while (eio_payload_next(payload, size, &pos, &record)) {
		read_packet(&record);
		require(buf_put(&joined, record.p, record.len) == 0 &&
		    buf_putc(&joined, EIO_SEPARATOR) == 0);
	}
	require(joined.len == size + 1 &&
	    memcmp(joined.data, payload, size) == 0);
	judge(payload, size);
	buf_fini(&joined);
	free(payload);
	return 0;
}
