/*
 * Messages with descriptors over SEQPACKET sockets: the only file of the
 * house that knows cmsghdr.  Message borders are kept, an empty message is
 * never sent (0 bytes reads as the end of the peer).
 */
#ifndef IPC_FDPASS_H
#define IPC_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* Largest message: 128 KiB of handshake, a 16 KiB head, and fields. */
#define FDPASS_BYTES_MAX (160 * 1024)
/*
 * Descriptors in one message: a session's connections, its reply sockets and
 * its state (ipc/msg.h).  The kernel takes 253.
 */
#define FDPASS_FDS_MAX 128

enum fdpass_result {
	FDPASS_OK,	/* one whole message */
	FDPASS_AGAIN,	/* nothing there, or no room: wait for the event */
	FDPASS_GONE,	/* the peer has closed its end */
	FDPASS_BAD	/* a message too long, or descriptors were lost */
};

/* A pair of connected ends, close-on-exec and non-blocking. 0 or -1. */
int fdpass_pair(int ends_out[2], struct err *err) MUST_CHECK;

/*
 * Send one message (1..FDPASS_BYTES_MAX bytes, 0..FDPASS_FDS_MAX fds).  The
 * descriptors stay the caller's.  Never blocks, never raises SIGPIPE.
 */
enum fdpass_result fdpass_send(int fd, const void *data, size_t len,
    const int *fds, size_t nfds);

/*
 * Receive one message into data (size bytes).  *nfds_out descriptors in fds
 * (room for FDPASS_FDS_MAX) are the caller's from now on, close-on-exec.  On
 * anything but FDPASS_OK none is handed out.  FDPASS_BAD leaves the message
 * consumed and its descriptors closed.
 */
enum fdpass_result fdpass_recv(int fd, void *data, size_t size,
    size_t *len_out, int *fds, size_t *nfds_out);

#endif
