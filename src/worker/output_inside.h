/* Output from inside: what output.c shares with output_pump.c. */
#ifndef WORKER_OUTPUT_INSIDE_H
#define WORKER_OUTPUT_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/output.h"

struct session;

/*
 * An empty packet, not in the queue; NULL when out of memory (the session is
 * then closed).
 */
struct packet *output_packet(struct session *s);

/* Put p at the end, or in front of what has not begun. */
void output_enqueue(struct session *s, struct packet *p, bool first);

/* Free p, which is in the queue. */
void output_drop(struct output *o, struct packet *p);

/* Is a message of that length compressed on the websocket of s? */
bool output_is_packed(const struct session *s, size_t len);

#endif
