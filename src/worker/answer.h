/*
 * Stop 12 of a request's life: what a collector replies becomes what the
 * client gets.  Up to stream_bytes it goes in one piece; above, it is
 * streamed with "success" last, so that a query which fails half way still
 * ends as JSON; with attachments it is held until their number is known.
 */
#ifndef WORKER_ANSWER_H
#define WORKER_ANSWER_H

struct request;

/* There is something in its reply socket, or its end. */
void answer_read(struct request *r);

/* The client has read: there may be room for more. */
void answer_resume(struct request *r);

/* End the answer here: its client does not read it. */
void answer_give_up(struct request *r);

/* Free what it holds; a packet in the output stays there. */
void answer_fini(struct request *r);

#endif
