/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_TEXT_H
#define MMP_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Numbers as people write them: "4096", "0x9000000", "64K", "2M", "1G", "4T", and
 * underscores between digits ("0x900_0000"). A suffix multiplies by 1024 and goes
 * with decimal and hex alike; "MB" and "MiB" are "M". Over 2^64-1 is MMP_INVALID, never a wrapped value.
 */
int mmp_number_parse(const char *text, uint64_t *ret_value, struct mmp_error *err);

/* "2M", "64K", or hex where it is not a whole number of KiB. For people, not for JSON. */
#define MMP_SIZE_TEXT_SIZE 24
const char *mmp_size_print(uint64_t bytes, char text[MMP_SIZE_TEXT_SIZE]);

/*
 * Bytes of the UTF-8 character that text begins with; 0 if it begins with none: at its
 * end, in a cut character, or where RFC 3629 forbids the bytes.
 */
size_t mmp_utf8_length(const char *text);

/* Remove, in place, the bytes that are not UTF-8, such as a character cut by a limit. */
void mmp_text_mend(char *text);

/*
 * The one of names[0 .. count) that `wrong` was most likely meant to be (edit
 * distance, case ignored), or NULL if none is near.
 */
const char *mmp_nearest(const char *wrong, const char *const *names, size_t count);

#endif
