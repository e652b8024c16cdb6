/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/format.h"

#include <string.h>

#include "arch/lpae.h"
#include "arch/short_desc.h"

const struct mmp_format *const mmp_formats[MMP_FORMAT_COUNT] = {
	[MMP_FORMAT_LPAE] = &mmp_format_lpae,
	[MMP_FORMAT_LPAE_EL2] = &mmp_format_lpae_el2,
	[MMP_FORMAT_LPAE_EL3] = &mmp_format_lpae_el3,
	[MMP_FORMAT_SHORT] = &mmp_format_short,
};

int mmp_format_find(const char *name, const struct mmp_format **ret_format,
		    struct mmp_error *err)
{
	char known[64] = "";

	for (int id = 0; id < MMP_FORMAT_COUNT; id++) {
		if (!strcmp(mmp_formats[id]->name, name)) {
			*ret_format = mmp_formats[id];
			return 0;
		}
		strncat(known, id ? ", " : "", sizeof(known) - strlen(known) - 1);
		strncat(known, mmp_formats[id]->name, sizeof(known) - strlen(known) - 1);
	}
	return mmp_fail(err, MMP_INVALID, "format: \"%.32s\" is not one of %s", name,
			known);
}
