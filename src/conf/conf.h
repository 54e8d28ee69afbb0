/*
 * The configuration: one struct, filled by one table (conf_table.c) with one
 * row per setting: key, type, unit, range, default, reloadable, secret, and
 * the roles that may know it.
 *
 * The same struct is what a role gets as its sealed view: there, everything
 * that the role may not know is empty.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

/* Names of keys, namespaces and collectors, with the terminator. */
#define CONF_NAME_MAX 128

/* The largest max_running: more collectors than a house has. */
#define CONF_RUNNING_MAX 1000

enum conf_role {		/* a bit each, for the table's rows */
	CONF_MASTER = 1,
	CONF_WORKER = 2,
	CONF_COLLECTOR = 4
};

enum conf_auth { CONF_AUTH_PSK, CONF_AUTH_NONE };

struct conf_list {		/* of NUL-terminated strings */
	size_t n;
	char **v;
};

/* One client's key.  psk is NULL in every view but the master's. */
struct conf_key {
	char *name;
	char *psk;
	char *psk_file;		/* where psk is read from; the loader's only */
	struct conf_list allow;	/* event names; "*" = all */
	int64_t max_running;	/* at once, in all workers; 0 = any */
	unsigned int line;	/* in the conf file; the loader's only */
};

/* A file that the loader has read and checked. */
struct conf_file {
	char *name;	/* collector: the event name; schema: its base name */
	char *path;	/* for messages */
	char *text;	/* NUL-terminated; NULL where only the name is told */
	size_t len;
	bool refused;	/* a collector: its file is faulty, text is NULL */
	bool coalesce;	/* of a collector, set by the loader: requests may
			 * share an answer */
	int64_t max_running;	/* of a collector: at once, in all workers;
				 * set by the loader, 0 = any */
	/* Of a collector in C, set by the loader: */
	bool plugin, connects;	/* it is one; it hears of connecting clients */
	struct conf_list namespaces;	/* where it serves; none = all */
};

struct conf {
	/* Where the settings come from, for faults; in the master's view. */
	char *file;			/* as given; NULL = the environment */
	unsigned int *lines;		/* see conf_line(); may be NULL */

	/* top level */
	struct conf_list listen;	/* see conf_address_read() */
	int64_t workers;		/* 0 = one per core */
	int64_t share_cpus;		/* 1: each worker has its own part */
	char *user;			/* NULL = stay who we are */
	char *log_file;			/* NULL = standard error or syslog */
	int64_t log_level;		/* enum log_level */
	char *pid_file;			/* NULL = none */
	char *control;			/* path of a socket; NULL = none */
	struct conf_list trusted_proxies;	/* addresses, networks */

	struct {			/* socketio { } */
		char *path;		/* "/socket.io/" */
		struct conf_list namespaces;	/* "/" ... */
		int64_t auth;		/* enum conf_auth */
		int64_t ping_interval_ms;
		int64_t ping_timeout_ms;
		int64_t connect_timeout_ms;	/* without a namespace */
		int64_t upgrade_timeout_ms;
		int64_t max_payload_bytes;	/* one message or body in */
		struct conf_list cors_origins;	/* "*" = every origin */
		char *client_bundle;	/* path of a folder; NULL = none */
		int64_t allow_eio3;	/* 1 = serve Engine.IO 3, too */
	} socketio;

	struct {			/* compression { } */
		int64_t websocket;	/* 1 = permessage-deflate */
		int64_t http;		/* 1 = answers to polls */
		int64_t threshold_bytes;	/* less is sent as it is */
		int64_t level;
	} compression;

	struct {			/* database { } */
		char *url;		/* secret; collectors only */
		char *schema;		/* path */
		char *collectors;	/* path of the folder */
		char *folder;		/* what a file in url is relative to:
					 * the conf's, or the working one
					 * for DATABASE_URL */
		int64_t connections;	/* collectors per worker */
		int64_t connect_timeout_ms;
		int64_t reconnect_min_ms;	/* pause, doubling */
		int64_t reconnect_max_ms;
		int64_t query_timeout_ms;
		int64_t max_rows;		/* of an answer; 0 = none */
		int64_t max_result_bytes;	/* of an answer; 0 = none */
		int64_t max_binary_answer_bytes;
	} database;

	struct {			/* limits { } */
		int64_t connections;		/* of all; 0 = no limit */
		int64_t connections_per_address;
		int64_t handshakes;	/* sessions without a namespace */
		int64_t handshakes_per_second;	/* of an address */
		int64_t failures_per_second;	/* of an address */
		int64_t head_bytes;		/* of an HTTP request head */
		int64_t head_timeout_ms;	/* first byte to end of head */
		int64_t body_timeout_ms;	/* end of head to end of body */
		int64_t idle_timeout_ms;	/* between two requests */
		int64_t handshake_bytes;	/* in the master, a session */
		int64_t handshake_total_bytes;	/* the same, all sessions */
		int64_t payload_packets;	/* in one polling body */
		int64_t waiting_bytes;	/* in and out, of one session */
		int64_t requests;	/* in flight and waiting, a session */
		int64_t queue_length;	/* requests waiting, a worker */
		int64_t queue_timeout_ms;
		int64_t cancel_grace_ms;
		int64_t stall_timeout_ms;	/* output that does not move */
		int64_t unread_timeout_ms;	/* the same while others wait */
		int64_t drain_time_ms;	/* at SIGTERM: telling clients to go */
		int64_t drain_timeout_ms;	/* for requests behind it */
		int64_t takeover_timeout_ms;	/* for the binary before */
		int64_t start_timeout_ms;	/* of a child, until READY */
		int64_t move_timeout_ms;	/* of a session, to rest */
		int64_t worker_requests;	/* then it is replaced; 0 =
						 * never */
		int64_t worker_age_ms;		/* the same */
		int64_t respawn_min_ms;		/* throttle, doubling */
		int64_t respawn_max_ms;
		int64_t stream_bytes;	/* answers above it are streamed */
		int64_t json_depth;
		int64_t include_depth;
		int64_t batch_rows;	/* of parents, at once in memory */
		int64_t batch_bytes;	/* of rows, at once in memory */
		int64_t statements;	/* prepared, kept by a collector */
		int64_t plans;		/* kept by a collector; 0 = none */
		int64_t plan_bytes;	/* of them */
		int64_t collector_memory_bytes;	/* 0 = no limit */
		int64_t collector_requests;	/* in a life; 0 = any */
		int64_t collector_recycle_bytes;	/* 0 = any */
		int64_t poison_deaths;	/* by one request; 0 = any */
		int64_t poison_time_ms;
	} limits;

	struct {			/* plugins { }: names of collectors */
		struct conf_list programs;	/* may start and signal */
		struct conf_list files;		/* may rename, link, ... */
		struct conf_list listen;	/* may accept connections */
		int64_t max_emits;		/* of one call */
	} plugins;

	struct conf_key *keys;
	size_t nkeys;
	struct conf_file schema;	/* text: collectors only */
	struct conf_file *collectors;	/* text: collectors only */
	size_t ncollectors;
	bool greets;			/* one of them hears of who connects */
	struct conf_file *bundle;	/* of client_bundle; master only */
	size_t nbundle;
};

/* A line of what is wrong: "FILE:LINE: what".  Owned by the list. */
struct conf_faults {
	size_t count;		/* also those that memory had no room for */
	size_t refused;		/* the same of collectors that are left out,
				 * which is no fault of the configuration */
	struct conf_list lines;	/* of both */
};

/* What the environment says; each may be NULL or empty. */
struct conf_env {
	const char *database_url;
	const char *psk;
	const char *port;
};

/* Defaults of the table, no keys, no files.  0, or -1: out of memory. */
int conf_init(struct conf *c) MUST_CHECK;
/* Free everything; secrets are overwritten first.  NULL-safe fields. */
void conf_fini(struct conf *c);
/* Free n files and the list of them, which somebody took out of a conf. */
void conf_files_free(struct conf_file *files, size_t n);

/*
 * Read a conf file (conf_file.c), or its text, over the defaults.  Faults are
 * appended to faults: the first of syntax or name, and all of value.  0, or
 * -1 when there was any.  Not for two threads: libconfuse has globals.
 */
int conf_read(struct conf *c, const char *path, struct conf_faults *faults)
    MUST_CHECK;
int conf_read_text(struct conf *c, const char *path, const char *text,
    size_t len, struct conf_faults *faults) MUST_CHECK;

/*
 * Lay the environment over it, make paths absolute (relative ones begin at
 * the file's folder), read psk_file, schema, collectors and client bundle from
 * disk (conf_finish.c), and check what only the whole can show: a key, a
 * database url.  Without a file, schema and collectors are those of the source
 * tree that the program stands in, or the installed ones.  The content of
 * schema and collector files is not judged here.  0, or -1 with the faults.
 */
int conf_finish(struct conf *c, const struct conf_env *env,
    struct conf_faults *faults) MUST_CHECK;

/*
 * Encode exactly what role may know into an empty buffer; decode it.  0 or
 * -1 (out of memory; decode: not a view).
 */
int conf_view_put(const struct conf *c, enum conf_role role, struct buf *out)
    MUST_CHECK;
int conf_view_get(struct conf *c, const char *data, size_t len,
    struct err *err) MUST_CHECK;

/*
 * Add "FILE:LINE: text" (line 0: without it; file NULL: text alone).  Out of
 * memory loses the line, not the count.
 */
void conf_fault(struct conf_faults *f, const char *file, unsigned int line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same of a file of the collectors: only its event is left out. */
void conf_refuse(struct conf_faults *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void conf_faults_fini(struct conf_faults *f);

/*
 * The line that a setting was read from, which is named by the address of its
 * member in c (&c->database.url); 0 = not from the file.
 */
unsigned int conf_line(const struct conf *c, const void *setting);

/* conf_fault() at the place where that setting was read. */
void conf_fault_at(struct conf_faults *f, const struct conf *c,
    const void *setting, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Tell the name ("database.connections") of each setting in which two views
 * of one role differ although a reload does not change it.
 */
void conf_tell_fixed(const struct conf *was, const struct conf *is,
    void (*tell)(void *ctx, const char *name), void *ctx);

/*
 * A listen address: "*:3000" (both families), "127.0.0.1:3000", "[::1]:3000",
 * or a port alone, which means "*:".  Port 0 is any free one.  0, or -1 when
 * it is none.
 */
struct conf_address {
	bool any;			/* host was "*" */
	char host[46];			/* in numbers, without brackets */
	bool ipv6;
	uint16_t port;
};
int conf_address_read(const char *text, struct conf_address *out) MUST_CHECK;

/* Is a file of this name, in the folder of the collectors, one of them? */
bool conf_is_collector(const char *file);

/* Is name in the list, or "*" ? */
bool conf_list_has(const struct conf_list *l, const char *name);

/* The key of that name in any view; NULL when there is none. */
const struct conf_key *conf_key_by_name(const struct conf *c,
    const char *name);

#endif
