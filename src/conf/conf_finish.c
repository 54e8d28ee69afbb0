/*
 * What the file alone cannot say: the environment over it, the files that it
 * names, and settings that must fit together.
 */
#include "conf/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "conf/conf_disk.h"
#include "conf/conf_table.h"

#define DEFAULT_KEY "default"
#define PSK_FILE_BYTES_MAX 4096

static bool
given(const char *text)
{
	return text != NULL && *text != '\0';
}

/* Put a copy of text into *at, whose old content may be a secret. */
static int
replace(char **at, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return -1;
	if (*at != NULL)
		explicit_bzero(*at, strlen(*at));
	free(*at);
	*at = copy;
	return 0;
}

static void
fault_memory(struct conf_faults *f)
{
	conf_fault(f, NULL, 0, "out of memory");
}

/* The folder that the conf is in; without a conf, the standard one. */
static char *
conf_folder(const struct conf *c)
{
	return c->file == NULL ? conf_disk_standard_folder() :
	    conf_disk_folder(c->file);
}

static int
make_absolute(void *base, bool key, const char *folder)
{
	for (size_t i = 0; i < conf_table_rows; i++) {
		const struct conf_row *row = &conf_table[i];
		char **at, *path;

		if (row->kind != CONF_PATH || conf_row_of_key(row) != key)
			continue;
		at = conf_string_at(row, base);
		if (*at == NULL)
			continue;
		path = conf_disk_join(folder, *at);
		if (path == NULL)
			return -1;
		free(*at);
		*at = path;
	}
	return 0;
}

/* database.folder is the conf's, unless the environment names the url. */
static void
take_url(struct conf *c, const struct conf_env *env, const char *folder,
    struct conf_faults *f)
{
	char *cwd;

	if (!given(env->database_url)) {
		if (c->database.url == NULL)
			conf_fault(f, c->file, 0, "no database: set "
			    "DATABASE_URL, or url in the section database");
		if (replace(&c->database.folder, folder) == -1)
			fault_memory(f);
		return;
	}
	cwd = getcwd(NULL, 0);
	if (cwd == NULL || replace(&c->database.url, env->database_url) == -1 ||
	    replace(&c->database.folder, cwd) == -1)
		conf_fault(f, NULL, 0, "DATABASE_URL: %s", strerror(errno));
	free(cwd);
}

/* PORT takes the place of the first address's port. */
static void
take_port(struct conf *c, const char *port, struct conf_faults *f)
{
	struct conf_address a;
	uint64_t n;
	char *text;

	if (!given(port))
		return;
	if (num_read_u64(port, strlen(port), &n) == -1 || n > UINT16_MAX) {
		conf_fault(f, NULL, 0,
		    "PORT: \"%s\" is not a port from 0 to 65535", port);
		return;
	}
	if (c->listen.n == 0 || conf_address_read(c->listen.v[0], &a) == -1)
		return;		/* told when it was read */
	if (asprintf(&text, a.ipv6 ? "[%s]:%u" : "%s:%u",
	    a.any ? "*" : a.host, (unsigned int)n) == -1) {
		fault_memory(f);
		return;
	}
	free(c->listen.v[0]);
	c->listen.v[0] = text;
}

/* PSK is the key "default", in the place of one that the file has. */
static int
take_psk(struct conf *c, const char *psk)
{
	struct conf_key *all, *key = NULL;

	for (size_t i = 0; i < c->nkeys; i++)
		if (strcmp(c->keys[i].name, DEFAULT_KEY) == 0)
			key = &c->keys[i];
	if (key == NULL) {
		all = realloc(c->keys, (c->nkeys + 1) * sizeof(*all));
		if (all == NULL)
			return -1;
		c->keys = all;
		key = &all[c->nkeys];
		memset(key, 0, sizeof(*key));
		key->name = strdup(DEFAULT_KEY);
		if (key->name == NULL)
			return -1;
		c->nkeys++;
		if (conf_rows_init(key, true) == -1)
			return -1;
	}
	free(key->psk_file);
	key->psk_file = NULL;
	return replace(&key->psk, psk);
}

/* The file's content without one newline at its end; -1: fault is filled. */
static int
read_psk(struct conf_key *key, struct err *err)
{
	struct conf_content content;
	size_t len;
	int result = 0;

	if (conf_disk_read(key->psk_file, PSK_FILE_BYTES_MAX, &content,
	    err) == -1)
		return -1;
	len = content.len;
	if (len > 0 && content.text[len - 1] == '\n')
		content.text[--len] = '\0';
	if (len == 0)
		result = err_set(err, ERR_BAD_OPTIONS, "empty");
	else if (strlen(content.text) != len)
		result = err_set(err, ERR_BAD_OPTIONS, "has a NUL in it");
	else if (replace(&key->psk, content.text) == -1)
		result = err_set(err, ERR_INTERNAL, "out of memory");
	if (result == 0 && content.for_all)
		log_warn("%s: every user of this machine may read it: "
		    "chmod o-r", key->psk_file);
	explicit_bzero(content.text, content.len);
	free(content.text);
	return result;
}

static void
take_keys(struct conf *c, const struct conf_env *env, const char *folder,
    struct conf_faults *f)
{
	struct err err;

	if (given(env->psk) && take_psk(c, env->psk) == -1)
		fault_memory(f);
	for (size_t i = 0; i < c->nkeys; i++) {
		struct conf_key *key = &c->keys[i];

		if (make_absolute(key, true, folder) == -1)
			fault_memory(f);
		else if (key->psk_file != NULL && read_psk(key, &err) == -1)
			conf_fault(f, c->file, key->line,
			    "key \"%s\": psk_file: %s: %s", key->name,
			    key->psk_file, err.text);
	}
	if (c->nkeys == 0 && c->socketio.auth == CONF_AUTH_PSK)
		conf_fault(f, c->file, 0, "no key: set PSK, or add "
		    "key \"NAME\" { psk_file = \"FILE\" }");
}

static void
take_files(struct conf *c, struct conf_faults *f)
{
	const char *base = strrchr(c->database.schema, '/') + 1;
	struct err err;

	if (conf_disk_file(&c->schema, base, c->database.schema, &err) == -1)
		conf_fault_at(f, c, &c->database.schema, "schema: %s",
		    err.text);
	if (conf_disk_collectors(c, c->database.collectors, f,
	    &err) == -1)
		conf_fault_at(f, c, &c->database.collectors, "collectors: %s",
		    err.text);
	if (c->socketio.client_bundle != NULL &&
	    conf_disk_bundle(c, c->socketio.client_bundle, &err) == -1)
		conf_fault_at(f, c, &c->socketio.client_bundle,
		    "client_bundle: %s", err.text);
}

int
conf_finish(struct conf *c, const struct conf_env *env,
    struct conf_faults *faults)
{
	size_t before = faults->count;
	char *folder = conf_folder(c);

	/* The standard folder is for files that are read, not made. */
	if (c->file == NULL) {
		free(c->control);
		c->control = NULL;
	}
	if (folder == NULL || make_absolute(c, false, folder) == -1) {
		conf_fault(faults, c->file, 0, "%s", strerror(errno));
		free(folder);
		return -1;
	}
	take_url(c, env, folder, faults);
	take_port(c, env->port, faults);
	take_keys(c, env, folder, faults);
	take_files(c, faults);
	if (c->limits.respawn_min_ms > c->limits.respawn_max_ms)
		conf_fault_at(faults, c, &c->limits.respawn_min_ms,
		    "limits.respawn_min: more than respawn_max");
	free(folder);
	return faults->count == before ? 0 : -1;
}
