/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works.  Nothing in a file is believed before it was checked against the file's
 * real size: the header is read through the descriptor, compared with what this build
 * would have written for so many rows, and its section table is kept as a private copy.
 * Then plan rows are checked once (texts end, references point at rows), and live rows
 * are made safe as they are copied.
 */
#include "engine/board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/board_layout.h"

enum {
	READER_TRIES = 1000,  /* per live row */
	READER_REOPENS = 100, /* a newer board may replace the one we are opening */
	READER_LOCK_MS = 200, /* between two looks at the writer's lock */
	READER_STALL_MS = 5000
};

/* One mapped board. */
struct reader_map {
	int fd;
	const struct board_header *header;
	size_t size;
	struct board_section sections[DMP_BOARD_SECTIONS];
};

struct dmp_board_reader {
	char *run_dir;
	struct reader_map map;
	bool looked; /* at the lock, at looked_ms */
	int64_t looked_ms;
	bool stopped; /* for good: nobody locks an old board again */
	bool unlinked;
};

static void
reader_unmap(struct reader_map *map)
{
	if (map->header)
		(void)munmap((void *)(uintptr_t)map->header, map->size);
	if (map->fd >= 0)
		(void)close(map->fd);
}

static const void *
reader_plan_row(
    const struct reader_map *map, enum dmp_board_section section, uint64_t row)
{
	return (const char *)map->header + map->sections[section].plan_offset +
	       row * dmp_board_plan_stride(section);
}

/* Is the header what this build writes for a file of this size? */
static bool
reader_header_is_ours(const struct board_header *header, off_t file_size)
{
	struct board_section sections[DMP_BOARD_SECTIONS];
	uint32_t rows[DMP_BOARD_SECTIONS];
	uint64_t size;

	if (memcmp(header->magic, BOARD_MAGIC, sizeof header->magic) != 0 ||
	    header->layout != BOARD_LAYOUT || header->build_id != dmp_board_build_id())
		return false;
	for (int s = 0; s < DMP_BOARD_SECTIONS; s++) {
		if (header->sections[s].rows > UINT32_MAX)
			return false;
		rows[s] = (uint32_t)header->sections[s].rows;
	}
	return rows[DMP_BOARD_SYSTEM] == 1 &&
	       dmp_board_arrange(rows, sections, &size) && size == header->size &&
	       (uintmax_t)file_size == size &&
	       memcmp(sections, header->sections, sizeof sections) == 0;
}

/* Does this field end in every row? */
static bool
reader_text_ends(const struct reader_map *map, const struct board_text *text)
{
	for (uint64_t row = 0; row < map->sections[text->section].rows; row++) {
		const char *plan = reader_plan_row(map, text->section, row);

		if (plan[text->offset + text->size - 1] != '\0')
			return false;
	}
	return true;
}

/* Rows may be used as indices and strings by callers that trust us. */
static bool
reader_plan_is_sane(const struct reader_map *map)
{
	const struct dmp_board_system *system =
	    reader_plan_row(map, DMP_BOARD_SYSTEM, 0);
	size_t n;
	const struct board_text *texts = dmp_board_texts(&n);

	for (size_t i = 0; i < n; i++) {
		if (texts[i].half == BOARD_PLAN && !reader_text_ends(map, &texts[i]))
			return false;
	}
	for (uint64_t row = 0; row < map->sections[DMP_BOARD_PORT].rows; row++) {
		const struct dmp_board_port *port =
		    reader_plan_row(map, DMP_BOARD_PORT, row);

		if (port->host_row >= map->sections[DMP_BOARD_HOST].rows ||
		    port->requirement_row >= map->sections[DMP_BOARD_REQUIREMENT].rows)
			return false;
	}
	return system->root_oid_len <= DMP_ROOT_OID_MAX;
}

/* Check and map an open file; the descriptor stays the caller's. */
static enum dmp_status
reader_map_file(int fd, struct reader_map *ret_map)
{
	struct reader_map map = {.fd = fd};
	struct board_header header;
	struct stat st;
	void *memory;

	if (fstat(fd, &st) != 0)
		return DMP_EIO;
	if (!S_ISREG(st.st_mode) ||
	    pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header ||
	    !reader_header_is_ours(&header, st.st_size))
		return DMP_ECORRUPT;
	memcpy(map.sections, header.sections, sizeof map.sections);
	map.size = (size_t)st.st_size;
	memory = mmap(NULL, map.size, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return DMP_ENOMEM;
	map.header = memory;
	if (!reader_plan_is_sane(&map)) {
		(void)munmap(memory, map.size);
		return DMP_ECORRUPT;
	}
	*ret_map = map;
	return DMP_OK;
}

/* Open the newest file below the directory once; DMP_EBUSY when it has just been
 * replaced. */
static enum dmp_status
reader_try_newest(int directory, struct reader_map *ret_map)
{
	char name[NAME_MAX + 1];
	enum dmp_status status;
	uint64_t number;
	int fd;

	status = dmp_board_newest(directory, &number);
	if (status != DMP_OK)
		return status;
	if (number == 0)
		return DMP_ENOENT;
	dmp_board_name(number, name);
	fd = openat(
	    directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return DMP_EBUSY;
	if (fd < 0)
		return errno == ELOOP ? DMP_ECORRUPT : dmp_board_errno_status(errno);
	status = reader_map_file(fd, ret_map);
	if (status != DMP_OK)
		(void)close(fd);
	return status;
}

static enum dmp_status
reader_map_newest(const char *run_dir, struct reader_map *ret_map)
{
	enum dmp_status status = DMP_EBUSY;
	int directory = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		return dmp_board_errno_status(errno);
	for (int i = 0; i < READER_REOPENS && status == DMP_EBUSY; i++)
		status = reader_try_newest(directory, ret_map);
	(void)close(directory);
	return status;
}

enum dmp_status
dmp_board_reader_open(const char *run_dir, struct dmp_board_reader **ret_reader)
{
	struct dmp_board_reader *reader = calloc(1, sizeof *reader);
	enum dmp_status status = DMP_ENOMEM;

	if (!reader)
		return DMP_ENOMEM;
	reader->map.fd = -1;
	reader->run_dir = strdup(run_dir);
	if (reader->run_dir)
		status = reader_map_newest(run_dir, &reader->map);
	if (status != DMP_OK) {
		dmp_board_reader_close(reader);
		return status;
	}
	*ret_reader = reader;
	return DMP_OK;
}

void
dmp_board_reader_close(struct dmp_board_reader *reader)
{
	if (!reader)
		return;
	reader_unmap(&reader->map);
	free(reader->run_dir);
	free(reader);
}

bool
dmp_board_refresh(struct dmp_board_reader *reader)
{
	struct reader_map map;

	if (!reader->unlinked && atomic_load_explicit(&reader->map.header->retired,
	                             memory_order_relaxed) == 0)
		return false;
	if (reader_map_newest(reader->run_dir, &map) != DMP_OK)
		return false;
	reader_unmap(&reader->map);
	reader->map = map;
	reader->looked = false;
	reader->stopped = false;
	reader->unlinked = false;
	return true;
}

uint32_t
dmp_board_rows(const struct dmp_board_reader *reader, enum dmp_board_section section)
{
	return (uint32_t)reader->map.sections[section].rows;
}

const void *
dmp_board_plan(
    const struct dmp_board_reader *reader, enum dmp_board_section section, uint32_t row)
{
	if (row >= dmp_board_rows(reader, section))
		return NULL;
	return reader_plan_row(&reader->map, section, row);
}

/* One attempt to copy words under a sequence; false when they changed meanwhile. */
static bool
reader_copy_words(const _Atomic uint64_t *sequence, const _Atomic uint64_t *words,
    uint64_t before, size_t size, void *ret_live)
{
	for (size_t at = 0; at < size; at += 8) {
		uint64_t word =
		    atomic_load_explicit(&words[at / 8], memory_order_relaxed);

		memcpy((char *)ret_live + at, &word, size - at < 8 ? size - at : 8);
	}
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(sequence, memory_order_relaxed) == before;
}

/* What the row was before the write that is going on, or that was never finished. */
static bool
reader_copy_undo(
    const struct board_undo *undo, uint64_t owner, size_t size, void *ret_live)
{
	uint64_t before = atomic_load_explicit(&undo->sequence, memory_order_acquire);

	return before % 2 == 0 &&
	       atomic_load_explicit(&undo->owner, memory_order_relaxed) == owner &&
	       reader_copy_words(&undo->sequence, undo->words, before, size, ret_live);
}

/* The writer saves the former words before it locks the row: whoever sees the lock can
 * read them, and never sees something older than before. */
static bool
reader_copy_row(const struct reader_map *map, enum dmp_board_section section,
    uint32_t row, void *ret_live)
{
	const size_t size = dmp_board_live_size(section);
	const uint64_t owner = (uint64_t)section << 32 | row;
	const _Atomic uint64_t *words =
	    (const void *)((const char *)map->header +
	                   map->sections[section].live_offset +
	                   row * dmp_board_live_stride(section));

	for (int i = 0; i < READER_TRIES; i++) {
		uint64_t before = atomic_load_explicit(&words[0], memory_order_acquire);

		if (before % 2 == 0
		        ? reader_copy_words(
		              &words[0], words + 1, before, size, ret_live)
		        : reader_copy_undo(&map->header->undo, owner, size, ret_live))
			return true;
	}
	return false;
}

bool
dmp_board_live(struct dmp_board_reader *reader, enum dmp_board_section section,
    uint32_t row, void *ret_live)
{
	size_t n;
	const struct board_text *texts = dmp_board_texts(&n);

	if (dmp_board_live_size(section) == 0)
		return false;
	if (row >= dmp_board_rows(reader, section) ||
	    !reader_copy_row(&reader->map, section, row, ret_live)) {
		memset(ret_live, 0, dmp_board_live_size(section));
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (texts[i].half == BOARD_LIVE && texts[i].section == section)
			((char *)ret_live)[texts[i].offset + texts[i].size - 1] = '\0';
	}
	return true;
}

static uint32_t
reader_index(
    const struct dmp_board_reader *reader, enum dmp_board_section section, uint32_t row)
{
	const char *plan = reader_plan_row(&reader->map, section, row);
	uint32_t index;

	if (section == DMP_BOARD_SYSTEM)
		return 0;
	memcpy(&index, plan + dmp_board_index_offset(section), sizeof index);
	return index;
}

uint32_t
dmp_board_lower_bound(const struct dmp_board_reader *reader,
    enum dmp_board_section section, uint32_t index)
{
	uint32_t low = 0;
	uint32_t high = dmp_board_rows(reader, section);

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (reader_index(reader, section, middle) < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Has the writer let go of its lock?  Also see whether somebody removed the file
 * without a mark: then refresh() looks for another. */
static void
reader_look_at_writer(struct dmp_board_reader *reader, int64_t mono_ms)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	struct stat st;

	if (reader->looked && mono_ms >= reader->looked_ms &&
	    mono_ms - reader->looked_ms < READER_LOCK_MS)
		return;
	reader->looked = true;
	reader->looked_ms = mono_ms;
	reader->stopped =
	    reader->stopped ||
	    (fcntl(reader->map.fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK);
	reader->unlinked = fstat(reader->map.fd, &st) == 0 && st.st_nlink == 0;
}

enum dmp_engine_state
dmp_board_engine_state(
    struct dmp_board_reader *reader, int64_t mono_ms, int64_t *ret_age_ms)
{
	const int64_t beat =
	    atomic_load_explicit(&reader->map.header->beat_ms, memory_order_relaxed);
	uint64_t age = beat < mono_ms ? (uint64_t)mono_ms - (uint64_t)beat : 0;

	if (age > INT64_MAX)
		age = INT64_MAX;
	reader_look_at_writer(reader, mono_ms);
	*ret_age_ms = (int64_t)age;
	if (reader->stopped)
		return DMP_ENGINE_STOPPED;
	return age >= READER_STALL_MS ? DMP_ENGINE_STALLED : DMP_ENGINE_RUNNING;
}
