/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BACKUP_H
#define BACKUP_H

#include "rpc/dispatch.h"

/*
 * Copy the database into a file of that name in the folder of backups, a few pages at a time in the store thread, and answer the call
 * when the copy is whole. Returns what a handler returns. A client that goes away takes
 * its backup with it: nothing is left.
 */
int backup_start(struct mmp_call *call, const char *name, struct mmp_error *err);

#endif
