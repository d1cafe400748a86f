/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/board.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/board_layout.h"

struct dmp_board {
	int directory;
	int fd; /* holds the lock that says "the engine lives" */
	struct board_header *header;
	size_t size;
	char name[NAME_MAX + 1];
	bool published;
};

enum { WRITER_NAMES = 100 }; /* temporary names to try */

/* A new file under a name that nobody has.  A process with our pid may have left one
 * when it was killed: then the next name is tried. */
static enum dmp_status
writer_make_file(struct dmp_board *board)
{
	for (int i = 0; i < WRITER_NAMES && board->fd < 0; i++) {
		dmp_text_format(board->name, sizeof board->name,
		    BOARD_TEMPORARY "%ld.%d", (long)getpid(), i);
		board->fd = openat(board->directory, board->name,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
		if (board->fd < 0 && errno != EEXIST)
			break;
	}
	if (board->fd < 0) {
		board->name[0] = '\0';
		return dmp_board_errno_status(errno);
	}
	/* The umask must not shut out the group. */
	return fchmod(board->fd, 0640) == 0 ? DMP_OK : DMP_EIO;
}

/* Reserve every block now: a full disk is an error here, not a SIGBUS later. */
static enum dmp_status
writer_reserve(int fd, uint64_t size)
{
	int error;

	do {
		error = posix_fallocate(fd, 0, (off_t)size);
	} while (error == EINTR);
	errno = error;
	return error == 0 ? DMP_OK : DMP_EIO;
}

static enum dmp_status
writer_lock(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0 ? DMP_OK : DMP_EIO;
}

static enum dmp_status
writer_map(struct dmp_board *board, const struct board_section *sections, uint64_t size)
{
	struct board_header *header;

	header =
	    mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, board->fd, 0);
	if (header == MAP_FAILED)
		return DMP_EIO;
	memcpy(header->magic, BOARD_MAGIC, sizeof header->magic);
	header->layout = BOARD_LAYOUT;
	header->build_id = dmp_board_build_id();
	header->size = size;
	memcpy(header->sections, sections, sizeof header->sections);
	board->header = header;
	board->size = (size_t)size;
	return DMP_OK;
}

enum dmp_status
dmp_board_create(const char *run_dir, const uint32_t n[DMP_BOARD_SECTIONS],
    struct dmp_board **ret_board)
{
	struct board_section sections[DMP_BOARD_SECTIONS];
	struct dmp_board *board;
	enum dmp_status status;
	uint64_t size;

	assert(n[DMP_BOARD_SYSTEM] == 1);
	if (!dmp_board_arrange(n, sections, &size))
		return DMP_ETOOBIG;
	board = calloc(1, sizeof *board);
	if (!board)
		return DMP_ENOMEM;
	board->fd = -1;
	board->directory = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	status = board->directory >= 0 ? DMP_OK : dmp_board_errno_status(errno);
	if (status == DMP_OK)
		status = writer_make_file(board);
	if (status == DMP_OK)
		status = writer_lock(board->fd);
	if (status == DMP_OK)
		status = writer_reserve(board->fd, size);
	if (status == DMP_OK)
		status = writer_map(board, sections, size);
	if (status != DMP_OK) {
		int error = errno;

		dmp_board_close(board);
		errno = error;
		return status;
	}
	*ret_board = board;
	return DMP_OK;
}

void *
dmp_board_plan_row(
    struct dmp_board *board, enum dmp_board_section section, uint32_t row)
{
	const struct board_section *s = &board->header->sections[section];

	assert(row < s->rows && !board->published);
	return (char *)board->header + s->plan_offset +
	       row * dmp_board_plan_stride(section);
}

/* Readers of this file are to remap.  Written through the descriptor, not mapped: a
 * foreign file of that name cannot give us a SIGBUS, and is not made longer. */
static void
writer_retire_file(int directory, const char *name)
{
	const uint64_t yes = 1;
	struct stat st;
	int fd = openat(
	    directory, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size >= (off_t)sizeof(struct board_header)) {
		ssize_t n = pwrite(
		    fd, &yes, sizeof yes, offsetof(struct board_header, retired));

		(void)n; /* readers then see that its name is gone */
	}
	(void)close(fd);
}

/* Is anybody still filling this temporary file? */
static bool
writer_is_abandoned(int directory, const char *name)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	bool abandoned;
	int fd = openat(
	    directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return true;
	abandoned = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
	(void)close(fd);
	return abandoned;
}

static void
writer_remove_other(int directory, const char *name, void *arg)
{
	const struct dmp_board *board = arg;
	const bool temporary =
	    strncmp(name, BOARD_TEMPORARY, sizeof BOARD_TEMPORARY - 1) == 0;
	uint64_t number;

	if (strcmp(name, board->name) == 0)
		return;
	if (temporary ? !writer_is_abandoned(directory, name)
	              : !dmp_board_number(name, &number))
		return;
	if (!temporary)
		writer_retire_file(directory, name);
	(void)unlinkat(directory, name, 0);
}

/* The new one is in place before the former is marked: whoever sees the mark finds it.
 */
enum dmp_status
dmp_board_publish(struct dmp_board *board)
{
	char name[NAME_MAX + 1];
	enum dmp_status status;
	uint64_t newest;

	assert(!board->published);
	status = dmp_board_newest(board->directory, &newest);
	if (status != DMP_OK)
		return status;
	if (newest >= BOARD_NUMBER_MAX)
		return DMP_ETOOBIG;
	dmp_board_name(newest + 1, name);
	if (renameat(board->directory, board->name, board->directory, name) != 0)
		return dmp_board_errno_status(errno);
	memcpy(board->name, name, sizeof name);
	board->published = true;
	return dmp_board_scan(board->directory, writer_remove_other, board);
}

/* Readers that see the odd count also see everything that was stored before it; those
 * that see any of the new words see the odd count when they look again (Boehm, "Can
 * seqlocks get along with programming language memory models?", 2012). */
static void
writer_begin(_Atomic uint64_t *sequence)
{
	uint64_t now = atomic_load_explicit(sequence, memory_order_relaxed);

	atomic_store_explicit(sequence, now + 1, memory_order_release);
	atomic_thread_fence(memory_order_release);
}

static void
writer_end(_Atomic uint64_t *sequence)
{
	uint64_t now = atomic_load_explicit(sequence, memory_order_relaxed);

	atomic_store_explicit(sequence, now + 1, memory_order_release);
}

static void
writer_save_undo(struct board_undo *undo, uint64_t owner, const _Atomic uint64_t *words,
    size_t n_words)
{
	writer_begin(&undo->sequence);
	atomic_store_explicit(&undo->owner, owner, memory_order_relaxed);
	for (size_t i = 0; i < n_words; i++) {
		uint64_t word = atomic_load_explicit(&words[i], memory_order_relaxed);

		atomic_store_explicit(&undo->words[i], word, memory_order_relaxed);
	}
	writer_end(&undo->sequence);
}

void
dmp_board_write(struct dmp_board *board, enum dmp_board_section section, uint32_t row,
    const void *live)
{
	const struct board_section *s = &board->header->sections[section];
	const size_t stride = dmp_board_live_stride(section);
	const size_t size = dmp_board_live_size(section);
	_Atomic uint64_t *words;

	assert(row < s->rows);
	if (stride == 0)
		return;
	words = (_Atomic uint64_t *)(void *)((char *)board->header + s->live_offset +
	                                     row * stride);
	writer_save_undo(&board->header->undo, (uint64_t)section << 32 | row, words + 1,
	    stride / 8 - 1);
	writer_begin(&words[0]);
	for (size_t at = 0; at < size; at += 8) {
		uint64_t word = 0;

		memcpy(&word, (const char *)live + at, size - at < 8 ? size - at : 8);
		atomic_store_explicit(&words[1 + at / 8], word, memory_order_relaxed);
	}
	writer_end(&words[0]);
}

/* We are the only writer: nothing changes while we read. */
static const void *
writer_live(const struct dmp_board *board, enum dmp_board_section section, uint32_t row)
{
	const struct board_section *s = &board->header->sections[section];

	assert(row < s->rows);
	return (const char *)board->header + s->live_offset +
	       row * dmp_board_live_stride(section) + sizeof(uint64_t);
}

void
dmp_board_read(const struct dmp_board *board, enum dmp_board_section section,
    uint32_t row, void *ret_live)
{
	memcpy(
	    ret_live, writer_live(board, section, row), dmp_board_live_size(section));
}

void
dmp_board_copy(struct dmp_board *to, uint32_t to_row, const struct dmp_board *from,
    uint32_t from_row, enum dmp_board_section section)
{
	dmp_board_write(to, section, to_row, writer_live(from, section, from_row));
}

void
dmp_board_beat(struct dmp_board *board, int64_t mono_ms)
{
	atomic_store_explicit(&board->header->beat_ms, mono_ms, memory_order_relaxed);
}

void
dmp_board_close(struct dmp_board *board)
{
	if (!board)
		return;
	if (board->header)
		(void)munmap(board->header, board->size);
	if (board->name[0] && !board->published)
		(void)unlinkat(board->directory, board->name, 0);
	if (board->fd >= 0)
		(void)close(board->fd);
	if (board->directory >= 0)
		(void)close(board->directory);
	free(board);
}
