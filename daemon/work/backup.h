/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BACKUP_H
#define BACKUP_H

#include "rpc/dispatch.h"

/*
 * Copy the database into a file of that name in the folder of backups, a few pages at a
 * time in the store thread, and answer the call when the copy is complete. Returns like
 * a handler. If the client goes away, the partial copy is removed.
 */
int backup_start(struct mmp_call *call, const char *name, struct mmp_error *err);

#endif
