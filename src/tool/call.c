/*
 * Speaks what socket.io-client speaks over a websocket: CONNECT with the key,
 * one EVENT, its ACK.  The rows are printed to the byte as they came.
 */
#include "tool/call.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/json_out.h"
#include "proto/json_scan.h"
#include "proto/sio.h"
#include "tool/client.h"
#include "tool/command.h"
#include "tool/options.h"

#define NAME "dalpuri call"

#define TIMEOUT_S 60
#define KEY_MAX 4096
/* Nesting of an answer that is read here. */
#define DEPTH_MAX 512
/* Of the only call. */
#define ACK_ID 0

struct call {
	char url[300];
	const char *nsp, *collector;
	char psk[KEY_MAX];
	bool raw;			/* print the envelope */
	uint64_t timeout_ms;
	struct options options;
	struct client client;
	struct err err;
};

static int
no_memory(struct call *c)
{
	return err_set(&c->err, ERR_INTERNAL, "out of memory");
}

/* What only servers say, and the gateway's reader so refuses. */
static bool
read_refusal(const struct buf *m, struct sio_packet *out)
{
	const char *json = memchr(m->data, '{', m->len);

	if (m->len < 2 || m->data[1] != '0' + SIO_CONNECT_ERROR ||
	    json == NULL)
		return false;
	*out = (struct sio_packet){ .type = SIO_CONNECT_ERROR,
	    .nsp = { "/", 1 },
	    .json = { json, m->len - (size_t)(json - m->data) } };
	if (m->data[2] == '/')
		out->nsp = (struct slice){ m->data + 2,
		    (size_t)(json - m->data) - 3 };
	return true;
}

/* The next Socket.IO packet; the transport's own packets are answered. */
static int
next_packet(struct call *c, struct sio_packet *out)
{
	const struct buf *m = &c->client.message;

	for (;;) {
		if (client_receive(&c->client, &c->err) != 0)
			return -1;
		if (c->client.binary || m->len == 0)
			continue;
		if (m->data[0] == '2' && client_send(&c->client, "3", 1,
		    &c->err) != 0)
			return -1;
		if (m->data[0] == '1')
			return err_set(&c->err, ERR_INTERNAL,
			    "the gateway closed the session");
		if (m->data[0] == '4' && (read_refusal(m, out) ||
		    sio_packet_read(m->data + 1, m->len - 1, DEPTH_MAX,
		    out) == 0))
			return 0;
	}
}

static int
send_packet(struct call *c, enum sio_type type, const struct buf *json)
{
	struct buf b;
	int result = -1;

	buf_init(&b, 0);
	if (sio_head_put(&b, type, c->nsp, type == SIO_EVENT ? ACK_ID : -1,
	    0) != 0 || buf_put(&b, json->data, json->len) != 0)
		no_memory(c);
	else
		result = client_send(&c->client, b.data, b.len, &c->err);
	buf_wipe(&b);
	return result;
}

static bool
is_of(const struct call *c, const struct sio_packet *p, enum sio_type type)
{
	return p->type == type && slice_is(&p->nsp, c->nsp);
}

/* CONNECT with the key; FORBIDDEN when the gateway says no. */
static int
join(struct call *c)
{
	struct sio_packet p;
	struct buf json;
	int result = -1;

	buf_init(&json, 0);
	if (*c->psk != '\0' && (buf_puts(&json, "{\"psk\":") != 0 ||
	    json_put_string(&json, c->psk, strlen(c->psk)) != 0 ||
	    buf_putc(&json, '}') != 0))
		no_memory(c);
	else
		result = send_packet(c, SIO_CONNECT, &json);
	buf_wipe(&json);
	while (result == 0 && next_packet(c, &p) == 0) {
		if (is_of(c, &p, SIO_CONNECT))
			return 0;
		if (is_of(c, &p, SIO_CONNECT_ERROR))
			return err_set(&c->err, ERR_FORBIDDEN,
			    "the gateway says: %.*s", (int)p.json.len,
			    p.json.p);
	}
	return -1;
}

static int
ask(struct call *c)
{
	const char *options = options_text(&c->options);
	struct buf json;
	int result = -1;

	buf_init(&json, 0);
	if (buf_putc(&json, '[') != 0 ||
	    json_put_string(&json, c->collector, strlen(c->collector)) != 0 ||
	    (*options != '\0' && (buf_putc(&json, ',') != 0 ||
	    buf_puts(&json, options) != 0)) || buf_putc(&json, ']') != 0)
		no_memory(c);
	else
		result = send_packet(c, SIO_EVENT, &json);
	buf_fini(&json);
	return result;
}

/* The members of the envelope; one that is not there is empty. */
struct envelope {
	struct slice whole, success, data, error, code;
};

static int
read_envelope(const struct sio_packet *p, struct envelope *out)
{
	struct json_iter it;
	struct slice name, value;
	enum json_kind kind;

	memset(out, 0, sizeof(*out));
	json_iter_init(&it, &p->json);
	if (!json_iter_next(&it, &out->whole, &kind) || kind != JSON_OBJECT)
		return -1;
	json_iter_init(&it, &out->whole);
	while (json_iter_next(&it, &name, &kind) &&
	    json_iter_next(&it, &value, &kind)) {
		if (slice_is(&name, "\"success\""))
			out->success = value;
		else if (slice_is(&name, "\"data\""))
			out->data = value;
		else if (slice_is(&name, "\"error\""))
			out->error = value;
		else if (slice_is(&name, "\"code\""))
			out->code = value;
	}
	return 0;
}

static void
print_slice(FILE *to, const struct slice *s)
{
	(void)fwrite(s->p, 1, s->len, to);
}

/* A string of JSON as plain text. */
static void
print_string(FILE *to, const struct slice *s)
{
	struct buf text;

	buf_init(&text, 0);
	if (s->len >= 2 && json_string_decode(s, &text) == 0)
		(void)fwrite(text.data, 1, text.len, to);
	buf_fini(&text);
}

static int
print_answer(struct call *c, const struct envelope *e)
{
	bool success = slice_is(&e->success, "true");

	if (c->raw) {
		print_slice(stdout, &e->whole);
	} else if (success) {
		print_slice(stdout, &e->data);
	} else {
		fputs(NAME ": ", stderr);
		print_string(stderr, &e->code);
		fputs(": ", stderr);
		print_string(stderr, &e->error);
		fputc('\n', stderr);
	}
	if (c->raw || success)
		putchar('\n');
	if (fflush(stdout) != 0)
		err_set_errno(&c->err, ERR_INTERNAL, "standard output");
	return success ? EX_OK : EXIT_FAILURE;
}

/* The answer to our call, an exit status; -1: none came. */
static int
take_answer(struct call *c)
{
	struct sio_packet p;
	struct envelope e;

	while (next_packet(c, &p) == 0) {
		if (is_of(c, &p, SIO_BINARY_ACK))
			return err_set(&c->err, ERR_BAD_OPTIONS, "the rows "
			    "have Bytes, which are no text: set bytes = "
			    "base64 in the collector's file, or leave them "
			    "out with select or omit");
		if (is_of(c, &p, SIO_ACK) && p.has_id && p.id == ACK_ID)
			return read_envelope(&p, &e) == 0 ?
			    print_answer(c, &e) : err_set(&c->err,
			    ERR_INTERNAL, "the gateway talks nonsense");
	}
	return -1;
}

static int
run(struct call *c)
{
	int status = -1;

	if (client_open(&c->client, c->url, clock_ms() + c->timeout_ms,
	    &c->err) == 0 && join(c) == 0 && ask(c) == 0)
		status = take_answer(c);
	client_close(&c->client);
	if (status == -1) {
		fprintf(stderr, NAME ": %s\n", c->err.text);
		status = c->err.code == ERR_FORBIDDEN ? EX_NOPERM :
		    c->err.code == ERR_BAD_OPTIONS ? EXIT_FAILURE :
		    EX_UNAVAILABLE;
	}
	return status;
}

/* The first line of a file, as in psk_file of dalpuri.conf(5). */
static int
read_key_file(struct call *c, const char *path)
{
	FILE *f = fopen(path, "re");
	int r = -1;

	if (f != NULL && fgets(c->psk, sizeof(c->psk), f) != NULL) {
		c->psk[strcspn(c->psk, "\r\n")] = '\0';
		r = 0;
	}
	if (r != 0)
		fprintf(stderr, NAME ": %s: %s\n", path, f != NULL &&
		    ferror(f) == 0 ? "it is empty" : strerror(errno));
	if (f != NULL)
		fclose(f);
	return r == 0 ? EX_OK : EX_NOINPUT;
}

static int
take_timeout(struct call *c, const char *text)
{
	int64_t seconds;

	if (num_read_i64(text, strlen(text), &seconds) != 0 || seconds < 1 ||
	    seconds > 86400) {
		fprintf(stderr, NAME ": -t takes seconds, 1 to 86400, not "
		    "\"%s\"\n", text);
		return EX_USAGE;
	}
	c->timeout_ms = (uint64_t)seconds * 1000;
	return EX_OK;
}

static int
take_word(struct call *c, const char *name, const char *value)
{
	if (options_add(&c->options, name, value, &c->err) == 0)
		return EX_OK;
	fprintf(stderr, NAME ": %s\n", c->err.text);
	return EX_USAGE;
}

static int
take_url(struct call *c, const char *url)
{
	if (snprintf(c->url, sizeof(c->url), "%s", url) <
	    (int)sizeof(c->url))
		return EX_OK;
	fprintf(stderr, NAME ": the url is too long\n");
	return EX_USAGE;
}

static int
read_words(struct call *c, int argc, char **argv)
{
	static const struct option words[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "raw", no_argument, NULL, 'r' },
		OPTIONS_WORDS,
		{ NULL, 0, NULL, 0 }
	};
	int flag, word, status = EX_OK;

	while (status == EX_OK && (flag = getopt_long(argc, argv, "hk:n:rt:u:",
	    words, &word)) != -1) {
		if (flag == 'k')
			status = read_key_file(c, optarg);
		else if (flag == 'n')
			c->nsp = optarg;
		else if (flag == 'r')
			c->raw = true;
		else if (flag == 't')
			status = take_timeout(c, optarg);
		else if (flag == 'u')
			status = take_url(c, optarg);
		else if (flag == OPTIONS_FLAG)
			status = take_word(c, words[word].name, optarg);
		else
			status = flag == 'h' ? COMMAND_HELP : EX_USAGE;
	}
	if (status == EX_OK && (optind != argc - 1 || *c->nsp != '/'))
		status = EX_USAGE;
	if (status == EX_OK)
		c->collector = argv[optind];
	return status;
}

int
call_command(int argc, char **argv)
{
	struct call c = { .nsp = "/", .timeout_ms = TIMEOUT_S * 1000 };
	const char *psk = getenv("PSK"), *port = getenv("PORT");
	int status;

	(void)snprintf(c.url, sizeof(c.url), "http://127.0.0.1:%.5s",
	    port != NULL && *port != '\0' ? port : "3000");
	if (psk != NULL && strlen(psk) < sizeof(c.psk))
		strcpy(c.psk, psk);
	status = read_words(&c, argc, argv);
	if (status == EX_OK)
		status = run(&c);
	explicit_bzero(c.psk, sizeof(c.psk));
	options_fini(&c.options);
	return status;
}
