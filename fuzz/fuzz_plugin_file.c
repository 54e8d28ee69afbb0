/*
 * Fuzz target: files that say they are collectors in C.  What is accepted has
 * texts that end and namespaces that can be joined; what is not is told why.
 */
#include "target.h"

#include "model/plugin_file.h"

static void
count(void *ctx, const char *line)
{
	require(strncmp(line, "f:1: ", 5) == 0);
	++*(size_t *)ctx;
}

static void
check(const struct plugin_file *f)
{
	const struct dalpuri_collector *c = &f->declared;
	size_t i;

	require(c->abi == DALPURI_ABI && c->size >= sizeof(*c));
	require(memchr(c->description, '\0', sizeof(c->description)) != NULL);
	require(f->nnamespaces <= DALPURI_NAMESPACES_MAX);
	for (i = 0; i < f->nnamespaces; i++) {
		require(c->namespaces[i][0] == '/');
		require(memchr(c->namespaces[i], '\0',
		    sizeof(c->namespaces[i])) != NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t told = 0;
	struct collector_faults faults = { .path = "f", .tell = count,
	    .ctx = &told };
	char *bytes = copy((const char *)data, size);
	struct plugin_file f;

	if (plugin_file_read(&f, bytes, size, &faults) == 0) {
		require(told == 0);
		check(&f);
	} else {
		require(told == 1);
	}
	free(bytes);
	return 0;
}
