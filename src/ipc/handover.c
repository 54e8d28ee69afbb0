/* The state of a master that is about to become another binary. */
#include "ipc/handover.h"

#include <limits.h>
#include <string.h>

#define MAGIC UINT64_C(0x5352454b49524c44)

static const struct {
	const char *name;
	size_t nfds;
} kinds[HANDOVER_KINDS] = {
	[0] = { "nothing", 0 },
	[HANDOVER_MASTER] = { "master", 0 },
	[HANDOVER_VIEW] = { "view", 1 },
	[HANDOVER_LISTENER] = { "listener", 1 },
	[HANDOVER_CONTROL] = { "control", 1 },
	[HANDOVER_CALLER] = { "caller", 1 },
	[HANDOVER_QUEUE] = { "queue", 2 },
	[HANDOVER_WORKER] = { "worker", 1 },
	[HANDOVER_COLLECTOR] = { "collector", 1 },
	[HANDOVER_SESSION] = { "session", 0 },
	[HANDOVER_FRONT] = { "front", 1 }
};

const char *
handover_name(enum handover_kind kind)
{
	return kinds[kind].name;
}

size_t
handover_fds(enum handover_kind kind)
{
	return kinds[kind].nfds;
}

int
handover_put_head(struct buf *b, const char *version)
{
	struct wire_writer w = { .buf = b };

	wire_put(&w, MAGIC, 8);
	wire_put(&w, HANDOVER_FORM, 4);
	wire_put_text(&w, version);
	return wire_written(&w);
}

int
handover_put(struct buf *b, const struct handover_item *item)
{
	struct wire_writer w = { .buf = b };

	wire_put(&w, item->kind, 1);
	for (size_t i = 0; i < kinds[item->kind].nfds; i++)
		wire_put(&w, (uint64_t)item->fds[i], 4);
	for (size_t i = 0; i < HANDOVER_NUMBERS; i++)
		wire_put(&w, item->numbers[i], 4);
	wire_put(&w, item->flag, 1);
	wire_put_bytes(&w, item->text);
	wire_put_bytes(&w, item->in);
	wire_put_bytes(&w, item->out);
	return wire_written(&w);
}

int
handover_get_head(struct wire_reader *r,
    char version_out[HANDOVER_VERSION_MAX], struct err *err)
{
	uint64_t magic = wire_get(r, 8, UINT64_MAX);
	uint64_t form = wire_get(r, 4, UINT32_MAX);

	wire_get_text(r, version_out, HANDOVER_VERSION_MAX);
	if (r->failed || magic != MAGIC)
		return err_set(err, ERR_INTERNAL, "it is no state of a master");
	if (form != HANDOVER_FORM)
		return err_set(err, ERR_INTERNAL, "it has the form %u of "
		    "version %s, not %u", (unsigned int)form, version_out,
		    HANDOVER_FORM);
	return 0;
}

int
handover_get(struct wire_reader *r, struct handover_item *out)
{
	if (!r->failed && r->at == r->end)
		return 0;
	out->kind = (enum handover_kind)wire_get(r, 1, HANDOVER_KINDS - 1);
	for (size_t i = 0; i < HANDOVER_FDS; i++)
		out->fds[i] = i < kinds[out->kind].nfds ?
		    (int)wire_get(r, 4, INT_MAX) : -1;
	for (size_t i = 0; i < HANDOVER_NUMBERS; i++)
		out->numbers[i] = (uint32_t)wire_get(r, 4, UINT32_MAX);
	out->flag = wire_get(r, 1, 1) != 0;
	out->text = wire_get_bytes(r);
	out->in = wire_get_bytes(r);
	out->out = wire_get_bytes(r);
	if (r->failed || out->kind == 0 || (out->text.len > 0 &&
	    memchr(out->text.data, '\0', out->text.len) != NULL))
		return -1;
	return out->kind == HANDOVER_SESSION &&
	    out->text.len != MSG_SID_LEN ? -1 : 1;
}

int
handover_check(const void *data, size_t len, struct err *err)
{
	struct wire_reader r = wire_reader(data, len);
	size_t n[HANDOVER_KINDS] = { 0 };
	char version[HANDOVER_VERSION_MAX];
	struct handover_item item;
	int result;

	if (handover_get_head(&r, version, err) != 0)
		return -1;
	while ((result = handover_get(&r, &item)) == 1)
		n[item.kind]++;
	if (result != 0 || n[HANDOVER_MASTER] != 1)
		return err_set(err, ERR_INTERNAL, "an item of the state of "
		    "version %s is not sound", version);
	return 0;
}
