/*
 * Cuts what a server sends into pieces of frames, without copying payload.
 */
#include <string.h>

#include "load.h"

/* Bytes of the head, as far as its first two tell. */
static size_t
head_size(const struct frame_reader *reader)
{
	unsigned length;

	if (reader->head_bytes < 2)
		return 2;
	length = reader->head[1];
	return length == 126 ? 4 : length == 127 ? 10 : 2;
}

/* Masked, with reserved bits, or a control frame in parts: not from a
 * server. */
static bool
is_wrong(const struct frame_reader *reader)
{
	unsigned op = reader->head[0] & 15u, length = reader->head[1];

	if ((reader->head[0] & 0x70) != 0 || (length & 0x80) != 0)
		return true;
	if (op > FRAME_BINARY && (op < FRAME_CLOSE || op > FRAME_PONG))
		return true;
	return op >= FRAME_CLOSE &&
	    (length > FRAME_CONTROL_MAX || (reader->head[0] & 0x80) == 0);
}

static uint64_t
payload_size(const struct frame_reader *reader)
{
	size_t i, size = head_size(reader);
	uint64_t n = 0;

	if (size == 2)
		return reader->head[1];
	for (i = 2; i < size; i++)
		n = n << 8 | reader->head[i];
	return n;
}

static void
put_piece(struct frame_reader *reader, const uint8_t *data, size_t bytes,
    struct frame_piece *piece)
{
	piece->op = (enum frame_op)(reader->head[0] & 15);
	piece->final = (reader->head[0] & 0x80) != 0;
	piece->begins = reader->left == payload_size(reader);
	piece->data = data;
	piece->bytes = bytes < reader->left ? bytes : (size_t)reader->left;
	reader->left -= piece->bytes;
	piece->ends = reader->left == 0;
	if (piece->ends) {
		reader->inside = false;
		reader->head_bytes = 0;
	}
}

size_t
frame_next(struct frame_reader *reader, const uint8_t *data, size_t bytes,
    struct frame_piece *piece)
{
	size_t used = 0;

	memset(piece, 0, sizeof(*piece));
	while (!reader->inside && used < bytes) {
		reader->head[reader->head_bytes++] = data[used++];
		if (reader->head_bytes == 2 && is_wrong(reader))
			return 0;
		if (reader->head_bytes < head_size(reader))
			continue;
		reader->inside = true;
		reader->left = payload_size(reader);
	}
	if (reader->inside && (used < bytes || reader->left == 0)) {
		put_piece(reader, data + used, bytes - used, piece);
		used += piece->bytes;
	}
	return used;
}
