/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_CONFIG_H
#define MMP_CONFIG_H

/*
 * The configuration of a platform's firmware: the `config` of a platform document.
 *
 * Only the rule set knows the struct that holds the values; here it is bytes that can be
 * copied by assignment. For each key the rule set's key table has the type, the place of
 * the value, the default, the firmware's own option and a line of help. The parser, the
 * writer, `mmpctl config keys`, the manual and all error messages read that table, and so
 * does code that looks up a value by its key (model/rules.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/* A configuration. Only its rule set knows what the bytes mean. */
struct mmp_config {
	_Alignas(8) unsigned char bytes[MMP_CONFIG_BYTES_MAX];
};

/* A range of a configuration, unchecked: it may be empty, and it may wrap. */
struct mmp_range {
	uint64_t base, size; /* bytes */
	bool given;          /* false: the key is null or absent */
};

enum mmp_key_type {
	MMP_KEY_OBJECT,  /* holds the keys after it whose names begin with "its-name." */
	MMP_KEY_CHOICE,  /* one of the words in `choices`; offset of an unsigned */
	MMP_KEY_FLAG,    /* true or false; offset of a bool */
	MMP_KEY_COUNT,   /* a number between min and max; offset of a uint64_t */
	MMP_KEY_SIZE,    /* bytes, written in hex; offset of a uint64_t */
	MMP_KEY_ADDRESS, /* an address, written in hex; offset of a uint64_t */
};

/* One row of a rule set's key table. Offsets are into its configuration struct. */
struct mmp_config_key {
	const char *name; /* "tee_ram.start", as in errors and help */
	enum mmp_key_type type;
	uint16_t offset;       /* of the value, which has the type above */
	uint16_t given_offset; /* of a bool: it was given; 0: there is none */
	bool nullable, required;
	uint64_t fallback, min, max; /* default; bounds of a COUNT, inclusive */
	const char *option;          /* the firmware's name for it, or NULL */
	const char *about;
	const char *const *choices; /* the words of a CHOICE, by value; ends with NULL */
};

/* Store the value of a key; an OBJECT has no value. */
void mmp_config_set(struct mmp_config *config, const struct mmp_config_key *key,
		    uint64_t value);

/* The value of a key; 0 for an OBJECT. */
uint64_t mmp_config_get(const struct mmp_config *config,
			const struct mmp_config_key *key);

/*
 * The flag that says whether a nullable key or range was given; NULL for keys that always
 * have a value.
 */
bool *mmp_config_given(struct mmp_config *config, const struct mmp_config_key *key);

/* Whether two configurations of one rule set have the same value for each of its keys. */
bool mmp_config_equal(const struct mmp_config_key *keys, const struct mmp_config *one,
		      const struct mmp_config *other);

#endif
