/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_CONFIG_H
#define MMP_CONFIG_H

/*
 * What a platform's firmware was configured with: the `config` of a platform document.
 *
 * The value itself belongs to the rule set, which knows it as a struct of its own; here
 * it is bytes that can be copied by assignment. The rule set's key table says for each
 * key its type, where its value is, its default, the firmware's own option and a line of
 * help. The parser, the writer, `mmpctl config keys`, the manual and every error message
 * read that table, and so does whatever wants a value by its key (model/rules.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/* A configuration of some rule set. Its rule set alone knows what the bytes mean. */
struct mmp_config {
	_Alignas(8) unsigned char bytes[MMP_CONFIG_BYTES_MAX];
};

/* A range of a configuration, raw: it may be empty, and it may wrap. */
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

/* One row of a rule set's key table. Offsets are into its own configuration struct. */
struct mmp_config_key {
	const char *name; /* "tee_ram.start", as errors and help print it */
	enum mmp_key_type type;
	uint16_t offset;       /* of the value, of the type's member */
	uint16_t given_offset; /* of a bool that says whether it was given; 0: not kept */
	bool nullable, required;
	uint64_t fallback, min, max; /* default; bounds of a COUNT, both allowed */
	const char *option;          /* the firmware's name for it, or NULL */
	const char *about;
	const char *const *choices; /* of a CHOICE, by value; ends with NULL */
};

/* Store the value of a key of any type; an OBJECT has none. */
void mmp_config_set(struct mmp_config *config, const struct mmp_config_key *key,
		    uint64_t value);

/* The value of a key of any type; an OBJECT has 0. */
uint64_t mmp_config_get(const struct mmp_config *config,
			const struct mmp_config_key *key);

/* Whether a nullable key (or range) was given; NULL for keys that always have a value. */
bool *mmp_config_given(struct mmp_config *config, const struct mmp_config_key *key);

#endif
