/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NAMES_H
#define NAMES_H

#include <sys/types.h>

#include "base/error.h"
#include "work/mailbox.h"

/*
 * Names of users. The system's name service may ask a server that does not answer, so a
 * thread of its own queries it and notifies the loop.
 */
struct names;

enum {
	NAMES_KEPT = 256,    /* users that are remembered */
	NAMES_FRESH_S = 300, /* after which a name is looked up again */
};

/* Start the thread. NULL with *err. */
struct names *names_new(struct mailbox *mailbox, struct mmp_error *err);
void names_free(struct names *names); /* waits for the lookup under way */

/*
 * The name of a user, "" if the system has none; borrowed until the loop goes on. NULL:
 * not known yet; `told` is called once it is (names_forget cancels that).
 */
const char *names_get(struct names *names, uid_t uid, void (*told)(void *data),
		      void *data);
void names_forget(struct names *names, void *data);

#endif
