/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_CONTAINER_H
#define MMP_CONTAINER_H

#include <stddef.h>

/* The struct that `pointer` is the member of: from a base to what embeds it. */
#define container_of(pointer, type, member)                                              \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
