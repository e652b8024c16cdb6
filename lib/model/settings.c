/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/settings.h"

#include <string.h>

#include "base/search.h"

const struct mmp_setting *mmp_setting_find(const struct mmp_settings *settings,
					   const char *name)
{
	size_t at = MMP_LOWER_BOUND(n, 0, settings->count,
				    strcmp(settings->all[n].name, name) < 0);

	if (at == settings->count || strcmp(settings->all[at].name, name) != 0)
		return NULL;
	return &settings->all[at];
}
