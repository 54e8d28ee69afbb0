/* One request, from the queue to END. */
#ifndef COLLECTOR_RUN_H
#define COLLECTOR_RUN_H

#include <stdbool.h>

#include "collector/link.h"
#include "collector/plans.h"
#include "collector/view.h"
#include "collector/writer.h"
#include "ipc/queue.h"
#include "ipc/status.h"

struct run {
	const struct queue_request *request;
	int reply;			/* stays the caller's */
	const struct view *view;	/* NULL: we lack its generation */
	struct link *link;
	struct plans *plans;
	struct writer *writer;		/* zeroed, or the last request's */
	struct db_guard *guard;
	struct status *status;
	unsigned int lifted;		/* of this process: ipc/confine.h */
	bool *look;			/* set: it may have left things open */
};

/* Run it and answer it, whatever happens; ends the process when condemned. */
void run_request(const struct run *r);

#endif
