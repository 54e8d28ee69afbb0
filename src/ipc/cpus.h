/*
 * Slots share the CPUs: a session process and its collectors, which wake each
 * other all the time, keep to the slot's own part of those that the gateway
 * may use.  To wake somebody on another CPU costs more than all else that is
 * done for a small request; and the kernel, which takes each for a stranger,
 * spreads them.
 */
#ifndef IPC_CPUS_H
#define IPC_CPUS_H

#include <stdint.h>

/*
 * slot: from 1, of so many; 0 = as many as CPUs, 1 = all are for each.  For
 * the calling thread.
 */
void cpus_keep(unsigned int slot, int64_t slots);

/*
 * What takes long may run anywhere, until it is over.  For the thread that
 * called cpus_keep(), by any; not by two at once.
 */
void cpus_roam(void);
void cpus_return(void);

#endif
