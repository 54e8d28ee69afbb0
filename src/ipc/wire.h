/*
 * Fields of messages: integers little-endian, byte runs behind a 32-bit
 * length.  A reader remembers that something was wrong and reads zeros from
 * then on, so that a get function asks once, at its end.
 */
#ifndef IPC_WIRE_H
#define IPC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ipc/msg.h"

/* A message that is being written; failed once the buffer refuses. */
struct wire_writer {
	struct buf *buf;	/* borrowed */
	bool failed;
};

void wire_put(struct wire_writer *w, uint64_t v, size_t nbytes);
void wire_put_bytes(struct wire_writer *w, struct msg_bytes bytes);
/* text as a byte run without its terminator. */
void wire_put_text(struct wire_writer *w, const char *text);

/* 0, or -1 when any field did not fit. */
int wire_written(const struct wire_writer *w) MUST_CHECK;

/* A message that is being read. */
struct wire_reader {
	const char *at, *end;	/* borrowed */
	bool failed;
};

struct wire_reader wire_reader(const void *data, size_t len);

/* An integer of nbytes (1..8), which must not exceed max. */
uint64_t wire_get(struct wire_reader *r, size_t nbytes, uint64_t max);
/* A byte run; points into the message. */
struct msg_bytes wire_get_bytes(struct wire_reader *r);
/* A byte run of fewer than size bytes without zeros, as a C string. */
void wire_get_text(struct wire_reader *r, char *out, size_t size);
/* All that is left. */
struct msg_bytes wire_get_rest(struct wire_reader *r);

/* 0, or -1 when any field was wrong or bytes are left over. */
int wire_read(const struct wire_reader *r) MUST_CHECK;

#endif
