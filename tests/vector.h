/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VECTOR_H
#define VECTOR_H

#include <jansson.h>

#include "model/platform.h"

/*
 * The recordings in tests/vectors, by their path below it without ".json": for example
 * "real/real_aslr". Sample platforms are "../../platforms/NAME". Whatever cannot be read
 * fails the test.
 */

/* The whole recording; free it with json_decref(). */
json_t *vector_read(const char *name);

/* A platform from a recording or document; free it with mmp_platform_free(). */
struct mmp_platform *vector_platform_of(const json_t *document);
struct mmp_platform *vector_platform(const char *name);

/*
 * Call `each` with the recordings of a folder, in order of their file names: with all of
 * them or every n-th. Returns how many it was called with.
 */
unsigned vector_each(const char *folder, uint64_t n,
		     void (*each)(void *data, const char *name, const json_t *vector),
		     void *data);

#endif
