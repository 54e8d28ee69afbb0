/*
 * An example of a collector in C for dalpuri(8): companies by the beginning of
 * their name, and a word for whoever connects.
 *
 *	socket.on("welcome", ({ calls }) => ...);
 *	socket.emit("findCompanies", "Ac", ({ success, data }) => ...);
 *
 * The manual is dalpuri-plugin(3); how it is built is in the README beside
 * this file.  It compiles as C and as C++.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dalpuri/collector.h>

/*
 * What a .sql file would hold.  Its values are bound: whatever a client sends,
 * it is never read as SQL.
 */
static const char query[] =
    "-- param prefix String : the beginning of the name\n"
    "SELECT Company_RecID AS id, Company_Name AS name\n"
    "FROM Company\n"
    "WHERE Company_Name LIKE :prefix\n"
    "ORDER BY Company_Name";

/* Lives as long as the process; one call runs at a time, so no lock. */
struct state {
	long calls;
};

/*
 * The first argument as text between quotes, without escapes: an example need
 * not bring a JSON parser.  NULL: it is none; then the client was told.
 */
static char *
read_prefix(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	struct dalpuri_value v;
	char *prefix;

	if (h->argument(r, 0, &v) != DALPURI_OK || v.kind != DALPURI_JSON ||
	    v.len < 2 || v.data[0] != '"' ||
	    strchr(v.data, '\\') != NULL) {
		(void)h->fail(r, "BAD_OPTIONS",
		    "the first argument must be the beginning of a name");
		return NULL;
	}
	/* Room for the text, LIKE's "%", and the NUL. */
	prefix = (char *)malloc(v.len);
	if (prefix == NULL) {
		(void)h->fail(r, "INTERNAL", "out of memory");
		return NULL;
	}
	memcpy(prefix, v.data + 1, v.len - 2);
	prefix[v.len - 2] = '%';
	prefix[v.len - 1] = '\0';
	return prefix;
}

/*
 * Each row goes out as it comes, so a large answer takes no memory here.  A
 * function that fails has its reason with it: whoever returns what it returned
 * lets the gateway tell the client.
 */
static int
send_rows(const struct dalpuri_host *h, struct dalpuri_request *r,
    const char *prefix)
{
	struct dalpuri_cell param;
	struct dalpuri_cursor *c;
	int result;

	memset(&param, 0, sizeof(param));
	param.kind = DALPURI_TEXT;
	param.data = prefix;
	param.len = strlen(prefix);
	result = h->query(r, query, sizeof(query) - 1, &param, 1, &c);
	if (result != DALPURI_OK)
		return result;
	result = h->rows_begin(r);
	while (result == DALPURI_OK && (result = h->next(c)) == 1)
		result = h->row_of(r, c);
	h->close(c);
	return result == DALPURI_OK ? h->rows_end(r) : result;
}

/* The event. */
static int
call(const struct dalpuri_host *h, struct dalpuri_request *r, void *context)
{
	struct state *state = (struct state *)context;
	char *prefix = read_prefix(h, r);
	int result;

	state->calls++;
	if (prefix == NULL)
		return DALPURI_OK;	/* fail() was the answer */
	result = send_rows(h, r, prefix);
	free(prefix);
	return result;
}

/* A client has joined one of our namespaces: it gets an event of us. */
static int
connect_client(const struct dalpuri_host *h, struct dalpuri_request *r,
    void *context)
{
	const struct state *state = (const struct state *)context;
	struct dalpuri_value v;
	char text[64];

	memset(&v, 0, sizeof(v));
	v.kind = DALPURI_JSON;
	v.data = text;
	v.len = (size_t)snprintf(text, sizeof(text), "{\"calls\":%ld}",
	    state->calls);
	return h->emit(r, "welcome", &v, 1);
}

/* Once in each collector process, and its end. */
static int
start(const struct dalpuri_host *h, void **context)
{
	*context = calloc(1, sizeof(struct state));
	if (*context == NULL)
		return DALPURI_EMEMORY;
	h->log(h, DALPURI_DEBUG, "ready");
	return DALPURI_OK;
}

static void
stop(void *context)
{
	free(context);
}

/*
 * The declaration, read from the file before any of its code runs; in the
 * order of the struct, for C++.
 */
const struct dalpuri_collector dalpuri_collector = {
	DALPURI_ABI,
	sizeof(struct dalpuri_collector),
	DALPURI_CONNECTS,
	4,			/* calls that run at once, at most */
	"Companies by the beginning of their name.",
	{ "/", "/companies" },
	call,
	connect_client,
	start,
	stop
};
