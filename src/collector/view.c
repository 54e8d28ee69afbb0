/* From sealed memory to a schema and its collectors, by generation. */
#include "collector/view.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/db.h"
#include "ipc/view.h"
#include "model/collector_source.h"

/* What serves was judged by the loader: a fault here is one of ours. */
static void
tell_fault(void *ctx, const char *line)
{
	(void)ctx;
	log_error("view: %s", line);
}

/* Once read, the text of a file is of no use. */
static void
forget_text(struct conf_file *f)
{
	free(f->text);
	f->text = NULL;
	f->len = 0;
}

static int
read_collector(struct view *v, const struct dialect *d, struct conf_file *f,
    struct err *err)
{
	const struct collector_source source = { .name = f->name,
	    .path = f->path, .text = f->text, .len = f->len };
	struct collector *c;

	c = collector_source_read(v->schema, d, &source, tell_fault, NULL);
	if (c == NULL)
		return err_set(err, ERR_INTERNAL, "the collector %s is "
		    "refused", f->name);
	v->collectors[v->ncollectors++] = c;
	if (c->plugin != NULL) {
		v->images[v->ncollectors - 1] = plugin_image_get(f->name,
		    f->text, f->len, c->plugin, err);
		if (v->images[v->ncollectors - 1] == NULL)
			return -1;
	}
	forget_text(f);
	return 0;
}

static int
read_files(struct view *v, struct err *err)
{
	struct conf *c = &v->conf;
	const struct dialect *d;

	/* NULL = not known before it is open. */
	(void)db_dialect_read(&d, c->database.url, c->database.folder, NULL);
	if (c->schema.text == NULL)
		return err_set(err, ERR_INTERNAL, "a view without a schema");
	v->schema = schema_read(c->schema.path, c->schema.text, c->schema.len,
	    tell_fault, NULL);
	if (v->schema == NULL)
		return err_set(err, ERR_INTERNAL, "the schema is refused");
	forget_text(&c->schema);
	v->collectors = calloc(c->ncollectors + 1, sizeof(*v->collectors));
	v->images = calloc(c->ncollectors + 1, sizeof(struct plugin_image *));
	if (v->collectors == NULL || v->images == NULL)
		return err_set(err, ERR_INTERNAL, "out of memory");
	for (size_t i = 0; i < c->ncollectors; i++)
		if (!c->collectors[i].refused &&
		    read_collector(v, d, &c->collectors[i], err) != 0)
			return -1;
	return 0;
}

struct view *
view_read(int fd, uint32_t generation, struct err *err)
{
	struct view *v;
	const char *data;
	size_t len;
	int r;

	if (view_map(fd, &data, &len, err) != 0)
		return NULL;
	v = calloc(1, sizeof(*v));
	if (v == NULL) {
		view_unmap(data, len);
		err_set(err, ERR_INTERNAL, "out of memory");
		return NULL;
	}
	v->generation = generation;
	r = conf_view_get(&v->conf, data, len, err);
	view_unmap(data, len);
	if (r != 0) {
		free(v);
		return NULL;
	}
	if (read_files(v, err) != 0)
		view_free(&v);
	return v;
}

void
view_free(struct view **v)
{
	struct view *old = *v;

	if (old == NULL)
		return;
	*v = NULL;
	for (size_t i = 0; i < old->ncollectors; i++) {
		collector_free(&old->collectors[i]);
		plugin_image_put(&old->images[i]);
	}
	free(old->collectors);
	free(old->images);
	schema_free(&old->schema);
	conf_fini(&old->conf);
	free(old);
}

const struct collector *
view_collector(const struct view *v, const char *name)
{
	for (size_t i = 0; i < v->ncollectors; i++)
		if (strcmp(v->collectors[i]->name, name) == 0)
			return v->collectors[i];
	return NULL;
}

struct plugin_image *
view_image(const struct view *v, const struct collector *c)
{
	size_t i = 0;

	while (v->collectors[i] != c)
		i++;
	return v->images[i];
}

const struct view *
view_find(const struct view *list, uint32_t generation)
{
	while (list != NULL && list->generation != generation)
		list = list->next;
	return list;
}

void
view_drop(struct view **list, uint32_t generation)
{
	struct view *old;

	while (*list != NULL && (*list)->generation != generation)
		list = &(*list)->next;
	old = *list;
	if (old == NULL)
		return;
	*list = old->next;
	view_free(&old);
}
