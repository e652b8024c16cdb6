/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_NUMBER_H
#define MMP_JSON_NUMBER_H

/*
 * Numbers as JSON carries them: addresses, sizes and descriptors are hex strings,
 * since JSON's own numbers are exact only up to 2^53. Numbers up to 2^53 and strings
 * such as "2M" are taken on input.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* `what` names the value in errors. MMP_INVALID for anything else than above. */
int mmp_json_number(const json_t *value, const char *what, uint64_t *ret_number,
		    struct mmp_error *err);

/* "0x" and at least `digits` lower-case hex digits; digits 1: no leading zeros. */
json_t *mmp_json_hex(uint64_t number, int digits);

/* A string of the object, or MMP_INVALID where it is missing or no string. Borrowed. */
int mmp_json_text(const json_t *object, const char *key, const char *what,
		  const char **ret_text, struct mmp_error *err);

/* MMP_INVALID with the nearest of `known`, and where they are few, all of them. */
int mmp_json_unknown_key(const char *what, const char *key, const char *const *known,
			 size_t count, struct mmp_error *err);

/* Whether the key is one of `known`. */
bool mmp_json_is_known(const char *key, const char *const *known, size_t count);

/* Every key of the object is one of `known`, else MMP_INVALID with the nearest. */
int mmp_json_known_keys(const json_t *object, const char *what, const char *const *known,
			size_t count, struct mmp_error *err);

#endif
