/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_NUMBER_H
#define MMP_JSON_NUMBER_H

/*
 * Numbers in JSON. Addresses, sizes and descriptors are written as hex strings, since
 * JSON numbers are exact only up to 2^53. Input may also be a JSON number up to 2^53, or
 * a string such as "2M".
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Read a number. `what` names the value in errors. Anything but the above is MMP_INVALID.
 */
int mmp_json_number(const json_t *value, const char *what, uint64_t *ret_number,
		    struct mmp_error *err);

/*
 * A new string: "0x" and at least `digits` lower-case hex digits; with 1 there are no
 * leading zeros.
 */
json_t *mmp_json_hex(uint64_t number, int digits);

/* Get a string, borrowed. MMP_INVALID if it is missing (NULL) or not a string. */
int mmp_json_text_of(const json_t *value, const char *what, const char **ret_text,
		     struct mmp_error *err);

/* The same for the member of an object. */
int mmp_json_text(const json_t *object, const char *key, const char *what,
		  const char **ret_text, struct mmp_error *err);

/*
 * Fail with MMP_INVALID, naming the nearest of `known` and, if they are few, all of them.
 */
int mmp_json_unknown_key(const char *what, const char *key, const char *const *known,
			 size_t count, struct mmp_error *err);

/* Whether the key is one of `known`. */
bool mmp_json_is_known(const char *key, const char *const *known, size_t count);

/*
 * Check that every key of the object is in `known`, else fail with MMP_INVALID naming the
 * nearest.
 */
int mmp_json_known_keys(const json_t *object, const char *what, const char *const *known,
			size_t count, struct mmp_error *err);

#endif
