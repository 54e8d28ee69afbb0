/*
 * Buckets: one for each microsecond below 2 * FINE, above that FINE of them for
 * each power of two.
 */
#include "histogram.h"

static unsigned
bucket_of(uint64_t us)
{
	unsigned power = 0;

	if (us > UINT32_MAX)
		us = UINT32_MAX;
	while (us >> power >= 2 * HISTOGRAM_FINE)
		power++;
	return power * HISTOGRAM_FINE + (unsigned)(us >> power);
}

static uint64_t
highest_in(unsigned bucket)
{
	unsigned power;

	if (bucket < 2 * HISTOGRAM_FINE)
		return bucket;
	power = bucket / HISTOGRAM_FINE - 1;
	return ((uint64_t)(bucket - power * HISTOGRAM_FINE + 1) << power) - 1;
}

void
histogram_add(struct histogram *h, uint64_t us)
{
	h->count[bucket_of(us)]++;
	h->total++;
	if (us > h->max_us)
		h->max_us = us;
}

uint64_t
histogram_at(const struct histogram *h, double share)
{
	uint64_t seen = 0, wanted = (uint64_t)(share * (double)h->total);
	unsigned i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->count[i];
		if (seen > wanted || (seen == h->total && seen > 0))
			break;
	}
	if (i == HISTOGRAM_BUCKETS)
		return 0;
	return highest_in(i) < h->max_us ? highest_in(i) : h->max_us;
}
