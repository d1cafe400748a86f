/* SPDX-License-Identifier: BSD-2-Clause */
/* fault_fs.h - a disk that fails on demand: an SQLite VFS above the real one. */
#ifndef DMP_TEST_FAULT_FS_H
#define DMP_TEST_FAULT_FS_H

enum fault {
	FAULT_NONE = 0,
	FAULT_FULL,    /* writes find no space */
	FAULT_IO,      /* writes and syncs fail */
	FAULT_CORRUPT, /* writes find damage */
	FAULT_HANG     /* writes and syncs do not return until the fault is changed */
};

/* Make it the default VFS for connections opened from now on. */
void fault_fs_install(void);

/* The fault that holds from now on; FAULT_CORRUPT strikes once. */
void fault_fs_set(enum fault fault);

/* Wait until somebody hangs. */
void fault_fs_wait_hanging(void);

/* Set-up and end of a box (eventlog_box.h) on such a disk. */
int fault_box_setup(void **state);
int fault_box_teardown(void **state);

#endif
