/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/image.h"

#include <string.h>

#include "base/bytes.h"
#include "base/search.h"

const struct mmp_symbol *mmp_image_symbol(const struct mmp_linked_image *image,
					  const char *name)
{
	size_t from = MMP_LOWER_BOUND(n, 0, image->symbol_count,
				      strcmp(image->symbols[n].name, name) < 0);

	if (from == image->symbol_count || strcmp(image->symbols[from].name, name) != 0)
		return NULL;
	return &image->symbols[from];
}

int mmp_image_number(const struct mmp_linked_image *image, uint64_t at, unsigned size,
		     uint64_t *ret_value)
{
	uint8_t bytes[8] = { 0 };

	if (size > sizeof(bytes) || image->read(image, at, bytes, size))
		return -1;
	*ret_value = mmp_load_little(bytes, size);
	return 0;
}

int mmp_image_string(const struct mmp_linked_image *image, uint64_t at, char *text,
		     size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (image->read(image, at + i, text + i, 1))
			return -1;
		if (!text[i])
			return 0;
	}
	return -1;
}
