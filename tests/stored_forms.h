/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORED_FORMS_H
#define STORED_FORMS_H

#include "doc/stored.h"

/* For the tests of stored configurations: platforms, and what a text says of one. */

enum { NOTES = 4 }; /* kinds of notes */

/* Add notes of a kind to a platform that has none. */
void add_notes(struct mmp_platform *platform, uint64_t kind);

/* One that its rules mostly take, and the first one that they do take. */
struct mmp_platform *some_platform(const struct mmp_rules *rules);
struct mmp_platform *sound_platform(const struct mmp_rules *rules);

/* As the text alone is read. NULL: it is not a configuration. */
struct mmp_platform *by_text(const struct mmp_stored *stored,
			     const struct mmp_rules *rules);

/* They have the same configuration and notes. */
void assert_same(const struct mmp_platform *one, const struct mmp_platform *other);

#endif
