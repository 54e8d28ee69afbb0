/*
 * What a collector may take, and when it has served long enough.  Drivers
 * leak; a process that is replaced in time costs nobody anything.
 */
#ifndef COLLECTOR_BOUNDS_H
#define COLLECTOR_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

struct bounds {
	uint64_t requests;	/* 0 = any number */
	uint64_t bytes;		/* 0 = any */
	uint64_t measured_ms;	/* clock_ms() of the last look at them */
};

/* Once: descriptors. */
void bounds_start(void);

/* From now on this configuration's; memory is limited at once. */
void bounds_use(struct bounds *b, const struct conf *c);

/* Between two requests, when so many were served: is it time to go? */
bool bounds_reached(struct bounds *b, uint64_t served);

/* Are most of the descriptors gone?  It must not take another request. */
bool bounds_out_of_descriptors(void);

#endif
