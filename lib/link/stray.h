/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_STRAY_H
#define MMP_STRAY_H

#include <stddef.h>
#include <stdint.h>

/*
 * What came from a line that was no frame, as words for a person: "looks like U-Boot's
 * console: `U-Boot> `", or what it says in quotes, or its bytes where it is not a text.
 */
#define MMP_STRAY_TEXT_SIZE 200
const char *mmp_stray_text(const uint8_t *bytes, size_t length,
			   char text[MMP_STRAY_TEXT_SIZE]);

#endif
