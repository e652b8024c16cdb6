/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/compare_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "json/number.h"

static int read_bytes(struct mmp_dump *dump, uint8_t **bytes, size_t n, const char *text,
		      struct mmp_error *err)
{
	size_t letters = strlen(text);
	long size;

	*bytes = malloc(MMP_BASE64_ROOM(letters) + 1);
	if (!*bytes)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	size = mmp_base64_decode(text, letters, *bytes);
	if (size <= 0)
		return mmp_fail(err, MMP_INVALID, "dump[%zu].bytes: %s", n,
				size ? "is not base64" : "is empty");
	dump->bytes = *bytes;
	dump->size = (size_t)size;
	if (dump->pa + (dump->size - 1) < dump->pa)
		return mmp_fail(err, MMP_INVALID,
				"dump[%zu]: 0x%" PRIx64 " size 0x%zx wraps past 2^64", n,
				dump->pa, dump->size);
	return 0;
}

static int read_dump(struct compare_dumps *dumps, size_t n, const json_t *one,
		     struct mmp_error *err)
{
	static const char *const known[] = { "address", "bytes" };
	struct mmp_dump *dump = &dumps->all[n];
	char what[32];
	const char *text;

	snprintf(what, sizeof(what), "dump[%zu]", n);
	if (!json_is_object(one))
		return mmp_fail(err, MMP_INVALID,
				"%s: must be an object with address and bytes", what);
	if (mmp_json_known_keys(one, what, known, 2, err) ||
	    mmp_json_text(one, "bytes", what, &text, err))
		return -1;
	if (mmp_json_number(json_object_get(one, "address"), "address", &dump->pa, err))
		return mmp_while(err, "%s", what);
	return read_bytes(dump, &dumps->bytes[n], n, text, err);
}

static int by_address(const void *one, const void *other)
{
	const struct mmp_dump *a = one, *b = other;

	return a->pa < b->pa ? -1 : a->pa > b->pa;
}

static int check_overlap(const struct compare_dumps *dumps, struct mmp_error *err)
{
	for (size_t i = 1; i < dumps->count; i++) {
		const struct mmp_dump *a = &dumps->all[i - 1], *b = a + 1;

		if (b->pa - a->pa < a->size)
			return mmp_fail(err, MMP_INVALID,
					"dump: 0x%" PRIx64 " size 0x%zx and 0x%" PRIx64
					" size 0x%zx overlap",
					a->pa, a->size, b->pa, b->size);
	}
	return 0;
}

int compare_dumps_read(struct compare_dumps *dumps, const json_t *array,
		       struct mmp_error *err)
{
	dumps->count = json_array_size(array);
	dumps->all = calloc(dumps->count + 1, sizeof(*dumps->all));
	dumps->bytes = calloc(dumps->count + 1, sizeof(*dumps->bytes));
	if (!dumps->all || !dumps->bytes)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	for (size_t i = 0; i < dumps->count; i++)
		if (read_dump(dumps, i, json_array_get(array, i), err))
			return -1;
	qsort(dumps->all, dumps->count, sizeof(*dumps->all), by_address);
	return check_overlap(dumps, err);
}

void compare_dumps_done(struct compare_dumps *dumps)
{
	for (size_t i = 0; dumps->bytes && i < dumps->count; i++)
		free(dumps->bytes[i]);
	free(dumps->bytes);
	free(dumps->all);
}
