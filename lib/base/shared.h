/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SHARED_H
#define MMP_SHARED_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/buffer.h"

/*
 * Bytes that never change and have several owners, in any thread: a text that was
 * rendered once and goes to many clients.
 */
struct mmp_shared {
	atomic_size_t owners;
	size_t length;
	char *bytes;
};

/* The bytes move in, and the buffer is empty afterwards. NULL: there is no memory. */
struct mmp_shared *mmp_shared_new(struct mmp_buffer *take_buffer);

/* One owner more. Returns `shared`. */
struct mmp_shared *mmp_shared_ref(struct mmp_shared *shared);

/* One owner less; the last one frees it. NULL is fine. */
void mmp_shared_unref(struct mmp_shared *shared);

#endif
