/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/histogram.h"

#include <stdbool.h>
#include <string.h>

enum {
	LOWEST_NS = 100000,
	WIDER = 11, /* each class is 11/9 times as wide as the one before */
	NARROWER = 9,
	TOLD = 11, /* 11/10 of a lower end is 10 % from both ends */
	LOWER = 10,
	SHARE = 95,
	MAX_SHIFT = 24
};

/* The class that a latency falls into. */
static size_t
histogram_class(uint32_t latency_us)
{
	uint64_t ns = (uint64_t)latency_us * 1000;
	uint64_t end_ns = (uint64_t)LOWEST_NS * WIDER / NARROWER;
	size_t class = 0;

	while (ns >= end_ns && class < DMP_HISTOGRAM_CLASSES - 1) {
		end_ns = end_ns * WIDER / NARROWER;
		class ++;
	}
	return class;
}

/* What is told of a class, to the nearest microsecond. */
static uint32_t
histogram_value_us(size_t class)
{
	uint64_t ns = LOWEST_NS;

	for (size_t i = 0; i < class; i++)
		ns = ns * WIDER / NARROWER;
	return (uint32_t)((ns * TOLD / LOWER + 500) / 1000);
}

static void
histogram_empty_slot(struct dmp_histogram *histogram, uint32_t slot)
{
	size_t at = slot % DMP_HISTOGRAM_SLOTS;

	memset(histogram->counts[at], 0, sizeof histogram->counts[at]);
	histogram->shift[at] = 0;
}

static void
histogram_advance(struct dmp_histogram *histogram, uint32_t slot)
{
	if (slot == histogram->slot)
		return;
	if (slot < histogram->slot || slot - histogram->slot >= DMP_HISTOGRAM_SLOTS) {
		*histogram =
		    (struct dmp_histogram){.slot = slot, .draw = histogram->draw};
		return;
	}
	while (histogram->slot < slot)
		histogram_empty_slot(histogram, ++histogram->slot);
}

/* The remainder of each class is carried into the next: every share of the slot keeps
 * its place to within one count. */
static void
histogram_halve(uint8_t counts[DMP_HISTOGRAM_CLASSES])
{
	unsigned carry = 0;

	for (size_t i = 0; i < DMP_HISTOGRAM_CLASSES; i++) {
		unsigned sum = counts[i] + carry;

		counts[i] = (uint8_t)(sum / 2);
		carry = sum % 2;
	}
}

/* One of 2^shift, in no order: answers that are slow at a regular distance must neither
 * be met each time nor be missed each time. */
static bool
histogram_draw(struct dmp_histogram *histogram, uint8_t shift)
{
	histogram->draw = histogram->draw * UINT32_C(1664525) + UINT32_C(1013904223);
	return (uint64_t)histogram->draw >> (32 - shift) == 0;
}

void
dmp_histogram_feed(struct dmp_histogram *histogram, uint32_t latency_us, int64_t now_ms)
{
	size_t class = histogram_class(latency_us);
	size_t at;

	histogram_advance(histogram, (uint32_t)(now_ms / DMP_HISTOGRAM_SLOT_MS));
	at = histogram->slot % DMP_HISTOGRAM_SLOTS;
	if (!histogram_draw(histogram, histogram->shift[at]))
		return;
	if (histogram->counts[at][class] == UINT8_MAX) {
		if (histogram->shift[at] == MAX_SHIFT)
			return;
		histogram_halve(histogram->counts[at]);
		histogram->shift[at]++;
	}
	histogram->counts[at][class]++;
}

/* The number of the slot that is kept there; false for one before the first. */
static bool
histogram_number(const struct dmp_histogram *histogram, size_t at, int64_t *ret_slot)
{
	for (uint32_t age = 0; age < DMP_HISTOGRAM_SLOTS && age <= histogram->slot;
	     age++) {
		if ((histogram->slot - age) % DMP_HISTOGRAM_SLOTS == at) {
			*ret_slot = (int64_t)histogram->slot - age;
			return true;
		}
	}
	return false;
}

/* Of the slots from first to before end. */
static uint32_t
histogram_quantile(const struct dmp_histogram *histogram, int64_t first, int64_t end)
{
	uint64_t weights[DMP_HISTOGRAM_CLASSES] = {0};
	uint64_t total = 0;
	uint64_t below = 0;
	size_t class = 0;

	for (size_t at = 0; at < DMP_HISTOGRAM_SLOTS; at++) {
		int64_t slot;

		if (!histogram_number(histogram, at, &slot) || slot < first ||
		    slot >= end)
			continue;
		for (size_t i = 0; i < DMP_HISTOGRAM_CLASSES; i++) {
			uint64_t weight = (uint64_t)histogram->counts[at][i]
			                  << histogram->shift[at];

			weights[i] += weight;
			total += weight;
		}
	}
	if (total == 0)
		return 0;
	while ((below += weights[class]) * 100 < total * SHARE)
		class ++;
	return histogram_value_us(class);
}

uint32_t
dmp_histogram_p95(const struct dmp_histogram *histogram, int64_t now_ms)
{
	return histogram_quantile(histogram,
	    now_ms / DMP_HISTOGRAM_SLOT_MS - DMP_HISTOGRAM_SLOTS + 1, INT64_MAX);
}

/* The first slot that begins then or later. */
static int64_t
histogram_slot_from(int64_t time_ms)
{
	if (time_ms <= 0)
		return 0;
	return (time_ms - 1) / DMP_HISTOGRAM_SLOT_MS + 1;
}

uint32_t
dmp_histogram_p95_between(
    const struct dmp_histogram *histogram, int64_t from_ms, int64_t until_ms)
{
	return histogram_quantile(
	    histogram, histogram_slot_from(from_ms), histogram_slot_from(until_ms));
}
