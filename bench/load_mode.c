/*
 * What is asked, and when it is over: requests, sessions one after another, or
 * sessions that stay.
 */
#include <stdio.h>
#include <string.h>

#include "load.h"

void
load_why(struct load *load, const char *why)
{
	if (load->why[0] == '\0')
		snprintf(load->why, sizeof(load->why), "%s", why);
}

/* A server that is slower than the time given has one answer nevertheless. */
static bool
counts(const struct load *load)
{
	return load->now_us >= load->first_us &&
	    (load->now_us < load->last_us || load->answered == 0);
}

static void
count(struct load *load, uint64_t since_us)
{
	histogram_add(&load->times, load->now_us - since_us);
	load->answered++;
	load->end_us = load->now_us;
}

/* ---- requests ------------------------------------------------------------ */

static bool
may_ask(const struct load *load)
{
	if (load->options.requests > 0)
		return load->asked < load->options.requests;
	return load->now_us < load->last_us;
}

/* The clock starts when all have joined: then everybody asks. */
static void
requests_joined(struct load *load, struct conn *conn)
{
	unsigned long c, id;

	(void)conn;
	if (load->ready < load->conn_count)
		return;
	load->first_us = load->now_us +
	    (uint64_t)(load->options.warm_up * 1e6);
	load->last_us = load->options.requests > 0 ? UINT64_MAX :
	    load->first_us + (uint64_t)(load->options.seconds * 1e6);
	for (id = 0; id < load->options.depth; id++)
		for (c = 0; c < load->conn_count; c++)
			if (may_ask(load))
				conn_ask(load, &load->conns[c], id);
	for (c = 0; c < load->conn_count; c++)
		conn_flush(load, &load->conns[c]);
}

/* Is it what was asked for?  The first right answer gives the length of all
 * others. */
static bool
is_right(struct load *load, const struct answer_sense *sense, uint64_t rows,
    const char *head)
{
	char why[sizeof(load->why)];

	if (!sense->success) {
		load_why(load, head);
		return false;
	}
	if (!load->options.rows_known)
		return true;
	if (load->body_bytes == 0 && rows == load->options.rows) {
		load->body_bytes = sense->body_bytes;
		return true;
	}
	if (load->body_bytes == sense->body_bytes)
		return true;
	snprintf(why, sizeof(why), "an answer of %llu bytes, %llu rows counted",
	    (unsigned long long)sense->body_bytes, (unsigned long long)rows);
	load_why(load, why);
	return false;
}

static void
requests_answered(struct load *load, struct conn *conn,
    const struct answer_sense *sense, uint64_t rows)
{
	uint64_t asked_us = conn->asked_us[sense->id];

	conn->asked_us[sense->id] = 0;
	if (!is_right(load, sense, rows, conn->answer.head)) {
		load->failed++;
	} else if (counts(load)) {
		count(load, asked_us);
		load->bytes += sense->body_bytes;
	}
	if (may_ask(load))
		conn_ask(load, conn, sense->id);
	else if (load->options.requests == 0 ||
	    load->answered + load->failed + load->lost >=
	    load->options.requests)
		load->over = true;
}

static void
requests_lost(struct load *load, struct conn *conn, const char *why)
{
	unsigned long id, asked = 0;

	load_why(load, why);
	for (id = 0; id < load->options.depth; id++)
		asked += conn->asked_us[id] != 0;
	load->lost += asked > 0 ? asked : 1;
	load->over = true;
}

const struct mode mode_requests = {
	.joined = requests_joined,
	.answered = requests_answered,
	.lost = requests_lost,
};

/* ---- sessions one after another ------------------------------------------ */

static void
again(struct load *load, struct conn *conn)
{
	if (load->now_us >= load->last_us || conn_open(load, conn) != 0)
		load->over = true;
}

static void
connect_joined(struct load *load, struct conn *conn)
{
	if (counts(load))
		count(load, conn->begun_us);
	conn_close(load, conn);
	again(load, conn);
}

static void
connect_lost(struct load *load, struct conn *conn, const char *why)
{
	load_why(load, why);
	load->failed++;
	again(load, conn);
}

const struct mode mode_connect = {
	.joined = connect_joined,
	.lost = connect_lost,
};

/* ---- sessions that stay -------------------------------------------------- */

/* Open the next one when one has joined; tell when all have. */
static void
idle_joined(struct load *load, struct conn *conn)
{
	struct conn *next = conn + IDLE_AT_ONCE;

	count(load, conn->begun_us);
	if (next < load->conns + load->conn_count) {
		if (conn_open(load, next) != 0)
			load->over = true;
	} else if (load->ready == load->conn_count) {
		printf("ready %lu\n", load->ready);
		fflush(stdout);
		load->last_us = load->now_us +
		    (uint64_t)(load->options.seconds * 1e6);
	}
}

static void
idle_lost(struct load *load, struct conn *conn, const char *why)
{
	(void)conn;
	load_why(load, why);
	load->lost++;
	load->over = true;
}

const struct mode mode_idle = {
	.joined = idle_joined,
	.lost = idle_lost,
};
