/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_MISTAKES_H
#define MMP_DOC_MISTAKES_H

/*
 * Collects everything that is wrong with a platform document. mmp_platform_read stops
 * at the first mistake; a document that it refused is read again, piece by piece.
 */

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "model/rules.h"

struct mmp_mistakes {
	json_t *list; /* of {"path", "message"}, at most MMP_MISTAKES_MAX */
	size_t omitted; /* mistakes over that limit; a lower bound from MMP_MISTAKES_COUNTED on */
};

/* Whether further ones are only counted, so that nobody needs to find words for them. */
bool mmp_mistakes_are_full(const struct mmp_mistakes *mistakes);

/* Whether so many are counted that nobody needs to look for further ones. */
bool mmp_mistakes_are_enough(const struct mmp_mistakes *mistakes);

/* Record a mistake. The path is as mmp_json_position takes it: "registrations.3.addr". */
void mmp_mistake(struct mmp_mistakes *mistakes, const struct mmp_error *err,
		 const char *path, ...) __attribute__((format(printf, 3, 4)));

/*
 * The mistakes of a document, in document order: an array of {"path", "message"}, a new
 * reference; empty for a document that mmp_platform_read accepts. *ret_omitted: how
 * many more.
 */
json_t *mmp_platform_mistakes(const json_t *document, size_t *ret_omitted);

/* Collect the mistakes of a config. *ret_config is the part that could be read. */
void mmp_config_mistakes(const struct mmp_rules *rules, const json_t *value,
			 struct mmp_config *ret_config, struct mmp_mistakes *mistakes);

/* Collect the mistakes of the registrations of a document. */
void mmp_registrations_mistakes(const struct mmp_rules *rules,
				const struct mmp_config *config, const json_t *list,
				struct mmp_mistakes *mistakes);

#endif
