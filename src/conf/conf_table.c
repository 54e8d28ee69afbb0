/*
 * The rows.  Who may know what is decided here and nowhere else: a role's
 * view has exactly the rows with its bit.
 */
#include "conf/conf_table.h"

#include <string.h>

#include "conf/conf_check.h"

/* The roles of a row. */
#define M CONF_MASTER
#define W CONF_WORKER
#define C CONF_COLLECTOR
#define LOADER_ONLY 0

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define K INT64_C(1024)
#define MEG (1024 * K)
#define GIG (1024 * MEG)

/*
 * Where a member is.  A member of a type that is not the kind's does not
 * compile, because _Generic then has nothing to choose.
 */
#define AT(of, member_, type)						\
	.member = #member_, .offset = offsetof(of, member_) +		\
	    _Generic(((of *)0)->member_, type: 0u)

#define STRING(m)	.kind = CONF_STRING, AT(struct conf, m, char *)
#define PATH(m)		.kind = CONF_PATH, AT(struct conf, m, char *)
#define LIST(m)		.kind = CONF_LIST, AT(struct conf, m, struct conf_list)
#define NUMBER(k, m)	.kind = k, AT(struct conf, m, int64_t)
#define INT(m, u)	.unit = u, NUMBER(CONF_INT, m)
#define DURATION(m)	NUMBER(CONF_DURATION, m)
#define SIZE(m)		NUMBER(CONF_SIZE, m)
#define ENUM(m, n)	.names = n, NUMBER(CONF_ENUM, m)
#define KEY_STRING(m)	.kind = CONF_STRING, AT(struct conf_key, m, char *)
#define KEY_PATH(m)	.kind = CONF_PATH, AT(struct conf_key, m, char *)
#define KEY_LIST(m)	.kind = CONF_LIST, \
	AT(struct conf_key, m, struct conf_list)
#define KEY_INT(m, u)	.unit = u, .kind = CONF_INT, \
	AT(struct conf_key, m, int64_t)

static const char *const truth_names[] = { "false", "true", NULL };

static const char *const auth_names[] = {
	[CONF_AUTH_PSK] = "psk", [CONF_AUTH_NONE] = "none", NULL
};

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info", [LOG_LEVEL_DEBUG] = "debug", NULL
};

const struct conf_row conf_table[] = {
	{ "", "listen", LIST(listen), "*:3000", 1,
	  .check = conf_check_address, .reloadable = true, .roles = M,
	  .meaning = "addresses to listen on" },
	{ "", "workers", INT(workers, "processes"), "2", 0, 64,
	  .reloadable = true, .roles = M | W | C,
	  .meaning = "session processes; 0 = one per core" },
	{ "", "share_cpus", ENUM(share_cpus, truth_names), "true",
	  .reloadable = true, .roles = W | C,
	  .meaning = "each worker keeps to its part of the CPUs" },
	{ "", "user", STRING(user), NULL,
	  .roles = M,
	  .meaning = "whom to become when started as root" },
	{ "", "log_file", PATH(log_file), NULL,
	  .reloadable = true, .roles = M,
	  .meaning = "where log lines go" },
	{ "", "log_level", ENUM(log_level, level_names), "info",
	  .reloadable = true, .roles = M | W | C,
	  .meaning = "the least important line that is written" },
	{ "", "pid_file", PATH(pid_file), NULL,
	  .roles = M,
	  .meaning = "where the master writes its process id" },
	{ "", "control", PATH(control), "dalpuri.control",
	  .roles = M,
	  .meaning = "the socket of dalpurictl" },
	{ "", "trusted_proxies", LIST(trusted_proxies), NULL,
	  .check = conf_check_network, .reloadable = true, .roles = M,
	  .meaning = "proxies whose X-Forwarded-For is believed" },

	{ "socketio", "path", STRING(socketio.path), "/socket.io/",
	  .check = conf_check_path, .reloadable = true, .roles = M | W,
	  .meaning = "path of the endpoint" },
	{ "socketio", "namespaces", LIST(socketio.namespaces), "/", 1,
	  .check = conf_check_namespace, .reloadable = true, .roles = M | W,
	  .meaning = "namespaces that clients may join" },
	{ "socketio", "auth", ENUM(socketio.auth, auth_names), "psk",
	  .reloadable = true, .roles = M | W,
	  .meaning = "whether a key is asked for" },
	{ "socketio", "ping_interval", DURATION(socketio.ping_interval_ms),
	  "25s", 100, 10 * MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time between two pings" },
	{ "socketio", "ping_timeout", DURATION(socketio.ping_timeout_ms),
	  "20s", 100, 10 * MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time that a pong may take" },
	{ "socketio", "connect_timeout", DURATION(socketio.connect_timeout_ms),
	  "45s", 500, 10 * MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time that a session may be without a namespace" },
	{ "socketio", "upgrade_timeout", DURATION(socketio.upgrade_timeout_ms),
	  "10s", 100, 10 * MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time from probe to upgrade" },
	{ "socketio", "max_payload", SIZE(socketio.max_payload_bytes),
	  "1000000", 100, 64 * MEG, .reloadable = true, .roles = M | W,
	  .meaning = "one message or body from a client" },
	{ "socketio", "cors_origins", LIST(socketio.cors_origins), "*",
	  .check = conf_check_origin, .reloadable = true, .roles = M | W,
	  .meaning = "origins that browsers may come from" },
	{ "socketio", "client_bundle", PATH(socketio.client_bundle), NULL,
	  .reloadable = true, .roles = LOADER_ONLY,
	  .meaning = "a folder with the client's files for browsers" },
	{ "socketio", "allow_eio3", ENUM(socketio.allow_eio3, truth_names),
	  "false", .reloadable = true, .roles = M | W,
	  .meaning = "whether Socket.IO 2 clients are served" },

	{ "compression", "websocket",
	  ENUM(compression.websocket, truth_names), "false",
	  .reloadable = true, .roles = M | W,
	  .meaning = "whether permessage-deflate is agreed to" },
	{ "compression", "http", ENUM(compression.http, truth_names), "true",
	  .reloadable = true, .roles = W,
	  .meaning = "whether answers to polls are compressed" },
	{ "compression", "threshold", SIZE(compression.threshold_bytes),
	  "1K", 0, GIG, .reloadable = true, .roles = W,
	  .meaning = "size below which nothing is compressed" },
	{ "compression", "level", INT(compression.level, "levels"), "4", 1, 9,
	  .reloadable = true, .roles = W,
	  .meaning = "work done for fewer bytes" },

	{ "database", "url", STRING(database.url), NULL,
	  .reloadable = true, .secret = true, .roles = C,
	  .meaning = "where the database is" },
	{ "database", "schema", PATH(database.schema), "schema.prisma",
	  .reloadable = true, .roles = LOADER_ONLY,
	  .meaning = "the Prisma schema" },
	{ "database", "collectors", PATH(database.collectors), "collectors",
	  .reloadable = true, .roles = M,
	  .meaning = "the folder of the collector files" },
	{ "database", "connections", INT(database.connections, "connections"),
	  "2", 1, 64, .reloadable = true, .roles = M | W,
	  .meaning = "collectors of each worker" },
	{ "database", "connect_timeout", DURATION(database.connect_timeout_ms),
	  "5s", 100, 10 * MINUTE, .reloadable = true, .roles = C,
	  .meaning = "time that connecting may take" },
	{ "database", "reconnect_min", DURATION(database.reconnect_min_ms),
	  "250ms", 10, MINUTE, .reloadable = true, .roles = C,
	  .meaning = "first pause before a lost database is tried again" },
	{ "database", "reconnect_max", DURATION(database.reconnect_max_ms),
	  "3s", 10, 10 * MINUTE, .reloadable = true, .roles = C,
	  .meaning = "longest such pause" },
	{ "database", "query_timeout", DURATION(database.query_timeout_ms),
	  "30s", 100, 10 * MINUTE, .reloadable = true, .roles = M | W | C,
	  .meaning = "time from start to end of a request" },
	{ "database", "max_rows", INT(database.max_rows, "rows"),
	  "0", 0, INT64_C(1000000000000), .reloadable = true, .roles = C,
	  .meaning = "rows of an answer; 0 = no limit" },
	{ "database", "max_result_bytes", SIZE(database.max_result_bytes),
	  "100M", 0, 1024 * GIG, .reloadable = true, .roles = W | C,
	  .meaning = "size of an answer; 0 = no limit" },
	{ "database", "max_binary_answer",
	  SIZE(database.max_binary_answer_bytes),
	  "16M", K, GIG, .reloadable = true, .roles = W | C,
	  .meaning = "size of an answer with Bytes, which is held in memory" },

	{ "limits", "connections", INT(limits.connections, "connections"),
	  "0", 0, 10000000, .reloadable = true, .roles = M,
	  .meaning = "connections of all clients; 0 = no limit" },
	{ "limits", "connections_per_address",
	  INT(limits.connections_per_address, "connections"),
	  "0", 0, 10000000, .reloadable = true, .roles = M,
	  .meaning = "connections of one address; 0 = no limit" },
	{ "limits", "handshakes", INT(limits.handshakes, "sessions"),
	  "250000", 0, 10000000, .reloadable = true, .roles = M,
	  .meaning = "sessions that have joined no namespace; 0 = no limit" },
	{ "limits", "handshakes_per_second",
	  INT(limits.handshakes_per_second, "handshakes"),
	  "0", 0, 1000000, .reloadable = true, .roles = M,
	  .meaning = "new sessions of one address; 0 = no limit" },
	{ "limits", "failures_per_second",
	  INT(limits.failures_per_second, "failures"),
	  "0", 0, 1000000, .reloadable = true, .roles = M,
	  .meaning = "wrong keys of one address; 0 = no limit" },
	{ "limits", "head_bytes", SIZE(limits.head_bytes),
	  "16K", K, 16 * K, .reloadable = true, .roles = M | W,
	  .meaning = "head of an HTTP request" },
	{ "limits", "head_timeout", DURATION(limits.head_timeout_ms),
	  "10s", 100, 10 * MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time from the first byte to the end of a head" },
	{ "limits", "body_timeout", DURATION(limits.body_timeout_ms),
	  "30s", 100, 10 * MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time from the end of a head to the end of its body" },
	{ "limits", "idle_timeout", DURATION(limits.idle_timeout_ms),
	  "5s", 100, 10 * MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time between two requests of a connection" },
	{ "limits", "handshake_bytes", SIZE(limits.handshake_bytes),
	  "128K", 4 * K, 128 * K, .reloadable = true, .roles = M,
	  .meaning = "bytes that the master holds for one session" },
	{ "limits", "handshake_total_bytes",
	  SIZE(limits.handshake_total_bytes),
	  "16M", 128 * K, GIG, .reloadable = true, .roles = M,
	  .meaning = "bytes that the master holds for all sessions" },
	{ "limits", "payload_packets", INT(limits.payload_packets, "packets"),
	  "16384", 1, 10000000, .reloadable = true, .roles = W,
	  .meaning = "packets in one polling body" },
	{ "limits", "waiting_bytes", SIZE(limits.waiting_bytes),
	  "16M", 64 * K, GIG, .reloadable = true, .roles = W,
	  .meaning = "bytes of requests and of refusals of one session" },
	{ "limits", "requests", INT(limits.requests, "requests"),
	  "256", 1, 100000, .reloadable = true, .roles = W,
	  .meaning = "requests of one session, running and waiting" },
	{ "limits", "queue_length", INT(limits.queue_length, "requests"),
	  "100000", 1, 10000000, .reloadable = true, .roles = W,
	  .meaning = "requests that wait in one worker" },
	{ "limits", "queue_timeout", DURATION(limits.queue_timeout_ms),
	  "30s", 100, 10 * MINUTE, .reloadable = true, .roles = W,
	  .meaning = "time that a request may wait for a collector" },
	{ "limits", "cancel_grace", DURATION(limits.cancel_grace_ms),
	  "1s", 100, MINUTE, .reloadable = true, .roles = M,
	  .meaning = "time from query_timeout to the end of its collector" },
	{ "limits", "stall_timeout", DURATION(limits.stall_timeout_ms),
	  "60s", 100, 10 * MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time that a client may leave output unread" },
	{ "limits", "unread_timeout", DURATION(limits.unread_timeout_ms),
	  "5s", 100, 10 * MINUTE, .reloadable = true, .roles = W,
	  .meaning = "the same while others wait for a connection" },
	{ "limits", "drain_time", DURATION(limits.drain_time_ms),
	  "0s", 0, 60 * MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time over which clients are told to go at the end" },
	{ "limits", "drain_timeout", DURATION(limits.drain_timeout_ms),
	  "8s", 0, 10 * MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time for running requests when the gateway ends" },
	{ "limits", "takeover_timeout", DURATION(limits.takeover_timeout_ms),
	  "7s", 100, 10 * MINUTE, .reloadable = true, .roles = M,
	  .meaning = "time for processes of the binary before" },
	{ "limits", "start_timeout", DURATION(limits.start_timeout_ms),
	  "10s", 100, 10 * MINUTE, .reloadable = true, .roles = M,
	  .meaning = "time that a process may take to start" },
	{ "limits", "move_timeout", DURATION(limits.move_timeout_ms),
	  "4s", 100, MINUTE, .reloadable = true, .roles = M | W,
	  .meaning = "time until a session can move to another worker" },
	{ "limits", "worker_requests", INT(limits.worker_requests, "requests"),
	  "0", 0, INT64_C(1000000000000), .reloadable = true, .roles = W,
	  .meaning = "requests after which a worker is replaced; 0 = none" },
	{ "limits", "worker_age", DURATION(limits.worker_age_ms),
	  "0s", 0, 30 * 24 * 60 * MINUTE, .reloadable = true, .roles = W,
	  .meaning = "age at which a worker is replaced; 0 = none" },
	{ "limits", "respawn_min", DURATION(limits.respawn_min_ms),
	  "100ms", 10, MINUTE, .reloadable = true, .roles = M,
	  .meaning = "first pause before a process is started again" },
	{ "limits", "respawn_max", DURATION(limits.respawn_max_ms),
	  "30s", 10, 10 * MINUTE, .reloadable = true, .roles = M,
	  .meaning = "longest such pause" },
	{ "limits", "stream_bytes", SIZE(limits.stream_bytes),
	  "256K", 4 * K, 64 * MEG, .reloadable = true, .roles = W,
	  .meaning = "answers above it are streamed" },
	{ "limits", "json_depth", INT(limits.json_depth, "levels"),
	  "64", 4, 512, .reloadable = true, .roles = C,
	  .meaning = "nesting of the options' JSON" },
	{ "limits", "include_depth", INT(limits.include_depth, "levels"),
	  "16", 1, 64, .reloadable = true, .roles = C,
	  .meaning = "nesting of relations in a request" },
	{ "limits", "batch_rows", INT(limits.batch_rows, "rows"),
	  "500", 1, 100000, .reloadable = true, .roles = C,
	  .meaning = "rows whose relations are fetched together" },
	{ "limits", "batch_bytes", SIZE(limits.batch_bytes),
	  "4M", 64 * K, GIG, .reloadable = true, .roles = C,
	  .meaning = "bytes of such rows in memory" },
	{ "limits", "statements", INT(limits.statements, "statements"),
	  "64", 1, 4096, .reloadable = true, .roles = C,
	  .meaning = "prepared statements that a collector keeps" },
	{ "limits", "plans", INT(limits.plans, "plans"),
	  "256", 0, 4096, .reloadable = true, .roles = C,
	  .meaning = "plans of requests that a collector keeps; 0 = none" },
	{ "limits", "plan_bytes", SIZE(limits.plan_bytes),
	  "2M", 64 * K, GIG, .reloadable = true, .roles = C,
	  .meaning = "memory that they may take" },
	{ "limits", "collector_memory", SIZE(limits.collector_memory_bytes),
	  "1G", 0, 1024 * GIG, .reloadable = true, .roles = C,
	  .meaning = "memory of a collector; 0 = no limit" },
	{ "limits", "collector_requests",
	  INT(limits.collector_requests, "requests"),
	  "0", 0, INT64_C(1000000000), .reloadable = true, .roles = C,
	  .meaning = "requests of a collector's life; 0 = any number" },
	{ "limits", "collector_recycle_bytes",
	  SIZE(limits.collector_recycle_bytes),
	  "256M", 0, 1024 * GIG, .reloadable = true, .roles = C,
	  .meaning = "memory after a request that ends a life; 0 = any" },
	{ "limits", "poison_deaths", INT(limits.poison_deaths, "collectors"),
	  "3", 0, 1000, .reloadable = true, .roles = M,
	  .meaning = "collectors that a request may kill; 0 = any number" },
	{ "limits", "poison_time", DURATION(limits.poison_time_ms),
	  "60s", SECOND, 60 * MINUTE, .reloadable = true, .roles = M,
	  .meaning = "time for which it is refused" },

	{ "plugins", "programs", LIST(plugins.programs), NULL,
	  .reloadable = true, .roles = C,
	  .meaning = "C collectors that may start and signal programs" },
	{ "plugins", "files", LIST(plugins.files), NULL,
	  .reloadable = true, .roles = C,
	  .meaning = "C collectors that may rename, link and change files" },
	{ "plugins", "listen", LIST(plugins.listen), NULL,
	  .reloadable = true, .roles = C,
	  .meaning = "C collectors that may accept connections" },
	{ "plugins", "max_emits", INT(plugins.max_emits, "events"),
	  "1000", 0, 1000000, .reloadable = true, .roles = C,
	  .meaning = "events that one call of a C collector may emit" },

	{ CONF_KEY_SECTION, "psk", KEY_STRING(psk), NULL,
	  .reloadable = true, .secret = true, .roles = M,
	  .meaning = "the key itself" },
	{ CONF_KEY_SECTION, "psk_file", KEY_PATH(psk_file), NULL,
	  .reloadable = true, .roles = LOADER_ONLY,
	  .meaning = "a file with the key in it" },
	{ CONF_KEY_SECTION, "allow", KEY_LIST(allow), "*",
	  .reloadable = true, .roles = W,
	  .meaning = "event names that the key may call" },
	{ CONF_KEY_SECTION, "max_running", KEY_INT(max_running, "requests"),
	  "0", 0, CONF_RUNNING_MAX, .reloadable = true, .roles = W,
	  .meaning = "requests of the key that run at once; 0 = no limit" },
};

const size_t conf_table_rows = sizeof(conf_table) / sizeof(conf_table[0]);

const char *
conf_kind_name(enum conf_kind kind)
{
	static const char *const names[CONF_KINDS] = {
		[CONF_STRING] = "string", [CONF_PATH] = "path",
		[CONF_LIST] = "list", [CONF_INT] = "integer",
		[CONF_DURATION] = "duration", [CONF_SIZE] = "size",
		[CONF_ENUM] = "word"
	};

	return names[kind];
}

bool
conf_row_of_key(const struct conf_row *row)
{
	return strcmp(row->section, CONF_KEY_SECTION) == 0;
}
