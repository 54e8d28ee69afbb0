/*
 * Fuzz target: payloads and packets of Engine.IO 3, as text and as octets.
 * The records that are read are written again, and then read as the same.
 */
#include "target.h"

#include "proto/eio3.h"
#include "proto/eio_revision.h"

static size_t
put_head(enum eio_form form, char out[EIO3_HEAD_MAX],
    const struct slice *record, bool binary)
{
	if (form == EIO_OCTETS)
		return eio3_octets_head(out, binary, record->len);
	return eio3_text_head(out, eio3_units(record->p, record->len));
}

static void
read_packet(const struct slice *record, bool binary)
{
	char *text = copy(record->p, record->len);
	struct eio_packet packet;
	int result = binary ? eio3_bytes_read(text, record->len, &packet) :
	    eio3_text_read(text, record->len, &packet);

	require(result == -1 || record->len > 0);
	if (result == 0) {
		require(eio_type_name(packet.type) != NULL);
		require(packet.data.len < record->len);
		require(binary <= packet.binary);
	}
	free(text);
}

/* Every record again, in a payload of its own. */
static void
read_again(enum eio_form form, const struct slice *record, bool binary)
{
	char head[EIO3_HEAD_MAX];
	size_t n = put_head(form, head, record, binary), pos = 0;
	char *payload = malloc(n + record->len);
	struct slice again;
	bool again_binary;

	if (payload == NULL)
		exit(0);
	memcpy(payload, head, n);
	memcpy(payload + n, record->p, record->len);
	require(eio_record_next(form, payload, n + record->len, &pos, &again,
	    &again_binary));
	require(again.len == record->len && again_binary == binary &&
	    memcmp(again.p, record->p, record->len) == 0);
	require(!eio_record_next(form, payload, n + record->len, &pos,
	    &again, &again_binary));
	free(payload);
}

static void
read_payload(enum eio_form form, const uint8_t *data, size_t size)
{
	char *payload = copy((const char *)data, size);
	struct slice record;
	size_t pos = 0, before = 0;
	bool binary;

	while (eio_record_next(form, payload, size, &pos, &record, &binary)) {
		require(pos > before && pos <= size + 1);
		require(record.p >= payload &&
		    record.p + record.len <= payload + size);
		/* An empty one is the last: a fault. */
		require(record.len > 0 || pos == size + 1);
		before = pos;
		read_packet(&record, binary);
		if (record.len > 0)
			read_again(form, &record, binary);
	}
	require(memcmp(payload, data, size) == 0);
	free(payload);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0) {
		read_payload(EIO_COUNTED, data, size);
		read_payload(EIO_OCTETS, data, size);
	}
	return 0;
}
