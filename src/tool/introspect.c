/*
 * Reads what is there, lets the sketch add what is missing, and proves that
 * the result can be read before it takes the old file's place.
 */
#include "tool/introspect.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "tool/command.h"
#include "tool/drift.h"
#include "tool/live.h"
#include "tool/schema_places.h"
#include "tool/sketch.h"

/* A schema of a thousand tables has a megabyte. */
#define SCHEMA_BYTES_MAX ((size_t)64 * 1024 * 1024)

struct introspect {
	const char *conf_path;
	const char *url;
	const char *output;		/* NULL = standard output */
	struct conf conf;
	struct buf old;			/* the file; empty = there is none */
	struct schema *schema;		/* what it says; NULL = nothing */
	size_t differences;
};

static int
fail(int status, const char *text)
{
	fprintf(stderr, "dalpuri introspect: %s\n", text);
	return status;
}

static void
print_line(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

static void
print_note(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "note: %s\n", line);
}

static void
print_difference(void *ctx, enum drift_kind kind, const char *line)
{
	struct introspect *in = ctx;

	if (kind == DRIFT_MORE)
		return;		/* it is added */
	in->differences++;
	fprintf(stderr, "drift: %s\n", line);
}

/*
 * Where the database is.  Schema, collectors and keys of the conf may not be
 * there yet: only what is said of the url is of interest.
 */
static int
find_url(struct introspect *in)
{
	const struct conf_env env = { .database_url = in->url != NULL ?
	    in->url : getenv("DATABASE_URL") };
	struct conf_faults faults = { .count = 0 };
	int status = EX_OK;

	if (conf_init(&in->conf) != 0)
		return fail(EX_OSERR, "out of memory");
	if (in->conf_path != NULL &&
	    conf_read(&in->conf, in->conf_path, &faults) != 0) {
		for (size_t i = 0; i < faults.lines.n; i++)
			print_line(NULL, faults.lines.v[i]);
		status = EX_CONFIG;
	} else if (conf_finish(&in->conf, &env, &faults) != 0 &&
	    in->conf.database.url == NULL) {
		status = fail(EX_CONFIG, "no database: give -u, set "
		    "DATABASE_URL, or name a configuration with -c");
	}
	conf_faults_fini(&faults);
	return status;
}

static int
read_output(struct introspect *in)
{
	char *room;
	size_t got;
	FILE *f;

	if (in->output == NULL || (f = fopen(in->output, "re")) == NULL)
		return in->output == NULL || errno == ENOENT ? 0 : -1;
	do {
		room = buf_room(&in->old, BUFSIZ);
		got = room == NULL ? 0 : fread(room, 1, BUFSIZ, f);
		if (got > 0)
			buf_added(&in->old, got);
	} while (got > 0);
	if (room == NULL)
		errno = EFBIG;
	got = room == NULL || ferror(f);
	fclose(f);
	return got ? -1 : 0;
}

static int
read_old(struct introspect *in)
{
	if (read_output(in) != 0) {
		fprintf(stderr, "dalpuri introspect: %s: %s\n", in->output,
		    strerror(errno));
		return EX_NOINPUT;
	}
	if (in->old.len == 0)
		return EX_OK;
	in->schema = schema_read(in->output, in->old.data, in->old.len,
	    print_line, NULL);
	return in->schema == NULL ? EX_DATAERR : EX_OK;
}

/* Beside the old file, then in its place, with its rights. */
static int
replace(const char *path, const struct buf *text)
{
	struct stat st = { .st_mode = 0644 };
	char *temporary;
	bool ok = false;
	FILE *f = NULL;
	int fd;

	if (asprintf(&temporary, "%s.XXXXXX", path) == -1)
		return -1;
	(void)stat(path, &st);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd != -1)
		f = fdopen(fd, "w");
	if (f != NULL) {
		ok = fwrite(text->data, 1, text->len, f) == text->len &&
		    fflush(f) == 0 && fchmod(fd, st.st_mode & 07777) == 0;
		ok = fclose(f) == 0 && ok;
		ok = ok && rename(temporary, path) == 0;
		if (!ok)
			unlink(temporary);
	}
	free(temporary);
	return ok ? 0 : -1;
}

static int
put_out(const struct introspect *in, const struct buf *text)
{
	if (in->output == NULL) {
		if (fwrite(text->data, 1, text->len, stdout) == text->len &&
		    fflush(stdout) == 0)
			return EX_OK;
	} else if ((text->len == in->old.len &&
	    memcmp(text->data, in->old.data, text->len) == 0) ||
	    replace(in->output, text) == 0) {
		return EX_OK;
	}
	fprintf(stderr, "dalpuri introspect: %s: %s\n", in->output == NULL ?
	    "standard output" : in->output, strerror(errno));
	return EX_CANTCREAT;
}

/* A file that we could not read again must not take the old one's place. */
static int
check_and_put(const struct introspect *in, const struct buf *text)
{
	struct schema *schema = schema_read(in->output == NULL ?
	    "standard output" : in->output, text->data, text->len,
	    print_line, NULL);

	if (schema == NULL)
		return fail(EX_SOFTWARE, "what was found makes no schema; "
		    "nothing is written");
	schema_free(&schema);
	return put_out(in, text);
}

static int
write_schema(struct introspect *in, const struct catalog *catalog)
{
	struct sketch sketch = { .catalog = catalog, .old = in->schema,
	    .source = "db", .note = print_note };
	char *source = in->schema == NULL ? NULL :
	    schema_places_source(in->old.data, in->old.len);
	struct buf text;
	int status;

	buf_init(&text, 0);
	if (source != NULL)
		sketch.source = source;
	if (sketch_make(&sketch) != 0 || sketch_write(&sketch, in->old.data,
	    in->old.len, &text) != 0)
		status = fail(EX_OSERR, "out of memory");
	else
		status = check_and_put(in, &text);
	sketch_fini(&sketch);
	free(source);
	buf_fini(&text);
	return status;
}

static int
run(struct introspect *in)
{
	struct drift drift = { .schema = in->schema, .path = in->output,
	    .tell = print_difference, .ctx = in };
	struct catalog catalog;
	struct err err;
	int status;

	if (live_read(&catalog, in->conf.database.url,
	    in->conf.database.folder, NULL, &err) != 0) {
		catalog_fini(&catalog);
		return fail(EX_UNAVAILABLE, err.text);
	}
	if (catalog.ntables == 0)
		print_note(in, "the database has no table that the login may "
		    "read; does the url name the right one?");
	if (in->schema != NULL) {
		drift.catalog = &catalog;
		drift_find(&drift);
	}
	status = write_schema(in, &catalog);
	catalog_fini(&catalog);
	return status == EX_OK && in->differences > 0 ? 1 : status;
}

static int
read_flags(struct introspect *in, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "output", required_argument, NULL, 'o' },
		{ "url", required_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 }
	};
	int flag;

	while ((flag = getopt_long(argc, argv, "c:ho:u:", long_options,
	    NULL)) != -1) {
		if (flag == 'h')
			return COMMAND_HELP;
		if (flag == '?' || *optarg == '\0')
			return EX_USAGE;
		*(flag == 'c' ? &in->conf_path : flag == 'o' ? &in->output :
		    &in->url) = optarg;
	}
	return optind < argc ? EX_USAGE : EX_OK;
}

int
introspect_command(int argc, char **argv)
{
	struct introspect in = { .conf_path = NULL };
	int status = read_flags(&in, argc, argv);

	if (status != EX_OK)
		return status;
	log_open(STDERR_FILENO, "introspect", LOG_LEVEL_WARN);
	buf_init(&in.old, SCHEMA_BYTES_MAX);
	status = find_url(&in);
	if (status == EX_OK)
		status = read_old(&in);
	if (status == EX_OK)
		status = run(&in);
	schema_free(&in.schema);
	buf_fini(&in.old);
	conf_fini(&in.conf);
	return status;
}
