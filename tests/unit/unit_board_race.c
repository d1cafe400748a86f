/* SPDX-License-Identifier: BSD-2-Clause */
/* unit_board_race.c - one writer, many readers; writers that die; disks that are full.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/board.h"
#include "engine/board_layout.h"
#include "support/board_sample.h"

enum { KILL_ROUNDS = 50, THREAD_READS = 20000 };

struct writer_thread {
	struct dmp_board *board;
	atomic_bool stop;
};

static void *
write_rows(void *arg)
{
	struct writer_thread *w = arg;
	struct dmp_board_port_live live;

	for (uint32_t k = BOARD_SAMPLE_PORTS; !atomic_load(&w->stop); k++) {
		board_sample_fill(&live, k);
		dmp_board_write(
		    w->board, DMP_BOARD_PORT, k % BOARD_SAMPLE_PORTS, &live);
	}
	return NULL;
}

/* Every copy is whole, is of that row, and is not older than the one before. */
static void
read_rows(struct dmp_board_reader *reader)
{
	uint32_t last[BOARD_SAMPLE_PORTS] = {0};

	for (uint32_t i = 0; i < THREAD_READS; i++) {
		struct dmp_board_port_live live;
		const uint32_t row = i % BOARD_SAMPLE_PORTS;

		assert_true(dmp_board_live(reader, DMP_BOARD_PORT, row, &live));
		assert_true(board_sample_is_whole(&live));
		assert_int_equal(live.checks % BOARD_SAMPLE_PORTS, row);
		assert_true(live.checks >= last[row]);
		last[row] = live.checks;
	}
}

static void
readers_beside_a_writing_thread_never_see_a_torn_row(void **state)
{
	const struct board_sample *f = *state;
	struct writer_thread w = {.board = board_sample_publish(f->dir, "North")};
	struct dmp_board_reader *reader = board_sample_reader(f->dir);
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, write_rows, &w), 0);
	read_rows(reader);
	atomic_store(&w.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	dmp_board_reader_close(reader);
	dmp_board_close(w.board);
}

/* A child that publishes a board, says so, and writes until it is killed. */
static pid_t
start_writer(const char *dir)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct writer_thread w = {.board = board_sample_publish(dir, "North")};

		/* not for ever, should the test fail before it kills us */
		(void)alarm(60);
		if (write(ready[1], "x", 1) == 1)
			(void)write_rows(&w);
		_exit(1);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	(void)close(ready[0]);
	return pid;
}

static void
kill_writer(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
readers_beside_a_writing_process_never_see_a_torn_row(void **state)
{
	const struct board_sample *f = *state;
	pid_t pid = start_writer(f->dir);
	struct dmp_board_reader *reader = board_sample_reader(f->dir);

	read_rows(reader);
	kill_writer(pid);
	dmp_board_reader_close(reader);
}

static unsigned
count_locked_rows(const char *dir)
{
	unsigned n = 0;
	int fd = board_sample_file(dir, O_RDONLY);

	for (uint32_t r = 0; r < BOARD_SAMPLE_PORTS; r++) {
		uint64_t sequence;

		assert_int_equal(pread(fd, &sequence, sizeof sequence,
		                     (off_t)board_sample_live_offset(r)),
		    8);
		n += sequence % 2;
	}
	(void)close(fd);
	return n;
}

static void
a_writer_killed_anywhere_leaves_whole_rows_and_is_seen_stopped(void **state)
{
	const struct board_sample *f = *state;
	const unsigned seed = (unsigned)time(NULL);
	unsigned locked = 0;

	srand(seed);
	for (int round = 0; round < KILL_ROUNDS; round++) {
		pid_t pid = start_writer(f->dir);
		struct dmp_board_reader *reader = board_sample_reader(f->dir);
		struct timespec pause = {.tv_nsec = rand() % 1000000};
		int64_t age;

		assert_int_equal(
		    dmp_board_engine_state(reader, 1000, &age), DMP_ENGINE_RUNNING);
		(void)nanosleep(&pause, NULL);
		kill_writer(pid);
		locked += count_locked_rows(f->dir);
		for (uint32_t row = 0; row < BOARD_SAMPLE_PORTS; row++) {
			struct dmp_board_port_live live;

			assert_true(dmp_board_live(reader, DMP_BOARD_PORT, row, &live));
			assert_true(board_sample_is_whole(&live));
			assert_int_equal(live.checks % BOARD_SAMPLE_PORTS, row);
		}
		assert_int_equal(
		    dmp_board_engine_state(reader, 1200, &age), DMP_ENGINE_STOPPED);
		dmp_board_reader_close(reader);
	}
	print_message(
	    "seed %u: %u of %d writers died inside a row\n", seed, locked, KILL_ROUNDS);
}

enum { CHILD_OK = 0, CHILD_SKIP = 77 };

/* In a mount namespace of its own: a file system of 64 KiB and a board of megabytes. */
static int
fill_small_disk(const char *dir)
{
	const uint32_t rows[DMP_BOARD_SECTIONS] = {1, 0, 0, 10000, 0};
	struct dmp_board *board = NULL;
	int error;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", dir, "tmpfs", 0, "size=64k") != 0)
		return CHILD_SKIP;
	if (dmp_board_create(dir, rows, &board) != DMP_EIO)
		return 1;
	error = errno;
	if (error != ENOSPC)
		return 2;
	return rmdir(dir) != 0 && errno == EBUSY ? CHILD_OK : 3;
}

static void
a_full_disk_is_an_error_not_a_signal(void **state)
{
	const struct board_sample *f = *state;
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fill_small_disk(f->dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CHILD_SKIP) {
		print_message("skipped: mounting a small tmpfs needs root\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), CHILD_OK);
}

static void
a_large_board_costs_at_most_1300_bytes_per_port(void **state)
{
	const uint32_t rows[DMP_BOARD_SECTIONS] = {1, 100, 1000, 100000, 4};
	const struct board_sample *f = *state;
	struct dmp_board *board;
	struct stat st;
	int fd;

	assert_int_equal(dmp_board_create(f->dir, rows, &board), DMP_OK);
	for (uint32_t r = 0; r < rows[DMP_BOARD_PORT]; r++) {
		struct dmp_board_port *port =
		    dmp_board_plan_row(board, DMP_BOARD_PORT, r);

		port->index = r + 1;
	}
	assert_int_equal(dmp_board_publish(board), DMP_OK);
	fd = board_sample_file(f->dir, O_RDONLY);
	assert_int_equal(fstat(fd, &st), 0);
	(void)close(fd);
	print_message("%.0f bytes per row at %u ports\n",
	    (double)st.st_size / rows[DMP_BOARD_PORT], rows[DMP_BOARD_PORT]);
	assert_true(st.st_size / rows[DMP_BOARD_PORT] <= 1300);
	dmp_board_reader_close(board_sample_reader(f->dir));
	dmp_board_close(board);
}

int
main(void)
{
#define TEST(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, board_sample_setup, board_sample_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(readers_beside_a_writing_thread_never_see_a_torn_row),
	    TEST(readers_beside_a_writing_process_never_see_a_torn_row),
	    TEST(a_writer_killed_anywhere_leaves_whole_rows_and_is_seen_stopped),
	    TEST(a_full_disk_is_an_error_not_a_signal),
	    TEST(a_large_board_costs_at_most_1300_bytes_per_port),
	};

	return cmocka_run_group_tests_name("board_race", tests, NULL, NULL);
}
