/*
 * The messages of a reply.  Head: type (1 byte), flag or code (1), zeros (2),
 * microseconds (4), id (8), of which each type has what is its own and zeros
 * else; the rest of the message is the text.
 */
#include "ipc/reply.h"

#include <string.h>

#include "ipc/wire.h"

enum field {
	HAS_FLAG = 1,	/* 0 or 1 */
	HAS_CODE = 2,	/* in its place */
	HAS_ID = 4,	/* with the microseconds */
	HAS_TEXT = 8,
	IS_PIECE = 16 | HAS_FLAG | HAS_TEXT,	/* ... says if it is the last */
	IS_FIRST = 32	/* of the first version: no place for an id */
};

/* In the first version; the three behind it came in the order of today. */
#define FIRST_ROWS 2

static const unsigned int fields[] = {
	[REPLY_BEGUN] = HAS_FLAG | HAS_ID,
	[FIRST_ROWS] = HAS_FLAG | HAS_TEXT | IS_FIRST,
	IS_PIECE | IS_FIRST,
	HAS_CODE | HAS_TEXT | IS_FIRST,
	IS_FIRST,
	[REPLY_ROWS] = HAS_FLAG | HAS_TEXT,
	[REPLY_ATTACHMENT] = IS_PIECE,
	[REPLY_FAILURE] = HAS_CODE | HAS_TEXT,
	[REPLY_END] = 0,
	[REPLY_ANSWER] = HAS_ID | HAS_TEXT,
	[REPLY_REFUSAL] = HAS_CODE | HAS_ID | HAS_TEXT,
	[REPLY_BINARY] = IS_PIECE,
	[REPLY_EMIT] = IS_PIECE,
	[REPLY_ACK] = IS_PIECE,
};

_Static_assert(sizeof(fields) / sizeof(fields[0]) == REPLY_TYPES,
    "every reply has a row");

static void
put_int(char *out, uint64_t v, size_t nbytes)
{
	for (size_t i = 0; i < nbytes; i++)
		out[i] = (char)(v >> 8 * i & 0xff);
}

void
reply_head(char *head, const struct reply *r)
{
	unsigned int has = fields[r->type];
	bool flag = r->held || r->border || r->last;

	put_int(head, r->type, 1);
	put_int(head + 1, has & HAS_CODE ? (uint64_t)r->code : flag, 1);
	put_int(head + 2, 0, 2);
	put_int(head + 4, has & HAS_ID ? r->us : 0, 4);
	put_int(head + 8, has & HAS_ID ? r->id : 0, 8);
}

size_t
reply_put(char *out, const struct reply *r)
{
	size_t len = r->text.len < ERR_TEXT_MAX ? r->text.len : ERR_TEXT_MAX;

	reply_head(out, r);
	if (len > 0)
		memcpy(out + REPLY_HEAD, r->text.data, len);
	return REPLY_HEAD + len;
}

int
reply_get(const void *data, size_t len, struct reply *out)
{
	struct wire_reader r = wire_reader(data, len);
	unsigned int type = (unsigned int)wire_get(&r, 1, REPLY_TYPES - 1);
	unsigned int has = fields[type];
	uint64_t flag;

	if (type == 0)
		return -1;
	flag = wire_get(&r, 1, has & HAS_CODE ? ERR_CODES - 1 :
	    has & HAS_FLAG ? 1 : 0);
	wire_get(&r, 2, 0);
	if (has & IS_FIRST)
		type += REPLY_ROWS - FIRST_ROWS;
	*out = (struct reply){ .type = (enum reply_type)type,
	    .us = (uint32_t)wire_get(&r, 4, has & HAS_ID ? UINT32_MAX : 0) };
	if (!(has & IS_FIRST))
		out->id = wire_get(&r, 8, has & HAS_ID ? UINT64_MAX : 0);
	if (has & HAS_TEXT)
		out->text = wire_get_rest(&r);
	out->held = type == REPLY_BEGUN && flag != 0;
	out->border = type == REPLY_ROWS && flag != 0;
	out->last = (has & IS_PIECE) == IS_PIECE && flag != 0;
	out->code = has & HAS_CODE ? (enum err_code)flag : ERR_NONE;
	return wire_read(&r);
}
