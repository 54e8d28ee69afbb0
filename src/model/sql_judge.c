/*
 * Words and functions that do more than read, and the form of one statement.
 * SQL Server needs nothing between two statements, so no word of these may
 * stand anywhere outside of quotes, and a SELECT only where one can be.
 */
#include "model/sql_judge.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Longer names are no function's that we know. */
#define NAME_MAX_BYTES 64

struct judge {
	const struct sql_token *t;	/* the one that is judged; its
					 * neighbours are there, or END */
	bool first;			/* nothing is before it */
	size_t depth;			/* of "(" and "[" around it */
	bool with;			/* the statement began with WITH */
	bool selected;			/* a SELECT was at depth 0 */
	struct sql_reason *out;
};

/* ---- words --------------------------------------------------------------- */

#define WRITES "writes"
#define LOCKS "locks rows or tables"
#define RUNS "runs what is not in this query"
#define SETS "changes the session or the server"

/* Words between blanks.  A "*" ends the name of a whole family. */
struct rule {
	const char *words;
	const char *why;
};

static const struct rule word_rules[] = {
	{ " INSERT UPDATE DELETE MERGE TRUNCATE CREATE ALTER DROP GRANT REVOKE "
	    "DENY INTO OUTFILE DUMPFILE LOAD COPY WRITETEXT UPDATETEXT "
	    "RECEIVE VACUUM REINDEX ", WRITES },
	{ " LOCK UNLOCK UPDLOCK XLOCK TABLOCK TABLOCKX HOLDLOCK PAGLOCK "
	    "ROWLOCK ", LOCKS },
	{ " CALL EXEC EXECUTE DO BULK ", RUNS },
	{ " SET PRAGMA ATTACH DETACH BEGIN COMMIT ROLLBACK SAVEPOINT USE "
	    "DECLARE DEALLOCATE KILL SHUTDOWN BACKUP RESTORE DBCC "
	    "RECONFIGURE WAITFOR ", SETS },
};

/* Two words in a row. */
static const struct {
	const char *first, *second, *why;
} pair_rules[] = {
	{ "FOR", "SHARE", LOCKS },
	{ "FOR", "KEY", LOCKS },
	{ "FOR", "NO", LOCKS },
	{ "NEXT", "VALUE", WRITES },
};

/* What makes a word innocent: the one before, or the one behind it. */
static const struct {
	const char *word, *before, *behind;
} innocent[] = {
	{ "SET", "CHARACTER", NULL },
	{ "USE", NULL, "INDEX" },
	{ "USE", NULL, "KEY" },
	{ "USE", NULL, "HINT" },
	{ "USE", NULL, "PLAN" },
};

/* A function is what stands in front of "(", in quotes or not. */
static const struct rule function_rules[] = {
	{ " set_config setseed set_limit pg_reload_conf pg_rotate_logfile* "
	    "pg_promote pg_switch_* pg_wal_replay_* pg_stat_reset* "
	    "pg_stat_statements_reset pg_log_* pg_import_* "
	    "pg_stat_clear_snapshot pg_stat_force_next_flush "
	    "postgres_fdw_disconnect* last_insert_id fts3_tokenizer ", SETS },
	{ " nextval setval lo_* lowrite loread pg_create_* pg_drop_* pg_copy_* "
	    "pg_logical_* pg_replication_* pg_file_* pg_notify "
	    "pg_advance_* pg_backup_* pg_start_backup pg_stop_backup "
	    "pg_truncate_* pg_extension_config_dump pg_nextoid "
	    "pg_stop_making_* binary_upgrade_* brin_* gin_clean_* heap_force_* "
	    "writefile edit ", WRITES },
	{ " pg_advisory_* pg_try_advisory_* get_lock release_lock "
	    "release_all_locks pg_export_snapshot ", LOCKS },
	{ " dblink* query_to_xml* cursor_to_xml* table_to_xml* "
	    "schema_to_xml* database_to_xml* ts_stat ts_rewrite crosstab* "
	    "connectby xpath_table load_extension xp_* sp_* sys_exec "
	    "sys_eval sys_set sys_get spider_* openrowset openquery "
	    "opendatasource plpgsql_* ", RUNS },
	{ " pg_read_* pg_ls_* pg_stat_file pg_current_logfile load_file "
	    "readfile lsdir fsdir zipfile pg_logdir_ls pg_hba_file_rules "
	    "pg_ident_file_* pg_show_all_file_* fn_trace_gettable "
	    "fn_get_audit_file fn_xe_file_* fn_dump_dblog ",
	    "reads files of the server" },
	{ " pg_terminate_backend pg_cancel_backend ", "ends other sessions" },
	{ " pg_sleep* sleep benchmark master_pos_wait master_gtid_wait "
	    "wait_for_executed_gtid_set ", "only takes time" },
};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Is the name, of len bytes, in a list of words between blanks? */
static bool
is_listed(const char *words, const char *name, size_t len)
{
	for (words++; *words != '\0'; words += strcspn(words, " ") + 1) {
		size_t n = strcspn(words, " *");
		bool family = words[n] == '*';

		if ((family ? n <= len : n == len) &&
		    strncasecmp(words, name, n) == 0)
			return true;
	}
	return false;
}

static const char *
find_rule(const struct rule *rules, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (is_listed(rules[i].words, name, len))
			return rules[i].why;
	return NULL;
}

static int __attribute__((format(printf, 2, 3)))
refuse(const struct judge *j, const char *fmt, ...)
{
	va_list ap;

	j->out->line = j->t->line;
	va_start(ap, fmt);
	(void)vsnprintf(j->out->text, sizeof(j->out->text), fmt, ap);
	va_end(ap);
	return -1;
}

static int
refuse_word(const struct judge *j, const char *what, const char *name,
    size_t len, const char *why)
{
	return refuse(j, "%s%.*s %s, expected a query that only reads",
	    what, (int)len, name, why);
}

/* ---- each token ---------------------------------------------------------- */

static bool
is_innocent(const struct judge *j)
{
	for (size_t i = 0; i < LENGTH(innocent); i++)
		if (sql_token_is(j->t, innocent[i].word) &&
		    (innocent[i].before == NULL || (!j->first &&
		    sql_token_is(j->t - 1, innocent[i].before))) &&
		    (innocent[i].behind == NULL ||
		    sql_token_is(j->t + 1, innocent[i].behind)))
			return true;
	return false;
}

static const char *
find_pair(const struct judge *j)
{
	for (size_t i = 0; i < LENGTH(pair_rules); i++)
		if (sql_token_is(j->t, pair_rules[i].first) &&
		    sql_token_is(j->t + 1, pair_rules[i].second))
			return pair_rules[i].why;
	return NULL;
}

/* Where one SELECT can begin outside of parentheses. */
static bool
may_select(const struct judge *j)
{
	static const char *const before[] = {
		"UNION", "ALL", "DISTINCT", "INTERSECT", "EXCEPT",
	};

	if (!j->selected)
		return j->first || (j->with && sql_token_is(j->t - 1, ")"));
	for (size_t i = 0; i < LENGTH(before); i++)
		if (sql_token_is(j->t - 1, before[i]))
			return true;
	return false;
}

static int
judge_word(struct judge *j)
{
	const struct sql_token *t = j->t;
	const char *why;

	/* Behind a dot it can only be a name. */
	if (!j->first && sql_token_is(t - 1, "."))
		return 0;
	if (j->depth == 0 && sql_token_is(t, "SELECT")) {
		if (!may_select(j))
			return refuse(j, "a second statement begins here, "
			    "expected one SELECT");
		j->selected = true;
	}
	why = find_pair(j);
	if (why != NULL)
		return refuse(j, "%.*s %.*s %s, expected a query that only "
		    "reads", (int)t->len, t->text, (int)t[1].len, t[1].text,
		    why);
	why = find_rule(word_rules, LENGTH(word_rules), t->text, t->len);
	if (why != NULL && !is_innocent(j))
		return refuse_word(j, "", t->text, t->len, why);
	return 0;
}

/* The name without its quotes; doubled ones are one. */
static size_t
unquote(const struct sql_token *t, char out[NAME_MAX_BYTES])
{
	size_t n = 0, from = 0, to = t->len;

	if (t->kind == SQL_TOKEN_NAME) {
		from++;
		to--;
	}
	for (; from < to && n < NAME_MAX_BYTES; from++) {
		out[n++] = t->text[from];
		if (t->kind == SQL_TOKEN_NAME && from + 1 < to &&
		    t->text[from] == t->text[to] &&
		    t->text[from + 1] == t->text[to])
			from++;
	}
	return n;
}

static int
judge_function(struct judge *j)
{
	char name[NAME_MAX_BYTES];
	size_t len;
	const char *why;

	if (!sql_token_is(j->t + 1, "("))
		return 0;
	len = unquote(j->t, name);
	why = find_rule(function_rules, LENGTH(function_rules), name, len);
	return why == NULL ? 0 : refuse_word(j, "the function ", name, len,
	    why);
}

static int
judge_mark(struct judge *j)
{
	const struct sql_token *t = j->t;

	if (sql_token_is(t, "(") || sql_token_is(t, "[")) {
		j->depth++;
	} else if (sql_token_is(t, ")") || sql_token_is(t, "]")) {
		if (j->depth == 0)
			return refuse(j, "\"%c\" closes nothing, expected "
			    "its opening one", *t->text);
		j->depth--;
	} else if (sql_token_is(t, ";") && t[1].kind != SQL_TOKEN_END) {
		j->t++;
		return refuse(j, "a second statement begins here, expected "
		    "nothing behind \";\"");
	}
	return 0;
}

static int
judge_token(struct judge *j)
{
	if (j->t->kind == SQL_TOKEN_MARK)
		return judge_mark(j);
	if (j->t->kind == SQL_TOKEN_WORD && judge_word(j) != 0)
		return -1;
	if (j->t->kind == SQL_TOKEN_WORD || j->t->kind == SQL_TOKEN_NAME)
		return judge_function(j);
	return 0;
}

int
sql_judge(const struct sql_token *tokens, size_t n, struct sql_reason *out)
{
	struct judge j = { .t = tokens, .out = out };

	if (n == 1)
		return refuse(&j, "the file has no query, expected SELECT");
	j.with = sql_token_is(tokens, "WITH");
	for (size_t i = 0; i + 1 < n; i++) {
		j.t = &tokens[i];
		j.first = i == 0;
		if (judge_token(&j) != 0)
			return -1;
		if (j.first && !j.selected && !j.with)
			return refuse(&j, "the query begins with \"%.*s\", "
			    "expected SELECT or WITH",
			    (int)(j.t->len < 20 ? j.t->len : 20), j.t->text);
	}
	j.t = &tokens[n - 1];
	if (j.depth > 0)
		return refuse(&j, "the query ends inside of parentheses, "
		    "expected \")\"");
	if (!j.selected)
		return refuse(&j, "there is no SELECT behind WITH, expected "
		    "one");
	return 0;
}
