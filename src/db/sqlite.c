/*
 * Read-only by proof: besides mode=ro in the connection string, each handle
 * gets an authorizer that knows what reading is and forbids all else, since
 * the driver enforces nothing and leaves ATTACH, TEMP tables and functions
 * that read and write files open.  The driver shares this process's
 * libsqlite3, so a hook of the library tells which handle it has opened.
 */
#include "db/sqlite.h"

#include <sqlite3.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Instructions of SQLite's machine between two looks at the guard: < 1 ms. */
#define PROGRESS_STEPS 2000
/* Between two tries of a locked database. */
#define BUSY_SLEEP_MS 10

static struct sqlite3 *opened;

/* Pragmas that only tell; the driver's catalogue functions use them. */
static const char *const told[] = {
	"foreign_key_list", "index_info", "index_list", "index_xinfo",
	"table_info", "table_list", "table_xinfo"
};

/* Its own tables of tables. */
static const char *const catalogue[] = {
	"sqlite_master", "sqlite_temp_master"
};

/* Functions that reach beyond the database. */
static const char *const forbidden[] = {
	"blob_export", "blob_import", "edit", "fts3_tokenizer",
	"load_extension", "readfile", "writefile"
};

static bool
is_in(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (name != NULL && strcasecmp(names[i], name) == 0)
			return true;
	return false;
}

#define IS_IN(names, name) \
	is_in(names, sizeof(names) / sizeof(*(names)), name)

static int
authorize(void *ctx, int action, const char *first, const char *second,
    const char *schema, const char *trigger)
{
	bool allowed;

	(void)ctx;
	(void)schema;
	(void)trigger;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
	case SQLITE_TRANSACTION:	/* of reads, so that several agree */
		allowed = true;
		break;
	case SQLITE_FUNCTION:
		allowed = !IS_IN(forbidden, second);
		break;
	case SQLITE_PRAGMA:
		allowed = IS_IN(told, first);
		break;
	case SQLITE_UPDATE:
		/*
		 * A virtual table that introduces itself writes such a
		 * statement and never runs it; whoever means it is refused
		 * by SQLITE_DBCONFIG_DEFENSIVE.
		 */
		return IS_IN(catalogue, first) ? SQLITE_IGNORE : SQLITE_DENY;
	default:
		allowed = false;
		break;
	}
	return allowed ? SQLITE_OK : SQLITE_DENY;
}

static int
progress(void *ctx)
{
	const struct sqlite_watch *w = ctx;

	return db_guard_check(w->guard) != ERR_NONE;
}

static int
wait_for_lock(void *ctx, int tries)
{
	struct sqlite_watch *w = ctx;

	w->locked = db_guard_check(w->guard) != ERR_NONE;
	if (w->locked || tries * (int64_t)BUSY_SLEEP_MS >= w->wait_ms)
		return 0;
	usleep(BUSY_SLEEP_MS * 1000);
	return 1;
}

static int
remember(sqlite3 *handle, const char **message, const void *api)
{
	(void)message;
	(void)api;
	opened = handle;
	return SQLITE_OK;
}

int
sqlite_init(struct err *err)
{
	/* Both together make its rows 35-40 % faster; no mutex is needed. */
	if (sqlite3_config(SQLITE_CONFIG_MULTITHREAD) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
	    sqlite3_auto_extension((void (*)(void))remember) != SQLITE_OK)
		return err_set(err, ERR_INTERNAL,
		    "libsqlite3 cannot be set up any more");
	return 0;
}

struct sqlite3 *
sqlite_opened(void)
{
	struct sqlite3 *handle = opened;

	opened = NULL;
	return handle;
}

int
sqlite_guard(struct sqlite3 *handle, struct sqlite_watch *watch,
    struct err *err)
{
	if (sqlite3_exec(handle, "PRAGMA query_only = 1", NULL, NULL, NULL) !=
	    SQLITE_OK ||
	    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) !=
	    SQLITE_OK ||
	    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
	    NULL) != SQLITE_OK ||
	    sqlite3_enable_load_extension(handle, 0) != SQLITE_OK ||
	    sqlite_functions(handle, watch) != 0 ||
	    sqlite3_set_authorizer(handle, authorize, NULL) != SQLITE_OK ||
	    sqlite3_busy_handler(handle, wait_for_lock, watch) != SQLITE_OK)
		return err_set(err, ERR_DATABASE, "SQLite cannot be made "
		    "read-only: %s", sqlite3_errmsg(handle));
	sqlite3_progress_handler(handle, PROGRESS_STEPS, progress, watch);
	return 0;
}

static int
copy_column(struct sqlite_column *c, sqlite3_stmt *st, int i,
    struct arena *arena)
{
	const char *name = sqlite3_column_name(st, i);
	const char *declared = sqlite3_column_decltype(st, i);

	if (name == NULL)
		return -1;
	c->name = arena_text(arena, name, strlen(name));
	if (declared != NULL)
		c->declared = arena_text(arena, declared, strlen(declared));
	return c->name == NULL || (c->declared == NULL && declared != NULL) ?
	    -1 : 0;
}

struct sqlite_column *
sqlite_columns(struct sqlite3 *handle, const char *sql, size_t len,
    struct arena *arena, size_t *n_out)
{
	struct sqlite_column *columns = NULL;
	sqlite3_stmt *st = NULL;
	int n;

	if (sqlite3_prepare_v2(handle, sql, (int)len, &st, NULL) != SQLITE_OK)
		return NULL;
	n = sqlite3_column_count(st);
	if (n > 0)
		columns = arena_get(arena, (size_t)n, sizeof(*columns));
	for (int i = 0; i < n && columns != NULL; i++)
		if (copy_column(&columns[i], st, i, arena) != 0)
			columns = NULL;
	sqlite3_finalize(st);
	*n_out = (size_t)n;
	return columns;
}
