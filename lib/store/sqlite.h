/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SQLITE_H
#define MMP_SQLITE_H

#include <sqlite3.h>

#include "store/store.h"

/* The SQLite database of a store, for backup.c; NULL: the store has another driver. */
sqlite3 *sqlite_database(struct mmp_store *store);

#endif
