/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/shared.h"

#include <stdlib.h>

struct mmp_shared *mmp_shared_new(struct mmp_buffer *take_buffer)
{
	struct mmp_shared *shared = calloc(1, sizeof(*shared));

	if (shared && !take_buffer->failed) {
		atomic_init(&shared->owners, 1);
		shared->length = take_buffer->length;
		shared->bytes = take_buffer->bytes;
		*take_buffer = MMP_BUFFER_EMPTY;
		return shared;
	}
	free(shared);
	mmp_buffer_done(take_buffer);
	return NULL;
}

struct mmp_shared *mmp_shared_ref(struct mmp_shared *shared)
{
	if (shared)
		atomic_fetch_add(&shared->owners, 1);
	return shared;
}

void mmp_shared_unref(struct mmp_shared *shared)
{
	if (!shared || atomic_fetch_sub(&shared->owners, 1) != 1)
		return;
	free(shared->bytes);
	free(shared);
}
