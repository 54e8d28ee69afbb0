/*
 * Times in microseconds, counted in buckets that are never wider than 1/128 of
 * their time, so that a percentile is exact to 0.8 % from 1 us to an hour.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_FINE_BITS 7
#define HISTOGRAM_FINE (1u << HISTOGRAM_FINE_BITS)
/* 2^32 us is over an hour. */
#define HISTOGRAM_BUCKETS ((32 - HISTOGRAM_FINE_BITS + 1) * HISTOGRAM_FINE)

struct histogram {
	uint64_t count[HISTOGRAM_BUCKETS];
	uint64_t total;
	uint64_t max_us;
};

void histogram_add(struct histogram *h, uint64_t us);

/* The time that the share of all times does not exceed; 0 of none. */
uint64_t histogram_at(const struct histogram *h, double share);

#endif
