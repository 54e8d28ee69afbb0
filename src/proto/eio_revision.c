/* One row for each revision of Engine.IO. */
#include "proto/eio_revision.h"

#include "proto/eio3.h"

static const struct eio_revision revisions[] = {
	[EIO_V4] = {
		.name = "EIO 4",
		.text_read = eio_packet_read,
		.bytes_read = eio_bytes_read,
		.bytes_head = "",
		.base64_head = "b",
		.form = EIO_SEPARATED,
		.ended = "6\x1e" "1",
		.beat = "2",
		.has_auth = true,
		.has_query = true,
		.tells_sid = true,
		.refused = "{\"message\":\"Unauthorized\"}"
	},
	[EIO_V3] = {
		.name = "EIO 3",
		.text_read = eio3_text_read,
		.bytes_read = eio3_bytes_read,
		.bytes_head = "\x04",
		.bytes_head_len = 1,
		.base64_head = "b4",
		.form = EIO_COUNTED,
		.has_octets = true,
		.ended = "1:61:1",
		.client_pings = true,
		.beat = "3",
		.joins_root = true,
		.refused = "\"Unauthorized\""
	}
};
_Static_assert(sizeof(revisions) / sizeof(revisions[0]) == EIO_VERSIONS,
    "each revision has a row");

const struct eio_revision *
eio_revision(enum eio_version version)
{
	return &revisions[version];
}

bool
eio_record_next(enum eio_form form, char *payload, size_t len, size_t *pos,
    struct slice *record_out, bool *binary_out)
{
	*binary_out = false;
	switch (form) {
	case EIO_COUNTED:
		return eio3_text_next(payload, len, pos, record_out);
	case EIO_OCTETS:
		return eio3_octets_next(payload, len, pos, record_out,
		    binary_out);
	case EIO_SEPARATED:
	case EIO_FORMS:
		break;
	}
	return eio_payload_next(payload, len, pos, record_out);
}
