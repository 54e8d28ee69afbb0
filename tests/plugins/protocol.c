/*
 * Makes the gateway behave as the public Socket.IO protocol test suite expects
 * of a server.  Built twice: as message.so, which also says "auth" to whoever
 * connects, and (ACKS) as message-with-ack.so.  See protocol-suite.
 */
#include <dalpuri/collector.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* {"_placeholder":true,"num":9} */
#define PLACEHOLDER_MAX 32

struct echo {
	struct dalpuri_value *values;
	size_t n;
	char placeholders[DALPURI_ATTACHMENTS_MAX][PLACEHOLDER_MAX];
};

/*
 * All that came, as it came: attachments first, and arguments of bytes as
 * their placeholders, so that numbers inside of others keep their meaning.
 */
static int
take_all(const struct dalpuri_host *h, struct dalpuri_request *r,
    struct echo *e)
{
	size_t nattachments = h->attachments(r), i;
	size_t narguments = h->arguments(r);

	e->values = calloc(nattachments + narguments + 1, sizeof(*e->values));
	if (e->values == NULL)
		return DALPURI_EMEMORY;
	for (i = 0; i < nattachments; i++) {
		(void)h->attachment(r, i, &e->values[e->n]);
		e->values[e->n++].kind = DALPURI_ATTACHMENT;
	}
	for (i = 0; i < narguments; i++) {
		struct dalpuri_value *v = &e->values[e->n++];
		char *text;

		(void)h->argument(r, i, v);
		if (v->kind != DALPURI_BINARY)
			continue;
		text = e->placeholders[v->number];
		v->kind = DALPURI_JSON;
		v->len = (size_t)snprintf(text, PLACEHOLDER_MAX,
		    "{\"_placeholder\":true,\"num\":%u}", v->number);
		v->data = text;
	}
	return DALPURI_OK;
}

static int
call(const struct dalpuri_host *h, struct dalpuri_request *r, void *state)
{
	struct echo e = { .n = 0 };
	int result = take_all(h, r, &e);

	(void)state;
	if (result == DALPURI_OK) {
#ifdef ACKS
		result = h->ack(r, e.values, e.n);
#else
		result = h->emit(r, "message-back", e.values, e.n);
		if (result == DALPURI_OK)
			result = h->ack(r, NULL, 0);
#endif
	}
	free(e.values);
	return result;
}

#ifndef ACKS
static int
connect_client(const struct dalpuri_host *h, struct dalpuri_request *r,
    void *state)
{
	struct dalpuri_value auth = { .kind = DALPURI_JSON };
	/*
	 * The suite listens for one packet at a time: it would not see this
	 * one in the same read as the answer to its CONNECT.
	 */
	const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };

	(void)state;
	(void)nanosleep(&pause, NULL);
	auth.data = h->auth(r, &auth.len);
	return h->emit(r, "auth", &auth, 1);
}
#endif

const struct dalpuri_collector dalpuri_collector = {
	.abi = DALPURI_ABI,
	.size = sizeof(dalpuri_collector),
	.namespaces = { "/", "/custom" },
	.call = call,
#ifdef ACKS
	.description = "Acknowledges with what it was sent.",
#else
	.description = "Sends back what it was sent.",
	.flags = DALPURI_CONNECTS,
	.connect = connect_client,
#endif
};
