/*
 * A role's view of the configuration as bytes, and back.  The table says who
 * may know what; the four things that are no rows (the keys' names, the
 * schema, the collectors, the client's bundle) are decided here.
 *
 * Numbers are 8 bytes, lengths and counts 4, both little-endian; a string is
 * its length and its bytes, NO_STRING when there is none.  Reader and writer
 * are always the same binary, yet a view is checked like input.
 */
#include "conf/conf.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf_table.h"

#define MAGIC UINT32_C(0x76504c44)	/* "DLPv" */
#define NO_STRING UINT32_MAX

/* ---- writing: each 0 or -1 ---- */

static int
put_u64(struct buf *b, uint64_t v, size_t bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		if (buf_putc(b, (char)(unsigned char)v) == -1)
			return -1;
	return 0;
}

static int
put_u32(struct buf *b, size_t v)
{
	return v >= NO_STRING ? -1 : put_u64(b, v, 4);
}

static int
put_bytes(struct buf *b, const char *text, size_t len)
{
	if (text == NULL)
		return put_u64(b, NO_STRING, 4);
	return put_u32(b, len) == -1 ? -1 : buf_put(b, text, len);
}

static int
put_string(struct buf *b, const char *text)
{
	return put_bytes(b, text, text == NULL ? 0 : strlen(text));
}

static int
put_list(struct buf *b, const struct conf_list *l)
{
	if (put_u32(b, l->n) == -1)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		if (put_string(b, l->v[i]) == -1)
			return -1;
	return 0;
}

static int
put_row(struct buf *b, const struct conf_row *row, const void *base)
{
	if (row->kind == CONF_LIST)
		return put_list(b, conf_list_at(row, base));
	if (row->kind == CONF_STRING || row->kind == CONF_PATH)
		return put_string(b, *conf_string_at(row, base));
	return put_u64(b, (uint64_t)*conf_number_at(row, base), 8);
}

static int
put_rows(struct buf *b, const void *base, bool key, enum conf_role role)
{
	for (size_t i = 0; i < conf_table_rows; i++)
		if (conf_row_of_key(&conf_table[i]) == key &&
		    (conf_table[i].roles & role) != 0 &&
		    put_row(b, &conf_table[i], base) == -1)
			return -1;
	return 0;
}

/* The collectors serve whoever asks: they need no list of keys. */
static int
put_keys(struct buf *b, const struct conf *c, enum conf_role role)
{
	size_t n = role == CONF_COLLECTOR ? 0 : c->nkeys;

	if (put_u32(b, n) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (put_string(b, c->keys[i].name) == -1 ||
		    put_rows(b, &c->keys[i], true, role) == -1)
			return -1;
	return 0;
}

/* Where settings come from, for the master's faults. */
static int
put_places(struct buf *b, const struct conf *c, enum conf_role role)
{
	if (role != CONF_MASTER)
		return 0;
	if (put_string(b, c->file) == -1 ||
	    put_u32(b, c->lines == NULL ? 0 : conf_table_rows) == -1)
		return -1;
	for (size_t i = 0; c->lines != NULL && i < conf_table_rows; i++)
		if (put_u64(b, c->lines[i], 4) == -1)
			return -1;
	return 0;
}

/* Path and text for those who read them, else the name alone. */
static int
put_files(struct buf *b, const struct conf_file *f, size_t n, bool text)
{
	if (put_u32(b, n) == -1)
		return -1;
	for (; n > 0; n--, f++)
		if (put_string(b, f->name) == -1 ||
		    put_string(b, text ? f->path : NULL) == -1 ||
		    put_u64(b, f->refused, 1) == -1 ||
		    put_u64(b, (uint64_t)f->max_running, 2) == -1 ||
		    put_u64(b, f->coalesce, 1) == -1 ||
		    put_u64(b, f->plugin, 1) == -1 ||
		    put_u64(b, f->connects, 1) == -1 ||
		    put_list(b, &f->namespaces) == -1 ||
		    put_bytes(b, text ? f->text : NULL, f->len) == -1)
			return -1;
	return 0;
}

int
conf_view_put(const struct conf *c, enum conf_role role, struct buf *out)
{
	bool reads = role == CONF_COLLECTOR;
	size_t schemas = c->schema.name != NULL ? 1 : 0;

	if (put_u32(out, MAGIC) == -1 || put_u32(out, role) == -1 ||
	    put_rows(out, c, false, role) == -1 ||
	    put_places(out, c, role) == -1 ||
	    put_string(out, reads ? c->database.folder : NULL) == -1 ||
	    put_keys(out, c, role) == -1 || put_u64(out, c->greets, 1) == -1 ||
	    put_files(out, &c->schema, reads ? schemas : 0, reads) == -1 ||
	    put_files(out, c->collectors, role == CONF_MASTER ? 0 :
	    c->ncollectors, reads) == -1 ||
	    put_files(out, c->bundle, role == CONF_MASTER ? c->nbundle : 0,
	    true) == -1)
		return -1;
	return 0;
}

/* ---- reading: each 0 or -1 ---- */

struct input {
	const unsigned char *p;
	size_t left;
};

static int
get_u64(struct input *in, uint64_t *out, size_t bytes)
{
	*out = 0;
	if (in->left < bytes)
		return -1;
	for (size_t i = bytes; i > 0; i--)
		*out = *out << 8 | in->p[i - 1];
	in->p += bytes;
	in->left -= bytes;
	return 0;
}

/* How many things follow, each of at least size bytes. */
static int
get_count(struct input *in, size_t size, size_t *out)
{
	uint64_t n;

	if (get_u64(in, &n, 4) == -1 || n > in->left / size)
		return -1;
	*out = (size_t)n;
	return 0;
}

/* A string in fresh memory; only a file's text may have NULs inside. */
static int
get_bytes(struct input *in, char **out, size_t *len_out)
{
	uint64_t len;

	*out = NULL;
	*len_out = 0;
	if (get_u64(in, &len, 4) == -1)
		return -1;
	if (len == NO_STRING)
		return 0;
	if (len > in->left)
		return -1;
	*out = malloc((size_t)len + 1);
	if (*out == NULL)
		return -1;
	memcpy(*out, in->p, (size_t)len);
	(*out)[len] = '\0';
	*len_out = (size_t)len;
	in->p += len;
	in->left -= (size_t)len;
	return 0;
}

static int
get_string(struct input *in, char **out)
{
	size_t len;

	if (get_bytes(in, out, &len) == -1)
		return -1;
	return *out != NULL && strlen(*out) != len ? -1 : 0;
}

static int
get_list(struct input *in, struct conf_list *l)
{
	size_t n;

	if (get_count(in, 4, &n) == -1)
		return -1;
	l->v = calloc(n + 1, sizeof(*l->v));
	if (l->v == NULL)
		return -1;
	for (; l->n < n; l->n++)
		if (get_string(in, &l->v[l->n]) == -1 ||
		    l->v[l->n] == NULL) {
			free(l->v[l->n]);
			return -1;
		}
	return 0;
}

static int
get_row(struct input *in, const struct conf_row *row, void *base)
{
	uint64_t v;

	if (row->kind == CONF_LIST)
		return get_list(in, conf_list_at(row, base));
	if (row->kind == CONF_STRING || row->kind == CONF_PATH)
		return get_string(in, conf_string_at(row, base));
	if (get_u64(in, &v, 8) == -1 || v > INT64_MAX)
		return -1;
	*conf_number_at(row, base) = (int64_t)v;
	return 0;
}

static int
get_rows(struct input *in, void *base, bool key, enum conf_role role)
{
	for (size_t i = 0; i < conf_table_rows; i++)
		if (conf_row_of_key(&conf_table[i]) == key &&
		    (conf_table[i].roles & role) != 0 &&
		    get_row(in, &conf_table[i], base) == -1)
			return -1;
	return 0;
}

static int
get_places(struct input *in, struct conf *c, enum conf_role role)
{
	uint64_t line;
	size_t n;

	if (role != CONF_MASTER)
		return 0;
	if (get_string(in, &c->file) == -1 || get_count(in, 4, &n) == -1 ||
	    (n != 0 && n != conf_table_rows))
		return -1;
	c->lines = calloc(conf_table_rows, sizeof(*c->lines));
	if (c->lines == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (get_u64(in, &line, 4) == -1)
			return -1;
		c->lines[i] = (unsigned int)line;
	}
	return 0;
}

static int
get_keys(struct input *in, struct conf *c, enum conf_role role)
{
	size_t n;

	if (get_count(in, 4, &n) == -1 || (n > 0 && role == CONF_COLLECTOR))
		return -1;
	c->keys = calloc(n + 1, sizeof(*c->keys));
	if (c->keys == NULL)
		return -1;
	while (c->nkeys < n) {
		struct conf_key *key = &c->keys[c->nkeys++];

		if (get_string(in, &key->name) == -1 || key->name == NULL ||
		    get_rows(in, key, true, role) == -1)
			return -1;
	}
	return 0;
}

/*
 * Path and text are there for those who read them, and for nobody else; what
 * is refused has no text.
 */
static int
get_file(struct input *in, struct conf_file *f, bool reads)
{
	uint64_t refused, running, coalesce, plugin, connects;

	if (get_string(in, &f->name) == -1 || f->name == NULL ||
	    get_string(in, &f->path) == -1 || (f->path != NULL) != reads ||
	    get_u64(in, &refused, 1) == -1 || refused > 1 ||
	    get_u64(in, &running, 2) == -1 || running > CONF_RUNNING_MAX ||
	    get_u64(in, &coalesce, 1) == -1 || coalesce > 1 ||
	    get_u64(in, &plugin, 1) == -1 || plugin > 1 ||
	    get_u64(in, &connects, 1) == -1 || connects > plugin ||
	    get_list(in, &f->namespaces) == -1 ||
	    get_bytes(in, &f->text, &f->len) == -1 ||
	    (f->text != NULL) != (reads && refused == 0))
		return -1;
	f->refused = refused == 1;
	f->max_running = (int64_t)running;
	f->coalesce = coalesce == 1;
	f->plugin = plugin == 1;
	f->connects = connects == 1;
	return 0;
}

static int
get_schema(struct input *in, struct conf *c, enum conf_role role)
{
	size_t n;

	if (get_count(in, 21, &n) == -1 || n > 1 ||
	    (n > 0 && role != CONF_COLLECTOR))
		return -1;
	return n == 0 ? 0 : get_file(in, &c->schema, true);
}

/* may: the role may have any.  What was read is counted, for conf_fini(). */
static int
get_files(struct input *in, struct conf_file **files, size_t *count,
    bool may, bool reads)
{
	size_t n;

	if (get_count(in, 21, &n) == -1 || (n > 0 && !may))
		return -1;
	*files = calloc(n + 1, sizeof(**files));
	if (*files == NULL)
		return -1;
	while (*count < n)
		if (get_file(in, &(*files)[(*count)++], reads) == -1)
			return -1;
	return 0;
}

static int
get_role(struct input *in, enum conf_role *out)
{
	uint64_t magic, role;

	if (get_u64(in, &magic, 4) == -1 || magic != MAGIC ||
	    get_u64(in, &role, 4) == -1 || (role != CONF_MASTER &&
	    role != CONF_WORKER && role != CONF_COLLECTOR))
		return -1;
	*out = (enum conf_role)role;
	return 0;
}

static int
get_all(struct input *in, struct conf *c)
{
	enum conf_role role;
	uint64_t greets;

	if (get_role(in, &role) == -1 ||
	    get_rows(in, c, false, role) == -1 ||
	    get_places(in, c, role) == -1 ||
	    get_string(in, &c->database.folder) == -1 ||
	    (c->database.folder != NULL && role != CONF_COLLECTOR) ||
	    get_keys(in, c, role) == -1 ||
	    get_u64(in, &greets, 1) == -1 || greets > 1 ||
	    get_schema(in, c, role) == -1 ||
	    get_files(in, &c->collectors, &c->ncollectors,
	    role != CONF_MASTER, role == CONF_COLLECTOR) == -1 ||
	    get_files(in, &c->bundle, &c->nbundle, role == CONF_MASTER,
	    true) == -1)
		return -1;
	c->greets = greets == 1;
	return in->left == 0 ? 0 : -1;
}

int
conf_view_get(struct conf *c, const char *data, size_t len, struct err *err)
{
	struct input in = { (const unsigned char *)data, len };

	memset(c, 0, sizeof(*c));
	if (get_all(&in, c) == 0)
		return 0;
	conf_fini(c);
	return err_set(err, ERR_INTERNAL, "no view of the configuration, "
	    "or out of memory");
}
