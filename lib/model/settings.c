/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/settings.h"

#include <string.h>

const struct mmp_setting *mmp_setting_find(const struct mmp_settings *settings,
					   const char *name)
{
	size_t from = 0, to = settings->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = strcmp(settings->all[middle].name, name);

		if (order == 0)
			return &settings->all[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

bool mmp_setting_is_on(const struct mmp_setting *setting)
{
	static const char *const words[] = { "y", "yes", "1", "true" };

	for (size_t i = 0; setting && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(setting->value, words[i]) == 0)
			return true;
	return false;
}
