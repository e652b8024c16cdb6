/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SHARED_H
#define MMP_SHARED_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/buffer.h"

/*
 * Immutable bytes with several owners, in any thread, such as an answer that is rendered
 * once and sent to many clients.
 */
struct mmp_shared {
	atomic_size_t owners;
	size_t length;
	char *bytes;
};

/*
 * Take over the bytes of the buffer, which is empty afterwards. NULL if memory runs out.
 */
struct mmp_shared *mmp_shared_new(struct mmp_buffer *take_buffer);

/* Add an owner. Returns `shared`. */
struct mmp_shared *mmp_shared_ref(struct mmp_shared *shared);

/* Remove an owner; the last one frees the bytes. NULL is allowed. */
void mmp_shared_unref(struct mmp_shared *shared);

#endif
