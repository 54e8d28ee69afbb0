/*
 * One .d.ts: the codes of failures, the models, the collectors, and behind
 * them what is the same for every schema (types.d.ts).
 */
#include "tool/types.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "db/db.h"
#include "model/collector_source.h"
#include "model/plugin_file.h"
#include "tool/command.h"
#include "tool/load.h"
#include "tool/types_model.h"
#include "tool/types_sql.h"
#include "tool/types_text.h"

#define NAME "dalpuri types"

struct types {
	const char *conf_path, *output;
	struct load load;
	struct schema *schema;
	size_t ncollectors;
	struct collector **collectors;
	FILE *out;
};

static int
no_memory(void)
{
	fprintf(stderr, NAME ": out of memory\n");
	return -1;
}

/* The loader has judged the file already: memory is all that it lacks. */
static void
ignore_fault(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

static int
read_collector(struct types *t, const struct dialect *d,
    const struct conf_file *f)
{
	const struct collector_source source = { .name = f->name,
	    .path = f->path, .text = f->text, .len = f->len };
	struct collector *c;

	c = collector_source_read(t->schema, d, &source, ignore_fault, NULL);
	if (c == NULL)
		return -1;
	t->collectors[t->ncollectors++] = c;
	return 0;
}

static int
read_files(struct types *t)
{
	const struct conf *c = &t->load.views[LOAD_COLLECTOR];
	const struct dialect *d;

	(void)db_dialect_read(&d, c->database.url, c->database.folder, NULL);
	t->schema = schema_read(c->schema.path, c->schema.text,
	    c->schema.len, NULL, NULL);
	t->collectors = calloc(c->ncollectors + 1, sizeof(*t->collectors));
	if (t->schema == NULL || t->collectors == NULL)
		return no_memory();
	for (size_t i = 0; i < c->ncollectors; i++)
		if (!c->collectors[i].refused &&
		    read_collector(t, d, &c->collectors[i]) != 0)
			return no_memory();
	return 0;
}

static void
put_codes(FILE *out)
{
	fputs("export type ErrorCode =", out);
	for (int code = ERR_NONE + 1; code < ERR_CODES; code++)
		fprintf(out, "\n  | \"%s\"", err_code_name(
		    (enum err_code)code));
	fputs(";\n\n", out);
}

/* Models that collectors share are written once. */
static int
put_models(const struct types *t)
{
	size_t n = schema_nmodels(t->schema);
	bool *shared = calloc(n + 1, sizeof(*shared));
	bool *own = calloc(n + 1, sizeof(*own));
	int r = shared == NULL || own == NULL ? no_memory() : 0;

	fputs("export interface Models {\n", t->out);
	for (size_t i = 0; r == 0 && i < t->ncollectors; i++) {
		const struct collector *c = t->collectors[i];

		if (c->model == NULL)
			continue;
		memset(own, 0, n * sizeof(*own));
		r = types_put_models(t->out, t->schema, c,
		    types_own_models(c) ? own : shared);
	}
	fputs("}\n\n", t->out);
	free(shared);
	free(own);
	return r;
}

static void
put_collectors(const struct types *t)
{
	struct types_sql sql;

	types_sql_init(&sql, &t->load.views[LOAD_COLLECTOR]);
	fputs("export interface Collectors {\n", t->out);
	for (size_t i = 0; i < t->ncollectors; i++) {
		const struct collector *c = t->collectors[i];

		if (c->plugin != NULL)
			continue;
		if (c->sql != NULL) {
			types_sql_put(&sql, t->out, c);
			continue;
		}
		fprintf(t->out, "  %s: ModelCollector<", c->name);
		types_put_name(t->out, c, c->model);
		fputs(">;\n", t->out);
	}
	fputs("}\n\n", t->out);
	types_sql_fini(&sql);
}

/* Nobody knows what they take and give. */
static void
put_plugins(const struct types *t)
{
	fputs("export interface Plugins {\n", t->out);
	for (size_t i = 0; i < t->ncollectors; i++) {
		const struct collector *c = t->collectors[i];

		if (c->plugin == NULL)
			continue;
		if (*c->plugin->declared.description != '\0')
			types_put_doc(t->out, "  ",
			    c->plugin->declared.description);
		fprintf(t->out, "  \"%s\": (...args: any[]) => void;\n",
		    c->name);
	}
	fputs("}\n\n", t->out);
}

static int
put_all(const struct types *t)
{
	fputs("// Made by dalpuri types: make it again when collectors or "
	    "schema change.\n"
	    "import type { Socket } from \"socket.io-client\";\n\n", t->out);
	put_codes(t->out);
	if (put_models(t) != 0)
		return -1;
	put_collectors(t);
	put_plugins(t);
	for (size_t i = 0; i < sizeof(types_text) / sizeof(types_text[0]); i++)
		fprintf(t->out, "%s\n", types_text[i]);
	return 0;
}

static int
write_output(struct types *t)
{
	const char *name = t->output != NULL ? t->output : "standard output";
	int status = EX_OK;

	t->out = t->output != NULL ? fopen(t->output, "we") : stdout;
	if (t->out == NULL) {
		fprintf(stderr, NAME ": %s: %s\n", name, strerror(errno));
		return EX_CANTCREAT;
	}
	if (put_all(t) != 0)
		status = EX_OSERR;
	if (fflush(t->out) != 0 || ferror(t->out) != 0) {
		fprintf(stderr, NAME ": %s: %s\n", name, strerror(errno));
		status = EX_CANTCREAT;
	}
	if (t->output != NULL)
		fclose(t->out);
	return status;
}

static int
read_words(struct types *t, int argc, char **argv)
{
	static const struct option words[] = {
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int flag;

	while ((flag = getopt_long(argc, argv, "c:ho:", words, NULL)) != -1) {
		if (flag == 'c' && *optarg != '\0')
			t->conf_path = optarg;
		else if (flag == 'o' && *optarg != '\0')
			t->output = optarg;
		else
			return flag == 'h' ? COMMAND_HELP : EX_USAGE;
	}
	return optind < argc ? EX_USAGE : EX_OK;
}

int
types_command(int argc, char **argv)
{
	struct types t = { .schema = NULL };
	int status = read_words(&t, argc, argv);

	if (status != EX_OK)
		return status;
	log_open(STDERR_FILENO, "types", LOG_LEVEL_WARN);
	status = load_run(&t.load, t.conf_path, NAME);
	if (status == EX_OK)
		status = read_files(&t) == 0 ? write_output(&t) : EX_OSERR;
	for (size_t i = 0; i < t.ncollectors; i++)
		collector_free(&t.collectors[i]);
	free(t.collectors);
	schema_free(&t.schema);
	load_fini(&t.load);
	return status;
}
