/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/config.h"

#include <string.h>

void mmp_config_set(struct mmp_config *config, const struct mmp_config_key *key,
		    uint64_t value)
{
	unsigned char *at = config->bytes + key->offset;

	switch (key->type) {
	case MMP_KEY_OBJECT:
		break;
	case MMP_KEY_CHOICE:
		memcpy(at, &(unsigned){ (unsigned)value }, sizeof(unsigned));
		break;
	case MMP_KEY_FLAG:
		memcpy(at, &(bool){ value != 0 }, sizeof(bool));
		break;
	case MMP_KEY_COUNT:
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		memcpy(at, &value, sizeof(value));
		break;
	}
}

uint64_t mmp_config_get(const struct mmp_config *config, const struct mmp_config_key *key)
{
	const unsigned char *at = config->bytes + key->offset;
	unsigned choice = 0;
	uint64_t value = 0;
	bool flag = false;

	switch (key->type) {
	case MMP_KEY_OBJECT:
		return 0;
	case MMP_KEY_CHOICE:
		memcpy(&choice, at, sizeof(choice));
		return choice;
	case MMP_KEY_FLAG:
		memcpy(&flag, at, sizeof(flag));
		return flag;
	case MMP_KEY_COUNT:
	case MMP_KEY_SIZE:
	case MMP_KEY_ADDRESS:
		memcpy(&value, at, sizeof(value));
		return value;
	}
	return 0;
}

bool *mmp_config_given(struct mmp_config *config, const struct mmp_config_key *key)
{
	return key->given_offset ? (bool *)(config->bytes + key->given_offset) : NULL;
}

/* By their values, as the bytes between those may hold anything. */
bool mmp_config_equal(const struct mmp_config_key *keys, const struct mmp_config *one,
		      const struct mmp_config *other)
{
	for (const struct mmp_config_key *k = keys; k->name; k++) {
		size_t given = k->given_offset;

		if (mmp_config_get(one, k) != mmp_config_get(other, k) ||
		    (given && one->bytes[given] != other->bytes[given]))
			return false;
	}
	return true;
}
