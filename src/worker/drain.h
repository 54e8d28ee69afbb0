/*
 * The end of a worker: clients are told to go, spread over drain_time, so
 * that they do not all come to its neighbours at once; requests are taken as
 * long, and those that run have drain_timeout behind it.
 */
#ifndef WORKER_DRAIN_H
#define WORKER_DRAIN_H

struct worker;

/* Begin; the loop breaks when all is done.  Again: nothing happens. */
void drain_begin(struct worker *w);

#endif
