/*
 * Sessions on their way: with fake workers at the other ends of real channels.
 */
#include "master/pass.h"

#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "ipc/channel.h"
#include "ipc/fdpass.h"
#include "unit.h"

#define WORKERS 2
#define SID_A "AAAAAAAAAAAAAAAAAAAA"
#define SID_B "BBBBBBBBBBBBBBBBBBBB"
#define SID_C "CCCCCCCCCCCCCCCCCCCC"
#define ADDRESS "192.0.2.1:4711"

/* What a fake worker has received last. */
struct heard {
	unsigned int type;	/* 0 = nothing */
	uint64_t tag;
	char sid[MSG_SID_LEN + 1];
	uint32_t generation;
	char bytes[64];
	size_t nfds;
	int fds[FDPASS_FDS_MAX];
};

static struct event_base *base;
static struct pass *pass;
static struct channel *channels[WORKERS + 1];
static int ends[WORKERS + 1];		/* the workers' */
static struct {
	int calls, fd;
	char address[MSG_NAME_MAX];
	char bytes[64];
} orphan;

static void
on_orphan(void *ctx, int fd, const char *address,
    const struct msg_bytes *bytes)
{
	(void)ctx;
	orphan.calls++;
	orphan.fd = fd;
	strcpy(orphan.address, address);
	memcpy(orphan.bytes, bytes->data, bytes->len);
	orphan.bytes[bytes->len] = '\0';
}

static struct {
	size_t n, worker;
	char address[MSG_NAME_MAX];
} adopted;

static void
on_adopted(void *ctx, size_t worker, const char *address, size_t n)
{
	(void)ctx;
	adopted.n += n;
	adopted.worker = worker;
	strcpy(adopted.address, address);
}

/* What a giver was told, and what a taker must know. */
static struct {
	size_t worker;
	uint64_t tag;
	uint32_t generation;	/* that somebody knows */
	size_t given_to;	/* a session that is not of today */
	uint32_t given_of;
} moved;

static void
on_confirmed(void *ctx, size_t worker, uint64_t tag)
{
	(void)ctx;
	moved.worker = worker;
	moved.tag = tag;
}

static bool
on_generation(void *ctx, size_t worker, uint32_t generation)
{
	(void)ctx;
	(void)worker;
	return generation == moved.generation;
}

static void
on_given(void *ctx, size_t worker, uint32_t generation)
{
	(void)ctx;
	moved.given_to = worker;
	moved.given_of = generation;
}

static void
on_message(void *ctx, const void *data, size_t len, int *fds, size_t nfds)
{
	(void)ctx;
	(void)data;
	(void)len;
	(void)fds;
	(void)nfds;
}

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static void
up(size_t worker)
{
	static const struct channel_handlers handlers = {
		on_message, on_gone
	};
	struct err err;
	int pair[2];

	ck_assert_int_eq(fdpass_pair(pair, &err), 0);
	ends[worker] = pair[1];
	channels[worker] = channel_new(base, pair[0], &handlers, NULL);
	ck_assert_ptr_nonnull(channels[worker]);
	pass_worker_up(pass, worker, channels[worker]);
}

/* How many sessions died with it. */
static size_t
down(size_t worker)
{
	size_t lost = pass_worker_down(pass, worker);

	channel_free(&channels[worker]);
	close(ends[worker]);
	ends[worker] = -1;
	return lost;
}

static void
setup(void)
{
	static const struct pass_handlers handlers = {
		on_orphan, on_adopted, on_confirmed, on_generation, on_given
	};

	base = event_base_new();
	pass = pass_new(WORKERS, &handlers, NULL);
	ck_assert_ptr_nonnull(pass);
	pass_generation(pass, 1);
	memset(&orphan, 0, sizeof(orphan));
	memset(&adopted, 0, sizeof(adopted));
	memset(&moved, 0, sizeof(moved));
	memset(ends, -1, sizeof(ends));
}

static void
teardown(void)
{
	size_t i;

	pass_free(&pass);
	for (i = 1; i <= WORKERS; i++) {
		channel_free(&channels[i]);
		if (ends[i] >= 0)
			close(ends[i]);
	}
	event_base_free(base);
}

/* A client: its own end; the other one goes into the house. */
static int
client(int *server_out)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    pair), 0);
	*server_out = pair[1];
	return pair[0];
}

static bool
is_closed(int fd)
{
	char c;

	return read(fd, &c, 1) == 0;
}

static int
give(const char *sid, const char *bytes)
{
	struct msg_session m = {
		.transport = MSG_WEBSOCKET,
		.address = ADDRESS,
		.nconns = 1,
		.conns = { { bytes, strlen(bytes) } }
	};
	int server, end = client(&server);

	strcpy(m.sid, sid);
	ck_assert_int_eq(pass_session(pass, &m, &server), 0);
	return end;
}

static int
route(const char *sid, const char *bytes)
{
	struct msg_route m = {
		.address = ADDRESS, .bytes = { bytes, strlen(bytes) }
	};
	int server, end = client(&server);

	strcpy(m.sid, sid);
	ck_assert_int_eq(pass_route(pass, &m, server), 0);
	return end;
}

/* What a worker finds in its channel now; its descriptors are closed. */
static struct heard
hear(size_t worker)
{
	static char data[FDPASS_BYTES_MAX];
	struct heard h = { 0 };
	struct msg_session s;
	struct msg_route r;
	struct msg_bytes bytes = { "", 0 };
	size_t len, i;

	if (fdpass_recv(ends[worker], data, sizeof(data), &len, h.fds,
	    &h.nfds) != FDPASS_OK)
		return h;
	h.type = msg_type(data, len);
	if (h.type == MSG_SESSION) {
		ck_assert_int_eq(msg_get_session(data, len, &s), 0);
		h.tag = s.tag;
		h.generation = s.generation;
		strcpy(h.sid, s.sid);
		bytes = s.conns[0];
	} else if (h.type == MSG_ROUTE) {
		ck_assert_int_eq(msg_get_route(data, len, &r), 0);
		h.tag = r.tag;
		strcpy(h.sid, r.sid);
		bytes = r.bytes;
	}
	memcpy(h.bytes, bytes.data, bytes.len);
	for (i = 0; i < h.nfds; i++)
		close(h.fds[i]);
	return h;
}

static void
expect(size_t worker, unsigned int type, const char *sid, const char *bytes)
{
	struct heard h = hear(worker);

	ck_assert_str_eq(msg_name(h.type), msg_name(type));
	ck_assert_str_eq(h.sid, sid);
	ck_assert_str_eq(h.bytes, bytes);
	ck_assert_uint_eq(h.nfds, 1);
}

static void
expect_nothing(size_t worker)
{
	ck_assert_uint_eq(hear(worker).type, 0);
}

START_TEST(gives_to_the_one_with_the_fewest)
{
	int a, b, c;

	up(1);
	up(2);
	a = give(SID_A, "a");
	b = give(SID_B, "b");
	ck_assert_uint_eq(pass_sessions(pass, 1), 1);
	ck_assert_uint_eq(pass_sessions(pass, 2), 1);
	pass_closed(pass, 2, hear(2).sid);
	c = give(SID_C, "c");
	ck_assert_uint_eq(pass_sessions(pass, 1), 1);
	ck_assert_uint_eq(pass_sessions(pass, 2), 1);
	close(a);
	close(b);
	close(c);
}
END_TEST

START_TEST(keeps_copies_until_adopted)
{
	struct heard h;
	int end;

	up(1);
	end = give(SID_A, "a");
	h = hear(1);	/* closes the taker's copy */
	ck_assert(!is_closed(end));
	pass_adopted(pass, 2, h.tag);	/* not its own */
	pass_adopted(pass, 1, h.tag + 1);
	ck_assert(!is_closed(end));
	ck_assert_uint_eq(adopted.n, 0);
	ck_assert_uint_le(pass_unadopted_since(pass, 1), clock_ms());
	pass_adopted(pass, 1, h.tag);
	ck_assert(is_closed(end));
	ck_assert_uint_eq(adopted.n, 1);
	ck_assert_uint_eq(adopted.worker, 1);
	ck_assert_str_eq(adopted.address, ADDRESS);
	ck_assert_uint_eq(pass_unadopted_since(pass, 1), UINT64_MAX);
	ck_assert(pass_knows(pass, SID_A));
	close(end);
}
END_TEST

START_TEST(counts_who_has_joined)
{
	int a, b;

	up(1);
	up(2);
	a = give(SID_A, "a");
	b = give(SID_B, "b");
	ck_assert_uint_eq(pass_unjoined(pass), 2);
	pass_joined(pass, 0, SID_C);
	pass_joined(pass, 2, SID_A);	/* not the owner */
	ck_assert_uint_eq(pass_unjoined(pass), 2);
	pass_joined(pass, 1, SID_A);
	pass_joined(pass, 0, SID_A);
	pass_joined(pass, 0, SID_B);
	ck_assert_uint_eq(pass_unjoined(pass), 0);
	pass_closed(pass, 1, SID_A);
	pass_closed(pass, 2, SID_B);
	ck_assert_uint_eq(pass_unjoined(pass), 0);
	close(a);
	close(b);
}
END_TEST

START_TEST(the_sid_finds_the_owner)
{
	int a, r;

	up(1);
	up(2);
	a = give(SID_A, "a");
	ck_assert(pass_knows(pass, SID_A));
	ck_assert(!pass_knows(pass, SID_B));
	r = route(SID_A, "GET /");
	expect(1, MSG_SESSION, SID_A, "a");
	expect(1, MSG_ROUTE, SID_A, "GET /");
	expect_nothing(2);
	pass_closed(pass, 2, SID_A);	/* not the owner */
	ck_assert(pass_knows(pass, SID_A));
	pass_closed(pass, 1, SID_A);
	ck_assert(!pass_knows(pass, SID_A));
	close(a);
	close(r);
}
END_TEST

START_TEST(routes_for_strangers_are_refused)
{
	struct msg_route m = { .sid = SID_A, .bytes = { "x", 1 } };
	int server, end = client(&server);

	up(1);
	ck_assert_int_eq(pass_route(pass, &m, server), -1);
	ck_assert(is_closed(end));
	close(end);
}
END_TEST

/* Not adopted = given again, unchanged and in order. */
START_TEST(death_before_adoption_loses_nothing)
{
	int a, r, b;

	up(1);
	a = give(SID_A, "a");
	r = route(SID_A, "GET /1");
	b = give(SID_B, "b");
	up(2);
	ck_assert_uint_eq(down(1), 0);
	expect(2, MSG_SESSION, SID_A, "a");
	expect(2, MSG_ROUTE, SID_A, "GET /1");
	expect(2, MSG_SESSION, SID_B, "b");
	expect_nothing(2);
	ck_assert_int_eq(orphan.calls, 0);
	ck_assert_uint_eq(pass_sessions(pass, 1), 0);
	ck_assert_uint_eq(pass_sessions(pass, 2), 2);
	close(a);
	close(r);
	close(b);
}
END_TEST

/* Adopted = dead: its sid is forgotten, what followed it is judged anew. */
START_TEST(death_after_adoption_kills_the_session)
{
	int a, r;

	up(1);
	up(2);
	a = give(SID_A, "a");
	pass_adopted(pass, 1, hear(1).tag);
	r = route(SID_A, "GET /1");
	ck_assert_uint_eq(down(1), 1);
	expect_nothing(2);
	ck_assert(!pass_knows(pass, SID_A));
	ck_assert_int_eq(orphan.calls, 1);
	ck_assert_str_eq(orphan.bytes, "GET /1");
	ck_assert_str_eq(orphan.address, ADDRESS);
	ck_assert(is_closed(a));
	ck_assert(!is_closed(r));
	close(orphan.fd);
	ck_assert(is_closed(r));
	close(a);
	close(r);
}
END_TEST

START_TEST(waits_while_no_worker_is_up)
{
	int a, r;

	a = give(SID_A, "a");
	r = route(SID_A, "GET /1");
	ck_assert(pass_knows(pass, SID_A));
	pass_expire(pass, 0);
	up(2);
	expect(2, MSG_SESSION, SID_A, "a");
	expect(2, MSG_ROUTE, SID_A, "GET /1");
	close(a);
	close(r);
}
END_TEST

START_TEST(does_not_wait_for_ever)
{
	int a, r;

	a = give(SID_A, "a");
	r = route(SID_A, "GET /1");
	pass_expire(pass, UINT64_MAX);
	ck_assert(!pass_knows(pass, SID_A));
	ck_assert(is_closed(a));
	ck_assert_int_eq(orphan.calls, 1);
	close(orphan.fd);
	close(a);
	close(r);
}
END_TEST

/* No worker takes an old generation, and the new one may lack it. */
START_TEST(gives_again_in_the_newest_generation)
{
	struct heard h;
	int a;

	up(1);
	a = give(SID_A, "a");
	h = hear(1);
	ck_assert_uint_eq(h.generation, 1);
	pass_generation(pass, 2);
	up(2);
	down(1);
	h = hear(2);
	ck_assert_uint_eq(h.generation, 2);
	ck_assert_str_eq(h.bytes, "a");
	close(a);
}
END_TEST

/* Who moves with an old generation has to hear what has gone since. */
START_TEST(tells_who_has_moved)
{
	struct msg_session m = { .tag = 5, .transport = MSG_WEBSOCKET,
	    .address = ADDRESS, .live = true, .generation = 1,
	    .sid = SID_A, .nconns = 1, .conns = { { "", 0 } } };
	int a, server, end = client(&server);
	struct heard h;

	up(1);
	a = give(SID_A, "a");
	pass_adopted(pass, 1, hear(1).tag);
	ck_assert_uint_eq(moved.given_to, 0);
	pass_generation(pass, 2);
	moved.generation = 1;
	up(2);
	pass_move(pass, 1, &m, &server);
	h = hear(2);
	ck_assert_uint_eq(h.generation, 1);
	ck_assert_uint_eq(moved.given_to, 2);
	ck_assert_uint_eq(moved.given_of, 1);
	close(a);
	close(end);
}
END_TEST

static bool
revise(void *ctx, struct msg_session *m)
{
	(void)ctx;
	m->conns[0] = (struct msg_bytes){ "b", 1 };
	return true;
}

/* What was sent is not to be mended; what will be is. */
START_TEST(gives_again_what_was_revised)
{
	int a;

	up(1);
	a = give(SID_A, "a");
	pass_revise(pass, revise, NULL);
	expect(1, MSG_SESSION, SID_A, "a");
	up(2);
	down(1);
	expect(2, MSG_SESSION, SID_A, "b");
	close(a);
}
END_TEST

START_TEST(new_sessions_wait_for_a_load)
{
	struct heard h;
	int a, b, r;

	up(1);
	a = give(SID_A, "a");
	expect(1, MSG_SESSION, SID_A, "a");
	pass_hold(pass, 3600 * 1000);
	b = give(SID_B, "b");
	r = route(SID_B, "GET /1");
	pass_expire(pass, 0);
	up(2);
	expect_nothing(1);
	expect_nothing(2);
	down(2);
	close(r);
	r = route(SID_A, "GET /2");
	expect(1, MSG_ROUTE, SID_A, "GET /2");
	pass_generation(pass, 2);
	pass_release(pass);
	h = hear(1);
	ck_assert_str_eq(h.sid, SID_B);
	ck_assert_uint_eq(h.generation, 2);
	expect(1, MSG_ROUTE, SID_B, "GET /1");

	pass_hold(pass, 0);
	close(a);
	a = give(SID_C, "c");
	expect_nothing(1);
	pass_expire(pass, 0);
	expect(1, MSG_SESSION, SID_C, "c");
	close(a);
	close(b);
	close(r);
}
END_TEST

/* A worker gives its session back, with two reply sockets. */
static int
move(size_t worker, const char *sid, uint32_t generation)
{
	struct msg_session m = {
		.tag = 77, .transport = MSG_WEBSOCKET, .address = ADDRESS,
		.generation = generation, .nconns = 1,
		.conns = { { "", 0 } }, .live = true, .nreplies = 2,
		.state = { "state", 5 }
	};
	int fds[3], end;

	strcpy(m.sid, sid);
	close(client(&fds[0]));
	close(client(&fds[1]));
	end = client(&fds[2]);
	ck_assert(pass_owns(pass, worker, sid));
	pass_worker_leaves(pass, worker);
	pass_move(pass, worker, &m, fds);
	return end;
}

/* An adopted session of worker 1, who is the only one yet. */
static void
live(const char *sid)
{
	up(1);
	close(give(sid, "a"));
	pass_adopted(pass, 1, hear(1).tag);
	memset(&adopted, 0, sizeof(adopted));
}

/* What follows the session goes the same way; its giver hears the end. */
START_TEST(moves_to_another_worker)
{
	struct heard h;
	int end;

	live(SID_A);
	ck_assert(!pass_can_leave(pass, 1));
	up(2);
	ck_assert(pass_can_leave(pass, 1));
	end = move(1, SID_A, 1);
	ck_assert(!pass_owns(pass, 1, SID_A));
	ck_assert_uint_eq(pass_sessions(pass, 2), 1);
	close(route(SID_A, "b"));
	h = hear(2);
	ck_assert_str_eq(h.sid, SID_A);
	ck_assert_uint_eq(h.nfds, 3);
	ck_assert_uint_ne(h.tag, 77);
	expect(2, MSG_ROUTE, SID_A, "b");
	expect_nothing(1);
	ck_assert_uint_eq(moved.worker, 0);
	pass_adopted(pass, 2, h.tag);
	ck_assert_uint_eq(moved.worker, 1);
	ck_assert_uint_eq(moved.tag, 77);
	ck_assert_uint_eq(adopted.n, 1);
	ck_assert_uint_eq(adopted.worker, 2);
	ck_assert(is_closed(end));
	close(end);
}
END_TEST

/* The giver is dead: who took it has it.  The taker is: another gets it. */
START_TEST(death_on_the_way_loses_no_session)
{
	struct heard h;
	int end;

	live(SID_A);
	up(2);
	end = move(1, SID_A, 1);
	h = hear(2);
	down(1);
	ck_assert(pass_knows(pass, SID_A));
	up(1);
	down(2);
	h = hear(1);
	ck_assert_str_eq(h.sid, SID_A);
	ck_assert_uint_eq(h.nfds, 3);
	pass_adopted(pass, 1, h.tag);
	ck_assert_uint_eq(moved.worker, 0);
	ck_assert(pass_owns(pass, 1, SID_A));
	ck_assert(is_closed(end));
	close(end);
}
END_TEST

/* The last one leaves: it waits for a worker that is to come. */
START_TEST(moves_when_a_worker_comes)
{
	live(SID_A);
	close(move(1, SID_A, 1));
	close(route(SID_A, "b"));
	expect_nothing(1);
	up(2);
	ck_assert_str_eq(hear(2).sid, SID_A);
	expect(2, MSG_ROUTE, SID_A, "b");
}
END_TEST

/* It keeps its generation while there is one. */
START_TEST(moves_with_its_generation)
{
	struct heard h;

	live(SID_A);
	up(2);
	pass_generation(pass, 3);
	moved.generation = _i == 0 ? 1 : 2;
	close(move(1, SID_A, 1));
	ck_assert(pass_gives(pass, 2, _i == 0 ? 1 : 3));
	h = hear(2);
	ck_assert_uint_eq(h.generation, _i == 0 ? 1 : 3);
	pass_adopted(pass, 2, h.tag);
	ck_assert(!pass_gives(pass, 2, h.generation));
}
END_TEST

START_TEST(gives_up_what_kills_its_takers)
{
	int a, i;

	up(1);
	a = give(SID_A, "a");
	for (i = 0; i < 3; i++) {
		ck_assert(!is_closed(a));
		down(1);
		up(1);
	}
	expect_nothing(1);
	ck_assert(!pass_knows(pass, SID_A));
	ck_assert(is_closed(a));
	close(a);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("pass");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, gives_to_the_one_with_the_fewest);
	tcase_add_test(t, keeps_copies_until_adopted);
	tcase_add_test(t, counts_who_has_joined);
	tcase_add_test(t, the_sid_finds_the_owner);
	tcase_add_test(t, routes_for_strangers_are_refused);
	tcase_add_test(t, death_before_adoption_loses_nothing);
	tcase_add_test(t, death_after_adoption_kills_the_session);
	tcase_add_test(t, waits_while_no_worker_is_up);
	tcase_add_test(t, does_not_wait_for_ever);
	tcase_add_test(t, gives_again_in_the_newest_generation);
	tcase_add_test(t, tells_who_has_moved);
	tcase_add_test(t, gives_again_what_was_revised);
	tcase_add_test(t, new_sessions_wait_for_a_load);
	tcase_add_test(t, moves_to_another_worker);
	tcase_add_test(t, death_on_the_way_loses_no_session);
	tcase_add_test(t, moves_when_a_worker_comes);
	tcase_add_loop_test(t, moves_with_its_generation, 0, 2);
	tcase_add_test(t, gives_up_what_kills_its_takers);
	return unit_run("pass", t);
}
