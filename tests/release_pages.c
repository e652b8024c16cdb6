/* SPDX-License-Identifier: BSD-2-Clause */
#include "release_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "rules/optee/optee.h"
#include "rules/optee/releases.h"

const char *release_name(unsigned v)
{
	return v == V4_10_257 ? "257" : optee_rules[v].name + strlen("optee-");
}

void compare_page(const char *name, struct mmp_buffer *take_page)
{
	const char *top = getenv("top_srcdir");
	struct mmp_buffer kept = MMP_BUFFER_EMPTY;
	char path[512], bytes[4096];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/golden/%s", top ? top : ".", name);
	file = fopen(path, getenv("MMP_GOLDEN_WRITE") ? "w+" : "r");
	if (!file)
		fail_msg("%s cannot be opened", path);
	if (getenv("MMP_GOLDEN_WRITE"))
		fwrite(take_page->bytes, 1, take_page->length, file);
	rewind(file);
	while ((length = fread(bytes, 1, sizeof(bytes), file)) > 0)
		mmp_buffer_add(&kept, bytes, length);
	fclose(file);
	mmp_buffer_add(&kept, "", 1);
	mmp_buffer_add(take_page, "", 1);
	assert_string_equal(take_page->bytes, kept.bytes);
	mmp_buffer_done(&kept);
	mmp_buffer_done(take_page);
}
