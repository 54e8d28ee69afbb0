/*
 * What stands behind the handles that a plugin gets: inside of plugin*.c.
 * Everything here lives as long as one callback.
 */
#ifndef COLLECTOR_PLUGIN_REQUEST_H
#define COLLECTOR_PLUGIN_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dalpuri/collector.h>

#include "base/buf.h"
#include "base/err.h"
#include "collector/plugin.h"
#include "ipc/call.h"
#include "model/arena.h"
#include "model/sql_call.h"

enum plugin_answer {
	PLUGIN_OPEN,		/* nothing was answered */
	PLUGIN_ROWS,		/* rows go out */
	PLUGIN_ANSWERED,	/* by ack() or rows_end() */
	PLUGIN_FAILED		/* by fail(): why is said */
};

struct dalpuri_request {
	const struct plugin_run *run;
	struct call call;
	const char *auth;		/* with a NUL behind it, as all */
	size_t nvalues;
	struct dalpuri_value *values;	/* the arguments */
	struct dalpuri_value attachments[CALL_ATTACHMENTS_MAX];
	enum plugin_answer answer;
	struct err failed;		/* PLUGIN_FAILED */
	struct err err;			/* of the last function that failed */
	uint64_t emits, bytes;		/* that went out as packets */
	struct buf text;		/* of the packet that is being made */
	struct dalpuri_cursor *cursor;	/* NULL = none was opened yet */
	bool exhausted;			/* memory ran out */
	struct arena arena;
};

/* Keep the reason of a failure.  Returns result. */
int plugin_failed(struct dalpuri_request *r, enum dalpuri_result result,
    enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* What the code of r->err is for a plugin. */
int plugin_result(const struct dalpuri_request *r);

/* plugin_host.c: the table, and whose code runs now (NULL: nobody's). */
extern const struct dalpuri_host plugin_host;
void plugin_running(const char *name);

/* plugin_packet.c: functions of the table. */
int plugin_emit(struct dalpuri_request *r, const char *event,
    const struct dalpuri_value *values, size_t n);
int plugin_ack(struct dalpuri_request *r, const struct dalpuri_value *values,
    size_t n);
int plugin_fail(struct dalpuri_request *r, const char *code,
    const char *sentence);
int plugin_rows_begin(struct dalpuri_request *r);
int plugin_row(struct dalpuri_request *r, const char *json, size_t len);
int plugin_rows_end(struct dalpuri_request *r);

/*
 * plugin_params.c: the values of a query's parameters, in their order, into a
 * call of its text.
 */
int plugin_params(struct dalpuri_request *r, struct sql_call *call,
    const struct sql_file *f, const struct dalpuri_cell *params, size_t n);

/* plugin_query.c: functions of the table. */
int plugin_query(struct dalpuri_request *r, const char *sql, size_t len,
    const struct dalpuri_cell *params, size_t n, struct dalpuri_cursor **out);
size_t plugin_columns(struct dalpuri_cursor *c);
const char *plugin_column(struct dalpuri_cursor *c, size_t i);
int plugin_next(struct dalpuri_cursor *c);
int plugin_cell(struct dalpuri_cursor *c, size_t i,
    struct dalpuri_cell *out);
int plugin_row_of(struct dalpuri_request *r, struct dalpuri_cursor *c);
/* NULL is closed already. */
void plugin_close(struct dalpuri_cursor *c);

#endif
