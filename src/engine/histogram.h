/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * histogram.h - how long answers took in the last hour, in bounded memory.  Pure.
 *
 * Rules.  Three slots of 20 minutes: the figure is about the last 40 to 60 minutes.
 * 60 classes, each 11/9 times as wide as the one before, from 100 us to 16.9 s.  What
 * is told is at most 10 % and half a microsecond away from a latency that was measured;
 * what is faster is told as 110 us, what is slower as 15 s.
 *
 * How it works.  The counters have 8 bits.  When one is full all of its slot are halved
 * (what one loses the next gets, so that shares stay true to one count) and from then
 * on only one of 2, 4 ... answers of the slot is counted, with that weight.  Times
 * are monotonic milliseconds, >= 0.
 */
#ifndef DMP_HISTOGRAM_H
#define DMP_HISTOGRAM_H

#include <stdint.h>

enum { DMP_HISTOGRAM_SLOTS = 3, DMP_HISTOGRAM_CLASSES = 60 };

#define DMP_HISTOGRAM_SLOT_MS (20 * 60 * 1000)

/* Value type, zero-initialised = empty. */
struct dmp_histogram {
	uint32_t slot; /* number of the newest slot: time / slot length */
	uint32_t draw; /* decides which answers are counted, see histogram_draw() */
	uint8_t
	    shift[DMP_HISTOGRAM_SLOTS]; /* each counter stands for 2^shift answers */
	uint8_t counts[DMP_HISTOGRAM_SLOTS][DMP_HISTOGRAM_CLASSES];
};

_Static_assert(sizeof(struct dmp_histogram) <= 200, "there is one for each port");

/* An answer after latency_us. */
void dmp_histogram_feed(
    struct dmp_histogram *histogram, uint32_t latency_us, int64_t now_ms);

/* The latency in microseconds within which 95 of 100 answers came; 0 when there was
 * none. */
uint32_t dmp_histogram_p95(const struct dmp_histogram *histogram, int64_t now_ms);

/* The same of the slots that began at or after from_ms and before until_ms, if they are
 * still kept.  What counts thus came after from_ms; of an hour that has just ended
 * those are its last 40 to 60 minutes. */
uint32_t dmp_histogram_p95_between(
    const struct dmp_histogram *histogram, int64_t from_ms, int64_t until_ms);

#endif
