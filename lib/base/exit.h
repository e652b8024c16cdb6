/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXIT_H
#define MMP_EXIT_H

/* The exit statuses of mmpctl. The row of each error code has one (base/error.c). */
enum mmp_exit {
	MMP_EXIT_DONE,
	MMP_EXIT_FAILED,
	MMP_EXIT_USAGE,
	MMP_EXIT_NOT_FOUND,
	MMP_EXIT_NO, /* the firmware stops, a check does not pass, two things differ */
	MMP_EXIT_BOARD,
	MMP_EXIT_REFUSED,
	MMP_EXIT_COUNT
};

extern const char *const mmp_exit_about[]; /* for help: "not found" */

#endif
