/*
 * Fuzz target: the messages between processes.  What a get function takes,
 * the put function must write again, byte for byte.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct buf again;

/* Written again with this result: is it the same?  If not, say so loudly. */
static void
check(int result, const uint8_t *data, size_t size)
{
	if (result != 0 || again.len != size ||
	    memcmp(again.data, data, size) != 0)
		abort();
	buf_clear(&again);
}

#define TRY(what)							\
	do {								\
		struct msg_##what m;					\
									\
		if (msg_get_##what(data, size, &m) == 0)		\
			check(msg_put_##what(&again, &m), data, size);	\
	} while (0)

/* Where one struct serves several types. */
#define TRY_TYPE(what)							\
	do {								\
		struct msg_##what m;					\
									\
		if (msg_get_##what(data, size, &m) == 0)		\
			check(msg_put_##what(&again,			\
			    (enum msg_type)msg_type(data, size), &m),	\
			    data, size);				\
	} while (0)

/* One of an earlier version is written as one of the newest. */
static void
try_session(const uint8_t *data, size_t size)
{
	struct msg_session m;
	int result;

	if (msg_get_session(data, size, &m) != 0)
		return;
	result = msg_put_session(&again, &m);
	if (data[1] == MSG_SESSION_VERSION)
		check(result, data, size);
	else if (result != 0 ||
	    msg_get_session(again.data, again.len, &m) != 0)
		abort();
	buf_clear(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TRY_TYPE(view);
	TRY_TYPE(route);
	try_session(data, size);
	TRY(adopted);
	TRY(auth);
	TRY(verdict);
	TRY(closed);
	TRY(gone);
	TRY(joined);
	TRY(database);
	TRY(load);
	TRY(fault);
	TRY(loaded);
	buf_fini(&again);
	return 0;
}
