/*
 * The messages of a reply.  Head: type (1 byte), flag or code (1 byte), zeros;
 * the rest of the message is the text, or the id of BEGUN.
 */
#include "ipc/reply.h"

#include <string.h>

#include "ipc/wire.h"

static const char *const names[] = {
	[0] = "UNKNOWN",
	[REPLY_BEGUN] = "BEGUN",
	[REPLY_ROWS] = "ROWS",
	[REPLY_ATTACHMENT] = "ATTACHMENT",
	[REPLY_FAILURE] = "FAILURE",
	[REPLY_END] = "END",
};

_Static_assert(sizeof(names) / sizeof(names[0]) == REPLY_TYPES,
    "every reply has a name");

const char *
reply_type_name(unsigned int type)
{
	return names[type < REPLY_TYPES ? type : 0];
}

void
reply_head(char *head, enum reply_type type, bool flag)
{
	memset(head, 0, REPLY_HEAD);
	head[0] = (char)type;
	head[1] = flag ? 1 : 0;
}

size_t
reply_put(char *out, const struct reply *r)
{
	size_t len = r->text.len;

	reply_head(out, r->type, r->held);
	if (r->type == REPLY_BEGUN) {
		for (size_t i = 0; i < sizeof(r->id); i++)
			out[REPLY_HEAD + i] = (char)(r->id >> 8 * i & 0xff);
		return REPLY_HEAD + sizeof(r->id);
	}
	if (r->type != REPLY_FAILURE)
		return REPLY_HEAD;
	out[1] = (char)r->code;
	if (len > ERR_TEXT_MAX)
		len = ERR_TEXT_MAX;
	if (len > 0)
		memcpy(out + REPLY_HEAD, r->text.data, len);
	return REPLY_HEAD + len;
}

int
reply_get(const void *data, size_t len, struct reply *out)
{
	struct wire_reader r = wire_reader(data, len);
	uint64_t flag, max = 0;

	memset(out, 0, sizeof(*out));
	out->type = (enum reply_type)wire_get(&r, 1, REPLY_TYPES - 1);
	if (out->type == REPLY_FAILURE)
		max = ERR_CODES - 1;
	else if (out->type != REPLY_END)
		max = 1;
	flag = wire_get(&r, 1, max);
	wire_get(&r, REPLY_HEAD - 2, 0);
	switch (out->type) {
	case REPLY_BEGUN:
		out->held = flag != 0;
		out->id = wire_get(&r, sizeof(out->id), UINT64_MAX);
		break;
	case REPLY_ROWS:
		out->border = flag != 0;
		out->text = wire_get_rest(&r);
		break;
	case REPLY_ATTACHMENT:
		out->last = flag != 0;
		out->text = wire_get_rest(&r);
		break;
	case REPLY_FAILURE:
		out->code = (enum err_code)flag;
		out->text = wire_get_rest(&r);
		break;
	case REPLY_END:
		break;
	default:	/* 0 is no type */
		return -1;
	}
	return wire_read(&r);
}
