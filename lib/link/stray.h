/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_STRAY_H
#define MMP_STRAY_H

#include <stddef.h>
#include <stdint.h>

/*
 * Describe received bytes that were not a frame for a person: "looks like U-Boot's
 * console: `U-Boot> `", or the text in quotes, or the bytes if they are not text.
 */
#define MMP_STRAY_TEXT_SIZE 200
const char *mmp_stray_text(const uint8_t *bytes, size_t length,
			   char text[MMP_STRAY_TEXT_SIZE]);

#endif
