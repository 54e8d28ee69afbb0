/*
 * Fuzz target: the text of a conf file.  Whatever it says, it is read twice
 * with the same result, and a conf without a fault survives its views.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A view decoded and encoded again is the same view. */
static void
check_view(const struct conf *c, enum conf_role role)
{
	struct buf one, two;
	struct conf copy;

	buf_init(&one, 0);
	buf_init(&two, 0);
	if (conf_view_put(c, role, &one) == 0) {
		if (conf_view_get(&copy, one.data, one.len, NULL) == -1 ||
		    conf_view_put(&copy, role, &two) == -1 ||
		    one.len != two.len ||
		    memcmp(one.data, two.data, one.len) != 0)
			abort();
		conf_fini(&copy);
	}
	buf_fini(&one);
	buf_fini(&two);
}

/* The number of faults. */
static size_t
read_once(const char *text, size_t size)
{
	struct conf_faults faults = { .count = 0 };
	struct conf c;
	size_t count;
	int result;

	if (conf_init(&c) == -1)
		abort();
	result = conf_read_text(&c, "fuzz.conf", text, size, &faults);
	if ((result == -1) != (faults.count > 0))
		abort();
	if (result == 0) {
		check_view(&c, CONF_MASTER);
		check_view(&c, CONF_WORKER);
		check_view(&c, CONF_COLLECTOR);
	}
	count = faults.count;
	conf_faults_fini(&faults);
	conf_fini(&c);
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t first = read_once((const char *)data, size);

	/* libconfuse has globals: nothing of one file may reach the next. */
	if (read_once((const char *)data, size) != first)
		abort();
	return 0;
}
