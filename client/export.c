/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "memory.h"
#include "runs.h"

static int write_bytes(const char *path, const unsigned char *bytes, size_t count,
		       struct mmp_error *err)
{
	FILE *file = path ? fopen(path, "we") : stdout;
	int failed;

	if (!file)
		return mmp_fail(err, MMP_SYSTEM, "%s: %s", path, strerror(errno));
	failed = fwrite(bytes, 1, count, file) != count;
	failed |= (path ? fclose(file) : fflush(file)) != 0;
	return failed ? mmp_fail(err, MMP_SYSTEM, "%s: %s", path ? path : "stdout",
				 strerror(errno))
		      : 0;
}

int export_show(const json_t *value, const json_t *local, struct mmp_error *err)
{
	const char *path = json_string_value(json_object_get(local, "output"));
	const char *text = json_string_value(json_object_get(value, "bytes"));
	unsigned char *bytes;
	long count;
	int failed;

	if (!text)
		return mmp_fail(err, MMP_SYSTEM, "mmpd's answer has no \"bytes\"");
	if (!path && isatty(STDOUT_FILENO) &&
	    !json_is_true(json_object_get(value, "text")))
		return mmp_fail(err, MMP_BAD_REQUEST,
				"the output is binary, and stdout is a terminal: write "
				"it to a file with --output FILE");
	bytes = memory_zeroed(strlen(text) / 4 + 1, 3);
	count = mmp_base64_decode(text, strlen(text), bytes);
	failed = count < 0 ? mmp_fail(err, MMP_SYSTEM, "mmpd's answer is not base64")
			   : write_bytes(path, bytes, (size_t)count, err);
	free(bytes);
	return failed;
}
