/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/format.h"

#include <string.h>

#include "arch/lpae.h"
#include "arch/short_desc.h"

const struct mmp_format *const mmp_formats[MMP_FORMAT_COUNT] = {
	[MMP_FORMAT_LPAE] = &mmp_format_lpae,
	[MMP_FORMAT_SHORT] = &mmp_format_short,
};

int mmp_format_find(const char *name, enum mmp_format_id *ret_id, struct mmp_error *err)
{
	for (int id = 0; id < MMP_FORMAT_COUNT; id++)
		if (!strcmp(mmp_formats[id]->name, name)) {
			*ret_id = (enum mmp_format_id)id;
			return 0;
		}
	return mmp_fail(err, MMP_INVALID, "format: \"%.32s\" is neither lpae nor short",
			name);
}

uint32_t mmp_attr_implied(const struct mmp_encoding *encoding, uint32_t attr)
{
	if (attr & (MMP_ATTR_PX | MMP_ATTR_PW))
		attr |= MMP_ATTR_PR;
	if (attr & (MMP_ATTR_UX | MMP_ATTR_UW))
		attr |= MMP_ATTR_UR;
	if (attr & MMP_ATTR_UR)
		attr |= MMP_ATTR_PR;
	if (attr & MMP_ATTR_UW)
		attr |= MMP_ATTR_PW;
	if (encoding->px_is_guarded && (attr & MMP_ATTR_PX))
		attr |= MMP_ATTR_GUARDED;
	return attr;
}
