/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_CONTAINER_H
#define MMP_CONTAINER_H

#include <stddef.h>

/* The struct that contains the member `pointer` points to. */
#define container_of(pointer, type, member)                                              \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
