/*
 * Judges the messages of a Socket.IO v4 server.  Of an acknowledgement the
 * rows are counted when somebody wants to know; else its beginning, its end
 * and its length have to do, which cost nothing.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

/* Rows are the objects inside the arguments, the envelope and "data". */
#define DEPTH_ROWS 3

void
answer_begin(struct answer *answer, bool scan)
{
	memset(answer, 0, sizeof(*answer));
	answer->scan = scan;
}

static void
count_rows(struct answer *answer, uint8_t c)
{
	if (answer->in_string) {
		if (answer->escaped)
			answer->escaped = false;
		else if (c == '\\')
			answer->escaped = true;
		else if (c == '"')
			answer->in_string = false;
		return;
	}
	switch (c) {
	case '"':
		answer->in_string = true;
		break;
	case '{':
		answer->rows += answer->depth == DEPTH_ROWS;
		answer->depth++;
		break;
	case '[':
		answer->depth++;
		break;
	case '}':
	case ']':
		answer->depth--;
		break;
	}
}

static void
keep_tail(struct answer *answer, const uint8_t *data, size_t bytes)
{
	size_t old;

	if (bytes >= ANSWER_TAIL_BYTES) {
		memcpy(answer->tail, data + bytes - ANSWER_TAIL_BYTES,
		    ANSWER_TAIL_BYTES);
		return;
	}
	old = ANSWER_TAIL_BYTES - bytes;
	memmove(answer->tail, answer->tail + bytes, old);
	memcpy(answer->tail + old, data, bytes);
}

void
answer_add(struct answer *answer, const uint8_t *data, size_t bytes)
{
	size_t i, room = sizeof(answer->head) - 1 - answer->head_bytes;

	if (room > bytes)
		room = bytes;
	memcpy(answer->head + answer->head_bytes, data, room);
	answer->head_bytes += room;
	answer->head[answer->head_bytes] = '\0';
	answer->bytes += bytes;
	keep_tail(answer, data, bytes);
	for (i = 0; answer->scan && i < bytes; i++)
		count_rows(answer, data[i]);
}

static bool
is_between(const struct answer *answer, const char *at, const char *head,
    const char *tail)
{
	size_t n = strlen(tail);

	return strncmp(at, head, strlen(head)) == 0 &&
	    memcmp(answer->tail + ANSWER_TAIL_BYTES - n, tail, n) == 0;
}

/* 43<id>[...] or 46<attachments>-<id>[...] */
static void
judge_ack(const struct answer *answer, struct answer_sense *sense)
{
	const char *at = answer->head + 2;
	char *end;

	if (answer->head[1] == '6') {
		sense->attachments = (unsigned)strtoul(at, &end, 10);
		at = *end == '-' ? end + 1 : end;
	}
	if (!isdigit((unsigned char)*at))
		return;
	sense->kind = ANSWER_ACK;
	sense->id = strtoul(at, &end, 10);
	sense->body_bytes = answer->bytes - (uint64_t)(end - answer->head);
	sense->success =
	    is_between(answer, end, ANSWER_WHOLE_HEAD, ANSWER_WHOLE_TAIL) ||
	    is_between(answer, end, ANSWER_STREAM_HEAD, ANSWER_STREAM_TAIL);
}

void
answer_judge(const struct answer *answer, struct answer_sense *sense)
{
	const char *head = answer->head;

	memset(sense, 0, sizeof(*sense));
	if (head[0] == '0')
		sense->kind = ANSWER_OPEN;
	else if (head[0] == '1')
		sense->kind = ANSWER_REFUSED;
	else if (head[0] == '2')
		sense->kind = ANSWER_PING;
	else if (head[0] == '4' && head[1] == '0')
		sense->kind = ANSWER_JOINED;
	else if (head[0] == '4' && (head[1] == '1' || head[1] == '4'))
		sense->kind = ANSWER_REFUSED;
	else if (head[0] == '4' && (head[1] == '3' || head[1] == '6'))
		judge_ack(answer, sense);
}
