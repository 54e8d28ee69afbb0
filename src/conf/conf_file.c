/*
 * The conf file, read by libconfuse with options that are built from the
 * table.  Every option is a string to libconfuse; each value comes to
 * take_value() while the line is still known, so that all faults of value can
 * be told, not only the first one.
 */
#include "conf/conf.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "conf/conf_check.h"
#include "conf/conf_disk.h"
#include "conf/conf_table.h"
#include "conf/conf_text.h"

#define CONF_BYTES_MAX (1024 * 1024)
/* More than the table has; checked when the options are built. */
#define SECTIONS_MAX 8

/*
 * What is being read.  libconfuse hands no context to its callbacks; this
 * points into conf_read_text()'s frame for the length of that call.
 */
static struct reading {
	struct conf *conf;
	struct conf_faults *faults;
	const char *path;
	/* Line of the last secret: what follows it there may be part of it. */
	int secret_line;
} *reading;

static const char *
section_of(const cfg_t *cfg)
{
	return cfg->title == NULL && strcmp(cfg->name, "root") == 0 ?
	    "" : cfg->name;
}

static const struct conf_row *
find_row(const char *section, const char *key)
{
	for (size_t i = 0; i < conf_table_rows; i++)
		if (strcmp(conf_table[i].section, section) == 0 &&
		    strcmp(conf_table[i].key, key) == 0)
			return &conf_table[i];
	return NULL;
}

static void
fault(const cfg_t *cfg, const char *what, const char *why)
{
	unsigned int line = (unsigned int)cfg->line;

	if (cfg->title != NULL)
		conf_fault(reading->faults, reading->path, line,
		    "key \"%s\": %s: %s", cfg->title, what, why);
	else
		conf_fault(reading->faults, reading->path, line, "%s: %s",
		    what, why);
}

/* The key of this section; made when it is met first.  NULL: no memory. */
static struct conf_key *
key_of(const cfg_t *cfg)
{
	struct conf *c = reading->conf;
	struct conf_key *all, *key;
	const char *must;

	for (size_t i = 0; i < c->nkeys; i++)
		if (strcmp(c->keys[i].name, cfg->title) == 0)
			return &c->keys[i];
	all = realloc(c->keys, (c->nkeys + 1) * sizeof(*all));
	if (all == NULL)
		return NULL;
	c->keys = all;
	key = &all[c->nkeys];
	memset(key, 0, sizeof(*key));
	key->line = (unsigned int)cfg->line;
	key->name = strdup(cfg->title);
	if (key->name == NULL)
		return NULL;
	c->nkeys++;
	must = conf_check_key_name(key->name);
	if (must != NULL)
		fault(cfg, "the name", must);
	return conf_rows_init(key, true) == 0 ? key : NULL;
}

/* One value, or one element of a list, as libconfuse meets it. */
static int
take_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	const struct conf_row *row = find_row(section_of(cfg), opt->name);
	void *base = cfg->title == NULL ? (void *)reading->conf : key_of(cfg);
	char name[CONF_ROW_NAME_MAX];
	struct err err;

	if (base == NULL)
		return -1;
	/* The first element takes the place of the default. */
	if (row->kind == CONF_LIST && opt->nvalues == 1)
		conf_list_fini(conf_list_at(row, base));
	if (conf_row_set(row, base, value, &err) == -1) {
		conf_row_name(row, name);
		fault(cfg, cfg->title == NULL ? name : row->key, err.text);
	}
	if (row->secret)
		reading->secret_line = cfg->line;
	if (cfg->title == NULL)
		reading->conf->lines[row - conf_table] =
		    (unsigned int)cfg->line;
	/* libconfuse needs no copy of its own. */
	*(const char **)result = "";
	return 0;
}

/*
 * Lists that were written as {}: no value of them ever came.  An option that
 * was set but not filled still has the flag to be reset.
 */
static void
take_empty_lists(cfg_t *cfg)
{
	void *base = cfg->title == NULL ? (void *)reading->conf : key_of(cfg);

	for (cfg_opt_t *opt = cfg->opts; opt->name != NULL; opt++) {
		const struct conf_row *row;
		char name[CONF_ROW_NAME_MAX];

		if (opt->type == CFGT_SEC || opt->nvalues > 0 ||
		    (opt->flags & CFGF_RESET) == 0 || base == NULL)
			continue;
		row = find_row(section_of(cfg), opt->name);
		conf_list_fini(conf_list_at(row, base));
		if (row->min > 0) {
			conf_row_name(row, name);
			conf_fault(reading->faults, reading->path, 0,
			    "%s: the list must not be empty", name);
		}
	}
}

/* The end of a section. */
static int
take_section(cfg_t *parent, cfg_opt_t *opt)
{
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	const struct conf_key *key;

	(void)parent;
	take_empty_lists(section);
	if (section->title == NULL)
		return 0;
	key = key_of(section);
	if (key == NULL)
		return -1;
	if (key->psk != NULL && key->psk_file != NULL)
		fault(section, "psk_file", "psk is given too; one of them");
	if (key->psk == NULL && key->psk_file == NULL)
		fault(section, "psk", "missing; give psk or psk_file");
	return 0;
}

/* Where an unknown name belongs, or what is spelled nearly like it. */
static void
fault_name(const cfg_t *cfg, const char *name)
{
	unsigned int line = (unsigned int)cfg->line;
	struct nearest near;

	if (cfg->line == reading->secret_line) {
		conf_fault(reading->faults, reading->path, line,
		    "unexpected text behind a secret; put it into quotes");
		return;
	}
	for (size_t i = 0; i < conf_table_rows; i++)
		if (strcmp(conf_table[i].key, name) == 0 &&
		    *conf_table[i].section != '\0') {
			conf_fault(reading->faults, reading->path, line,
			    "\"%s\" belongs into the section %s", name,
			    conf_table[i].section);
			return;
		}
	nearest_start(&near, name, strlen(name));
	for (const cfg_opt_t *opt = cfg->opts; opt->name != NULL; opt++)
		nearest_try(&near, opt->name);
	conf_fault(reading->faults, reading->path, line,
	    "there is no setting \"%s\"%s%s%s%s%s", name,
	    *section_of(cfg) == '\0' ? "" : " in ", section_of(cfg),
	    near.best == NULL ? "" : "; did you mean ",
	    near.best == NULL ? "" : near.best,
	    near.best == NULL ? "" : "?");
}

static void take_error(cfg_t *cfg, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
take_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	static const char unknown[] = "no such option '%s'";
	/* What libconfuse says of keys, and what an admin can use. */
	static const char *const clearer[][2] = {
		{ "found duplicate title '%s'",
		  "key \"%s\" is there already; each name stands once" },
		{ "missing title for section '%s'",
		  "%s needs a name in front of its brace" },
	};
	char text[ERR_TEXT_MAX];
	size_t i;

	if (strcmp(fmt, unknown) == 0) {
		fault_name(cfg, va_arg(ap, const char *));
		return;
	}
	for (i = 0; i < sizeof(clearer) / sizeof(clearer[0]); i++)
		if (strcmp(fmt, clearer[i][0]) == 0)
			fmt = clearer[i][1];
	vsnprintf(text, sizeof(text), fmt, ap);
	conf_fault(reading->faults, reading->path, (unsigned int)cfg->line,
	    "%s", text);
}

/* Options of the rows of one section; room for more behind them. */
static cfg_opt_t *
make_options(const char *section, size_t *n_out)
{
	cfg_opt_t *opts = calloc(conf_table_rows + SECTIONS_MAX + 1,
	    sizeof(*opts));
	size_t n = 0;

	for (size_t i = 0; opts != NULL && i < conf_table_rows; i++) {
		const struct conf_row *row = &conf_table[i];

		if (strcmp(row->section, section) != 0)
			continue;
		opts[n].name = row->key;
		opts[n].type = CFGT_STR;
		opts[n].flags = CFGF_NODEFAULT;
		if (row->kind == CONF_LIST)
			opts[n].flags |= CFGF_LIST;
		opts[n++].parsecb = take_value;
	}
	*n_out = n;
	return opts;
}

static void
free_options(cfg_opt_t *opts)
{
	for (cfg_opt_t *opt = opts; opt != NULL && opt->name != NULL; opt++)
		free(opt->subopts);
	free(opts);
}

static int
add_section(cfg_opt_t *opt, const char *name)
{
	size_t n;

	opt->name = name;
	opt->type = CFGT_SEC;
	if (strcmp(name, CONF_KEY_SECTION) == 0)
		opt->flags = CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES;
	opt->validcb = take_section;
	opt->subopts = make_options(name, &n);
	return opt->subopts == NULL ? -1 : 0;
}

/* The whole language: the rows of one section stand together in the table. */
static cfg_opt_t *
make_language(void)
{
	const char *last = "";
	size_t n;
	cfg_opt_t *opts = make_options(last, &n);

	for (size_t i = 0; opts != NULL && i < conf_table_rows; i++) {
		if (strcmp(conf_table[i].section, last) == 0)
			continue;
		last = conf_table[i].section;
		if (add_section(&opts[n++], last) == -1) {
			free_options(opts);
			return NULL;
		}
	}
	return opts;
}

static cfg_t *
make_reader(void)
{
	cfg_opt_t *language = make_language();
	cfg_t *cfg = language == NULL ? NULL : cfg_init(language, CFGF_NONE);

	free_options(language);
	if (cfg != NULL)
		cfg_set_error_function(cfg, take_error);
	return cfg;
}

/* Let libconfuse read text[0..len); -1 when it gave up. */
static int
parse(char *text, size_t len)
{
	cfg_t *cfg = make_reader();
	FILE *fp = fmemopen(text, len, "r");
	int result = -1;

	if (cfg != NULL && fp != NULL &&
	    cfg_parse_fp(cfg, fp) == CFG_SUCCESS) {
		take_empty_lists(cfg);
		result = 0;
	}
	if (fp != NULL)
		fclose(fp);
	if (cfg != NULL)
		cfg_free(cfg);
	return result;
}

/* Clean text in place and read it. */
static void
read_clean(char *text, size_t len)
{
	struct conf_faults *f = reading->faults;
	size_t before = f->count;
	struct conf_text_end end;

	conf_text_clean(text, len, &end);
	if (end.string_line > 0)
		conf_fault(f, reading->path, end.string_line,
		    "the string that begins here has no end");
	else if (end.comment_line > 0)
		conf_fault(f, reading->path, end.comment_line,
		    "the comment that begins here has no end");
	else if (parse(text, len) == -1 && f->count == before)
		conf_fault(f, reading->path, 0, "out of memory");
	else if (end.brace_line > 0 && f->count == before)
		conf_fault(f, reading->path, end.brace_line,
		    "the brace that is opened here is not closed");
}

int
conf_read_text(struct conf *c, const char *path, const char *text,
    size_t len, struct conf_faults *faults)
{
	struct reading r = { .conf = c, .faults = faults, .path = path };
	size_t before = faults->count;
	char *copy = malloc(len + 1);

	free(c->file);
	c->file = strdup(path);
	if (copy == NULL || c->file == NULL) {
		conf_fault(faults, path, 0, "out of memory");
	} else {
		/* A last line without an end is a line, too. */
		memcpy(copy, text, len);
		copy[len] = '\n';
		reading = &r;
		read_clean(copy, len + 1);
		reading = NULL;
		explicit_bzero(copy, len + 1);
	}
	free(copy);
	return faults->count == before ? 0 : -1;
}

int
conf_read(struct conf *c, const char *path, struct conf_faults *faults)
{
	struct conf_content content;
	struct err err;
	int result;

	if (conf_disk_read(path, CONF_BYTES_MAX, &content, &err) == -1) {
		conf_fault(faults, path, 0, "%s", err.text);
		return -1;
	}
	result = conf_read_text(c, path, content.text, content.len, faults);
	explicit_bzero(content.text, content.len);
	free(content.text);
	return result;
}
