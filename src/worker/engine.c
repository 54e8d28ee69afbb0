/*
 * The Engine.IO machine: packets by type and by what they came by, the
 * heartbeat, the upgrade.
 */
#include "worker/engine.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/conn.h"
#include "worker/session.h"
#include "worker/socketio.h"

/* While the client tries an upgrade, its polls must not wait (U2). */
#define NOOP_MS 100

/* Timers may be so late; how long a client may be silent does not grow. */
#define LATE_MS 10

enum via { VIA_POLLING, VIA_WEBSOCKET, VIA_PROBE, VIAS };

static const char *const via_names[] = {
	[VIA_POLLING] = "polling", [VIA_WEBSOCKET] = "websocket",
	[VIA_PROBE] = "probe"
};
_Static_assert(sizeof(via_names) / sizeof(via_names[0]) == VIAS,
    "each way has a name");

static uint64_t
in_ms(int64_t ms)
{
	return clock_ms() + (uint64_t)ms;
}

/* ---- heartbeat ----------------------------------------------------------- */

/*
 * The client has shown itself at now_ms.  Either we ping it next, or its own
 * ping is due, and nothing else stands for that.
 */
static void
expect(struct session *s, uint64_t now_ms)
{
	const struct conf *conf = session_conf(s);

	s->beat_due = s->extended = s->revision->client_pings;
	s->beat_ms = now_ms + (uint64_t)conf->socketio.ping_interval_ms;
	if (s->beat_due)
		s->beat_ms += (uint64_t)conf->socketio.ping_timeout_ms;
}

void
engine_start(struct session *s)
{
	const struct conf *conf = session_conf(s);

	expect(s, s->opened_ms);
	s->end_ms = s->opened_ms +
	    (uint64_t)conf->socketio.connect_timeout_ms;
	s->end_reason = CLOSE_NO_NAMESPACE;
	session_wake(s, engine_due(s));
}

void
engine_ping(struct session *s)
{
	s->pinged_ms = clock_ms();
	if (s->revision->client_pings) {
		expect(s, s->pinged_ms);
	} else {
		s->beat_due = true;
		s->extended = false;
		s->beat_ms = in_ms(session_conf(s)->socketio.ping_timeout_ms);
	}
	session_wake(s, s->beat_ms);
	output_ping(s);
}

/* Something came: a pong that is due may take a little longer, once (B3). */
static void
alive(struct session *s)
{
	if (!s->beat_due || s->extended)
		return;
	s->extended = true;
	s->beat_ms = in_ms(session_conf(s)->socketio.ping_timeout_ms);
}

static void
heard(struct session *s)
{
	expect(s, clock_ms());
	session_wake(s, s->beat_ms);
}

void
engine_connected(struct session *s)
{
	s->end_ms = 0;
}

/* ---- upgrade ------------------------------------------------------------- */

/* The probe becomes the websocket; what waits for the client goes to it. */
static void
take_over(struct session *s)
{
	if (s->poll != NULL)
		http_poll_answer_text(s->poll, "6");
	s->transport = EIO_WEBSOCKET;
	s->ws = s->probe;
	s->base64 = s->probe_base64;
	s->probe = NULL;
	s->probed = s->switching = false;
	if (s->beat_due)
		heard(s);
	log_debug("session %.6s: upgraded", s->sid);
	output_pump(s);
}

void
engine_probe(struct session *s, struct conn *c, bool base64)
{
	s->probe = c;
	s->probe_base64 = base64;
	s->probed = false;
	s->upgrade_ms = in_ms(session_conf(s)->socketio.upgrade_timeout_ms);
	session_wake(s, s->upgrade_ms);
}

void
engine_probe_lost(struct session *s)
{
	s->probe = NULL;
	s->probed = s->switching = false;
	log_debug("session %.6s: not upgraded: the websocket is gone",
	    s->sid);
	output_pump(s);
}

static void
probe_refuse(struct session *s, const char *why)
{
	log_debug("session %.6s: not upgraded: %s", s->sid, why);
	websocket_close(s->probe, WS_CLOSE_EMPTY);
	s->probe = NULL;
	s->probed = s->switching = false;
	output_pump(s);
}

void
engine_stream_ended(struct session *s)
{
	if (s->switching)
		take_over(s);
	session_wake(s, engine_due(s));
}

/* ---- time ---------------------------------------------------------------- */

/* A ping cannot go into a message that is half way out. */
static bool
beats(const struct session *s)
{
	return s->beat_due || !output_streaming(s);
}

uint64_t
engine_due(const struct session *s)
{
	uint64_t due = UINT64_MAX;

	if (beats(s))
		due = s->beat_ms;
	if (s->end_ms != 0 && s->end_ms < due)
		due = s->end_ms;
	if (s->probe != NULL && s->upgrade_ms < due)
		due = s->upgrade_ms;
	if (s->probed && clock_ms() + NOOP_MS < due)
		due = clock_ms() + NOOP_MS;
	return due;
}

bool
engine_silent(struct session *s)
{
	if (s->state != SESSION_OPEN || !s->beat_due ||
	    clock_ms() < s->beat_ms)
		return false;
	session_close(s, s->revision->client_pings ? CLOSE_PING : CLOSE_PONG);
	return true;
}

void
engine_tick(struct session *s, uint64_t now_ms)
{
	uint64_t late_ms;

	if (s->probe != NULL && now_ms >= s->upgrade_ms)
		probe_refuse(s, "it took too long");
	if (s->probed && s->poll != NULL && !output_streaming(s))
		http_poll_answer_text(s->poll, "6");
	if (s->end_ms != 0 && now_ms >= s->end_ms) {
		session_close(s, s->end_reason);
		return;
	}
	if (engine_silent(s))
		return;
	if (now_ms >= s->beat_ms && beats(s)) {
		late_ms = now_ms - s->beat_ms;
		engine_ping(s);
		if (late_ms <= LATE_MS)
			s->beat_ms -= late_ms;
		output_pump(s);
	}
	if (s->state == SESSION_OPEN)
		session_wake(s, engine_due(s));
}

/* ---- packets ------------------------------------------------------------- */

typedef void handler(struct session *s, const struct eio_packet *p);

static void
on_nothing(struct session *s, const struct eio_packet *p)
{
	(void)s;
	(void)p;
}

static void
on_close(struct session *s, const struct eio_packet *p)
{
	(void)p;
	session_close(s, CLOSE_CLIENT);
}

static void
on_wrong(struct session *s, const struct eio_packet *p)
{
	(void)p;
	session_close(s, CLOSE_PACKET);
}

/* Whose part is it to ping?  An answer keeps its place behind other packets. */
static void
on_ping(struct session *s, const struct eio_packet *p)
{
	static char beat[] = "3";
	const struct buf pong = { .data = beat, .len = 1 };

	if (!s->revision->client_pings) {
		on_wrong(s, p);
		return;
	}
	heard(s);
	output_text(s, &pong);
}

static void
on_pong(struct session *s, const struct eio_packet *p)
{
	if (s->revision->client_pings)
		on_wrong(s, p);
	else
		heard(s);
}

static void
on_message(struct session *s, const struct eio_packet *p)
{
	if (p->binary)
		socketio_binary(s, p->data.p, p->data.len);
	else
		socketio_text(s, p->data.p, p->data.len);
}

static void
on_probe_wrong(struct session *s, const struct eio_packet *p)
{
	(void)p;
	probe_refuse(s, "its websocket said something else");
}

static void
on_probe_ping(struct session *s, const struct eio_packet *p)
{
	static const char pong[] = "3probe";

	if (!slice_is(&p->data, "probe")) {
		probe_refuse(s, "its websocket sent another ping");
		return;
	}
	websocket_text(s->probe, pong, strlen(pong));
	s->probed = true;
	session_wake(s, engine_due(s));
}

static void
on_probe_upgrade(struct session *s, const struct eio_packet *p)
{
	(void)p;
	/* A message that is half way out ends where it began. */
	if (output_streaming(s))
		s->switching = true;
	else
		take_over(s);
}

static handler *const handlers[EIO_TYPES][VIAS] = {
	[EIO_OPEN] = { on_nothing, on_nothing, on_probe_wrong },
	[EIO_CLOSE] = { on_close, on_close, on_probe_wrong },
	[EIO_PING] = { on_ping, on_ping, on_probe_ping },
	[EIO_PONG] = { on_pong, on_pong, on_probe_wrong },
	[EIO_MESSAGE] = { on_message, on_message, on_probe_wrong },
	[EIO_UPGRADE] = { on_nothing, on_nothing, on_probe_upgrade },
	[EIO_NOOP] = { on_nothing, on_nothing, on_probe_wrong }
};

static void
take(struct session *s, enum via via, const struct eio_packet *p)
{
	log_debug("session %.6s: %s by %s", s->sid, eio_type_name(p->type),
	    via_names[via]);
	if (via != VIA_PROBE)
		alive(s);
	handlers[p->type][via](s, p);
}

static void
no_packet(struct session *s, enum via via)
{
	if (via == VIA_PROBE)
		probe_refuse(s, "its websocket sent no packet");
	else
		session_close(s, CLOSE_PACKET);
}

static void
take_text(struct session *s, enum via via, char *text, size_t len)
{
	struct eio_packet p;

	if (s->revision->text_read(text, len, &p) == 0)
		take(s, via, &p);
	else
		no_packet(s, via);
}

static void
take_bytes(struct session *s, enum via via, const char *bytes, size_t len)
{
	struct eio_packet p;

	if (s->revision->bytes_read(bytes, len, &p) == 0)
		take(s, via, &p);
	else
		no_packet(s, via);
}

static enum via
via_of(const struct session *s, const struct conn *c)
{
	return c == s->probe ? VIA_PROBE : VIA_WEBSOCKET;
}

void
engine_text(struct session *s, struct conn *c, char *text, size_t len)
{
	take_text(s, via_of(s, c), text, len);
}

void
engine_binary(struct session *s, struct conn *c, const char *data, size_t len)
{
	take_bytes(s, via_of(s, c), data, len);
}

bool
engine_payload(struct session *s, enum eio_form form, char *payload,
    size_t len, size_t *pos)
{
	struct slice record;
	bool binary;

	while (s->state == SESSION_OPEN) {
		if (engine_is_waiting(s))
			return false;
		if (!eio_record_next(form, payload, len, pos, &record,
		    &binary))
			break;
		if (binary)
			take_bytes(s, VIA_POLLING, record.p, record.len);
		else
			take_text(s, VIA_POLLING,
			    payload + (record.p - payload), record.len);
	}
	return true;
}

bool
engine_is_waiting(const struct session *s)
{
	return s->auth_serial != 0;
}
