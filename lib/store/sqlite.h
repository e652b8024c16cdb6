/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SQLITE_H
#define MMP_SQLITE_H

#include <sqlite3.h>

#include "store/store.h"

/* The database of a store of SQLite, for backup.c; NULL: it is of another kind. */
sqlite3 *sqlite_database(struct mmp_store *store);

#endif
