/*
 * An ODBC driver for tests, below unixODBC like any other: it answers the
 * calls of src/db as PostgreSQL's would, with a table whose every column is
 * the row's number (3 rows, if nothing else is said), and goes wrong when a
 * parameter tells it to.  There is no server: its connection is always up.
 */
#include <limits.h>
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fault.h"

#define COLUMNS_MAX 64
#define PARAMETERS_MAX 256
#define ROWS 3
#define DRIP_NS 100000000

struct handle {
	const char *state;	/* of the last failure; NULL = none */
	const char *text;
};

struct connection {
	struct handle handle;
	SQLUINTEGER dead;
	void (*disconnect)(size_t n);
};

struct column {
	SQLSMALLINT ctype;
	char *data;
	SQLLEN size;
	SQLLEN *indicator;
};

struct parameter {
	SQLSMALLINT ctype;
	const void *data;
	const SQLLEN *len;
};

struct statement {
	struct handle handle;
	struct connection *connection;
	size_t limit;			/* number of its parameter; 0 = none */
	unsigned long most;		/* what stands in its place */
	size_t packed;			/* values of a row that is one text */
	struct column columns[COLUMNS_MAX];
	struct parameter parameters[PARAMETERS_MAX];
	SQLULEN block, *fetched;
	unsigned long row, end;		/* given so far, and all */
	struct fault fault;
	bool faulty;
};

static SQLRETURN
fail(struct handle *h, const char *state, const char *text)
{
	h->state = state;
	h->text = text;
	return SQL_ERROR;
}

/* ---- handles ------------------------------------------------------------- */

SQLRETURN
SQLAllocHandle(SQLSMALLINT type, SQLHANDLE parent, SQLHANDLE *out)
{
	size_t size = type == SQL_HANDLE_STMT ? sizeof(struct statement) :
	    sizeof(struct connection);
	void *h = calloc(1, size);

	if (h == NULL)
		return SQL_ERROR;
	if (type == SQL_HANDLE_STMT) {
		((struct statement *)h)->connection = parent;
		((struct statement *)h)->block = 1;
	}
	*out = h;
	return SQL_SUCCESS;
}

SQLRETURN
SQLFreeHandle(SQLSMALLINT type, SQLHANDLE h)
{
	(void)type;
	free(h);
	return SQL_SUCCESS;
}

SQLRETURN
SQLFreeStmt(SQLHSTMT h, SQLUSMALLINT option)
{
	struct statement *s = h;

	if (option == SQL_UNBIND)
		memset(s->columns, 0, sizeof(s->columns));
	return SQL_SUCCESS;
}

SQLRETURN
SQLGetDiagRec(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT n,
    SQLCHAR *state, SQLINTEGER *native, SQLCHAR *text, SQLSMALLINT size,
    SQLSMALLINT *len)
{
	const struct handle *h = handle;

	(void)type;
	if (n != 1 || h->state == NULL)
		return SQL_NO_DATA;
	memcpy(state, h->state, SQL_SQLSTATE_SIZE + 1);
	if (native != NULL)
		*native = 0;
	*len = (SQLSMALLINT)snprintf((char *)text, (size_t)size, "%s",
	    h->text);
	return SQL_SUCCESS;
}

/* Asked for by unixODBC before it asks for the records. */
SQLRETURN
SQLGetDiagField(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT n,
    SQLSMALLINT field, SQLPOINTER value, SQLSMALLINT size, SQLSMALLINT *len)
{
	const struct handle *h = handle;

	(void)type, (void)size, (void)len;
	if (n != 0 || field != SQL_DIAG_NUMBER)
		return SQL_NO_DATA;
	*(SQLINTEGER *)value = h->state != NULL;
	return SQL_SUCCESS;
}

/* ---- connections --------------------------------------------------------- */

SQLRETURN
SQLSetEnvAttr(SQLHENV h, SQLINTEGER attribute, SQLPOINTER value,
    SQLINTEGER len)
{
	(void)h, (void)attribute, (void)value, (void)len;
	return SQL_SUCCESS;
}

SQLRETURN
SQLSetConnectAttr(SQLHDBC h, SQLINTEGER attribute, SQLPOINTER value,
    SQLINTEGER len)
{
	(void)h, (void)attribute, (void)value, (void)len;
	return SQL_SUCCESS;
}

SQLRETURN
SQLGetConnectAttr(SQLHDBC h, SQLINTEGER attribute, SQLPOINTER value,
    SQLINTEGER size, SQLINTEGER *len)
{
	const struct connection *c = h;

	(void)size, (void)len;
	if (attribute != SQL_ATTR_CONNECTION_DEAD)
		return SQL_ERROR;
	*(SQLUINTEGER *)value = c->dead;
	return SQL_SUCCESS;
}

SQLRETURN
SQLDriverConnect(SQLHDBC h, SQLHWND window, SQLCHAR *in, SQLSMALLINT in_len,
    SQLCHAR *out, SQLSMALLINT size, SQLSMALLINT *len, SQLUSMALLINT ask)
{
	(void)h, (void)window, (void)in, (void)in_len, (void)ask;
	if (out != NULL && size > 0)
		*out = '\0';
	if (len != NULL)
		*len = 0;
	return SQL_SUCCESS;
}

SQLRETURN
SQLDisconnect(SQLHDBC h)
{
	struct connection *c = h;

	if (c->disconnect != NULL)
		c->disconnect(0);
	return SQL_SUCCESS;
}

SQLRETURN
SQLEndTran(SQLSMALLINT type, SQLHANDLE h, SQLSMALLINT how)
{
	(void)type, (void)h, (void)how;
	return SQL_SUCCESS;
}

SQLRETURN
SQLGetInfo(SQLHDBC h, SQLUSMALLINT what, SQLPOINTER value, SQLSMALLINT size,
    SQLSMALLINT *len)
{
	const char *text = NULL;

	(void)h;
	if (what == SQL_DBMS_NAME)
		text = "PostgreSQL";
	else if (what == SQL_DRIVER_ODBC_VER)
		text = "03.51";
	if (text == NULL) {
		memset(value, 0, sizeof(SQLUSMALLINT));
		return SQL_SUCCESS;
	}
	*len = (SQLSMALLINT)snprintf(value, (size_t)size, "%s", text);
	return SQL_SUCCESS;
}

/* ---- statements ---------------------------------------------------------- */

/* How many columns are asked for as one: those of the inner SELECT. */
static size_t
count_packed(const char *sql)
{
	static const char begin[] = "SELECT ROW(r.*)::text FROM (SELECT ";
	const char *end = strstr(sql, " FROM \"");
	size_t n = 1;

	if (end == NULL || strncmp(sql, begin, strlen(begin)) != 0)
		return 0;
	for (const char *at = sql + strlen(begin); at < end; at++)
		n += *at == ',';
	return n;
}

SQLRETURN
SQLPrepare(SQLHSTMT h, SQLCHAR *text, SQLINTEGER len)
{
	struct statement *s = h;
	const char *sql = (const char *)text, *limit = strstr(sql, " LIMIT ");

	(void)len;	/* SQL_NTS */
	s->packed = count_packed(sql);
	s->limit = 0;
	s->most = ULONG_MAX;
	if (limit == NULL)
		return SQL_SUCCESS;
	if (limit[strlen(" LIMIT ")] != '?') {
		s->most = strtoul(limit + strlen(" LIMIT "), NULL, 10);
		return SQL_SUCCESS;
	}
	s->limit = 1;
	for (const char *at = sql; at < limit; at++)
		s->limit += *at == '?';
	return SQL_SUCCESS;
}

SQLRETURN
SQLSetStmtAttr(SQLHSTMT h, SQLINTEGER attribute, SQLPOINTER value,
    SQLINTEGER len)
{
	struct statement *s = h;

	(void)len;
	if (attribute == SQL_ATTR_ROW_ARRAY_SIZE)
		s->block = (SQLULEN)value;
	else if (attribute == SQL_ATTR_ROWS_FETCHED_PTR)
		s->fetched = value;
	return SQL_SUCCESS;
}

SQLRETURN
SQLGetStmtAttr(SQLHSTMT h, SQLINTEGER attribute, SQLPOINTER value,
    SQLINTEGER size, SQLINTEGER *len)
{
	(void)attribute, (void)value, (void)size, (void)len;
	return fail(h, "HYC00", "there are no descriptors");
}

SQLRETURN
SQLBindParameter(SQLHSTMT h, SQLUSMALLINT n, SQLSMALLINT direction,
    SQLSMALLINT ctype, SQLSMALLINT type, SQLULEN size, SQLSMALLINT digits,
    SQLPOINTER data, SQLLEN room, SQLLEN *len)
{
	struct statement *s = h;

	(void)direction, (void)type, (void)size, (void)digits, (void)room;
	if (n == 0 || n > PARAMETERS_MAX)
		return fail(h, "07009", "no such parameter");
	s->parameters[n - 1] = (struct parameter){ ctype, data, len };
	return SQL_SUCCESS;
}

SQLRETURN
SQLBindCol(SQLHSTMT h, SQLUSMALLINT n, SQLSMALLINT ctype, SQLPOINTER data,
    SQLLEN size, SQLLEN *indicator)
{
	struct statement *s = h;

	if (n == 0 || n > COLUMNS_MAX)
		return fail(h, "07009", "no such column");
	s->columns[n - 1] = (struct column){ ctype, data, size, indicator };
	return SQL_SUCCESS;
}

/* The command; behind which row a page begins, and how many it may have. */
static void
read_parameters(struct statement *s, unsigned long *most)
{
	s->row = 0;
	s->faulty = false;
	for (size_t i = 0; i < PARAMETERS_MAX; i++) {
		const struct parameter *p = &s->parameters[i];
		unsigned long n;

		if (p->data == NULL || (p->len != NULL && *p->len < 0))
			continue;
		if (p->ctype == SQL_C_SBIGINT) {
			memcpy(&n, p->data, sizeof(n));
			if (i + 1 == s->limit)
				*most = n;
			else if (n > s->row)
				s->row = n;
		} else if (p->ctype == SQL_C_CHAR && p->len != NULL &&
		    fault_read(p->data, (size_t)*p->len, &s->fault)) {
			s->faulty = true;
		}
	}
}

/* What the fault says to this moment: an error, or nothing. */
static SQLRETURN
go_wrong(struct statement *s)
{
	struct handle *h = &s->handle;

	if (s->fault.act != NULL)
		s->fault.act(s->fault.n);
	switch (s->fault.lie) {
	case LIE_ERROR:
		return fail(h, "42000", "[Fault]as it was told");
	case LIE_MEMORY:
		return fail(h, "HY001", "[Fault]no memory");
	case LIE_LOST:
		s->connection->dead = SQL_CD_TRUE;
		return fail(h, "08S01", "[Fault]the connection is gone");
	case LIE_NONE:
	case LIE_DRIP:
	case LIE_UTF8:
	case LIE_LONG:
	case LIE_NEGATIVE:
		break;
	}
	return SQL_SUCCESS;
}

SQLRETURN
SQLExecute(SQLHSTMT h)
{
	struct statement *s = h;
	unsigned long most = s->most;

	s->handle.state = NULL;
	read_parameters(s, &most);
	s->end = s->faulty && s->fault.when == FAULT_FETCH &&
	    s->fault.n > 0 ? s->fault.n : ROWS;
	if (s->end > s->row && s->end - s->row > most)
		s->end = s->row + most;
	if (!s->faulty || s->fault.when == FAULT_FETCH)
		return SQL_SUCCESS;
	if (s->fault.when == FAULT_EXECUTE)
		return go_wrong(s);
	/* It comes about when the connection is found to be lost. */
	s->connection->disconnect = s->fault.act;
	s->connection->dead = SQL_CD_TRUE;
	return fail(&s->handle, "08S01", "[Fault]the connection is gone");
}

/* What a session is told when it is opened, and its proof: one row, 1. */
SQLRETURN
SQLExecDirect(SQLHSTMT h, SQLCHAR *text, SQLINTEGER len)
{
	struct statement *s = h;

	(void)text, (void)len;
	s->row = 0;
	s->end = 1;
	return SQL_SUCCESS;
}

/* The row's number, or as many of them as a packed row has. */
static SQLLEN
put_text(const struct statement *s, char *data, size_t size)
{
	size_t at = 0, n = 1;

	if (s->packed == 0)
		return snprintf(data, size, "%lu", s->row);
	do {
		int len = snprintf(data + at, size - at, "%c%lu%s",
		    at == 0 ? '(' : ',', s->row, n == s->packed ? ")" : "");

		if (len < 0 || (size_t)len >= size - at)
			break;
		at += (size_t)len;
	} while (n++ < s->packed);
	return (SQLLEN)at;
}

static void
put_value(const struct statement *s, const struct column *c, SQLULEN at)
{
	char *data = c->data + at * (size_t)c->size;
	SQLLEN len = put_text(s, data, (size_t)c->size);

	if (s->faulty && s->fault.lie == LIE_UTF8)
		data[s->packed > 0] = '\377';
	else if (s->faulty && s->fault.lie == LIE_LONG)
		len = (SQLLEN)1 << 40;
	else if (s->faulty && s->fault.lie == LIE_NEGATIVE)
		len = -4711;
	c->indicator[at] = len;
}

SQLRETURN
SQLFetch(SQLHSTMT h)
{
	static const struct timespec drip = { 0, DRIP_NS };
	struct statement *s = h;
	bool drips = s->faulty && s->fault.lie == LIE_DRIP;
	SQLULEN n = drips ? 1 : s->block, i = 0;

	if (drips)
		nanosleep(&drip, NULL);
	for (; i < n && s->row < s->end; i++) {
		s->row++;
		for (size_t c = 0; c < COLUMNS_MAX; c++)
			if (s->columns[c].data != NULL)
				put_value(s, &s->columns[c], i);
	}
	if (s->fetched != NULL)
		*s->fetched = i;
	if (i > 0)
		return SQL_SUCCESS;
	if (s->faulty && s->fault.when == FAULT_FETCH &&
	    s->row >= s->fault.n && go_wrong(s) == SQL_ERROR)
		return SQL_ERROR;
	return SQL_NO_DATA;
}

/* Numbers for a session's proof, and values again that did not fit. */
SQLRETURN
SQLGetData(SQLHSTMT h, SQLUSMALLINT n, SQLSMALLINT ctype, SQLPOINTER data,
    SQLLEN size, SQLLEN *len)
{
	const struct statement *s = h;

	(void)n;
	if (ctype == SQL_C_SLONG || ctype == SQL_C_SBIGINT) {
		*len = ctype == SQL_C_SLONG ? (SQLLEN)sizeof(SQLINTEGER) :
		    (SQLLEN)sizeof(SQLBIGINT);
		memset(data, 0, (size_t)*len);
		*(char *)data = 1;
		return SQL_SUCCESS;
	}
	*len = put_text(s, data, (size_t)size);
	return SQL_SUCCESS;
}

SQLRETURN
SQLSetPos(SQLHSTMT h, SQLSETPOSIROW row, SQLUSMALLINT what,
    SQLUSMALLINT lock)
{
	(void)h, (void)row, (void)what, (void)lock;
	return SQL_SUCCESS;
}

SQLRETURN
SQLNumResultCols(SQLHSTMT h, SQLSMALLINT *n)
{
	(void)h;
	*n = 1;
	return SQL_SUCCESS;
}
