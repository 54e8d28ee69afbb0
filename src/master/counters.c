/* One table of counters; the log shows all, also those that are 0. */
#include "master/counters.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/log.h"
#include "master/address.h"
#include "master/open.h"
#include "master/slots.h"
#include "master/state.h"

static const struct {
	const char *name;
	size_t offset;
} rows[] = {
#define ROW(c) { #c, offsetof(struct master_counters, c) }
	ROW(accepted), ROW(refused), ROW(opened), ROW(passed), ROW(lost),
	ROW(left), ROW(failed), ROW(late), ROW(pauses), ROW(respawns),
	ROW(condemned), ROW(silent), ROW(killers), ROW(poisoned), ROW(recycled),
	ROW(shared),
	ROW(over_connections), ROW(over_connections_per_address),
	ROW(over_handshakes), ROW(over_handshakes_per_second),
	ROW(over_failures_per_second), ROW(over_descriptors)
#undef ROW
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROWS == sizeof(struct master_counters) / sizeof(uint64_t),
    "every counter has a row");

static uint64_t
value(const struct master *m, size_t row)
{
	const char *all = (const char *)&m->counters;

	return *(const uint64_t *)(const void *)(all + rows[row].offset);
}

int
counters_put(const struct master *m, struct buf *out)
{
	for (size_t i = 0; i < ROWS; i++)
		if (buf_printf(out, "%s\"%s\":%" PRIu64, i > 0 ? "," : "",
		    rows[i].name, value(m, i)) != 0)
			return -1;
	return 0;
}

void
counters_log(struct master *m)
{
	struct buf b;
	size_t i;
	int result;

	opens_settle(m);
	buf_init(&b, 0);
	result = buf_printf(&b, "connections %zu, addresses %zu, "
	    "handshakes %zu", addresses_held_in_all(m->addresses),
	    addresses_count(m->addresses),
	    opens_unjoined(m));
	for (i = 0; i < ROWS && result == 0; i++)
		result = buf_printf(&b, ", %s %" PRIu64, rows[i].name,
		    value(m, i));
	if (result == 0)
		log_info("counters: %.*s", (int)b.len, b.data);
	buf_fini(&b);
	slots_tell_counters(m->slots);
}
