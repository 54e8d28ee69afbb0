/*
 * A session being opened: it has its sid and its open packet, but no worker.
 * The master waits for the first message, to form the verdict on its key by a
 * look at it; whatever else comes first passes the session without one, and
 * so does a ping that falls due.
 *
 * A plain CONNECT with a right key is answered here, and the session passed
 * with the client's next word, or after a moment: many leave before they ask
 * for anything, and cost no worker a thing.
 */
#ifndef MASTER_OPEN_H
#define MASTER_OPEN_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/msg.h"

struct eio_request;
struct exchange;
struct front;
struct master;
struct open;

/* Open a session for a request that eio_judge() calls EIO_NEW. */
void open_new(const struct exchange *ex, const struct eio_request *req);

/* The session of this sid, when it is being opened here; or NULL. */
struct open *open_find(struct master *m, const char *sid);

/*
 * A request for the session.  true: it is taken care of, o and the exchange's
 * front may be gone.  false: the session went to a worker; the request is to
 * follow it.
 */
bool open_request(struct open *o, const struct exchange *ex,
    const struct eio_request *req);

/* A connection of the session has bytes.  May pass the session on. */
void open_input(struct open *o, struct front *f);

/* Bytes that a connection of the session may still read. */
size_t open_room(const struct open *o);

/* A connection of the session is gone: so is the session (PROTOCOL P15). */
void open_lost(struct open *o);

/* Let a function change what will be passed of each session. */
void opens_revise(struct master *m, msg_revise *revise, void *ctx);

/* Pass all on as they are; the second, those whose CONNECT was answered. */
void opens_pass(struct master *m);
void opens_settle(struct master *m);

/* Sessions without a namespace, here and in workers. */
size_t opens_unjoined(const struct master *m);

/* Close all sessions that are being opened. */
void opens_free(struct master *m);

#endif
