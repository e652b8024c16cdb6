/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_TEXT_H
#define MMP_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Parse a number as people write it: "4096", "0x9000000", "64K", "2M", "1G", "4T", also
 * with underscores between digits ("0x900_0000"). A suffix multiplies by a power of 1024
 * and may follow decimal and hex numbers; "MB" and "MiB" mean "M". A value over 2^64-1 is
 * MMP_INVALID, never wrapped.
 */
int mmp_number_parse(const char *text, uint64_t *ret_value, struct mmp_error *err);

/* Hex digits alone, three or more, so that it may be an address whose 0x was left out. */
bool mmp_number_lacks_prefix(const char *text);

/* "2M", "64K", or hex where it is not a whole number of KiB. For people, not for JSON. */
#define MMP_SIZE_TEXT_SIZE 24
const char *mmp_size_print(uint64_t bytes, char text[MMP_SIZE_TEXT_SIZE]);

/*
 * The length in bytes of the UTF-8 character at the start of `text`. 0 at the end of the
 * text, at a truncated character, and at bytes that RFC 3629 forbids.
 */
size_t mmp_utf8_length(const char *text);

/* Remove invalid UTF-8 in place, such as a character cut off by a length limit. */
void mmp_text_mend(char *text);

/*
 * Print into to[0 .. size), always terminated: like snprintf, but neither the end of the
 * space nor a limit such as "%.48s" leaves a part of a character.
 */
void mmp_text_print(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void mmp_text_vprint(char *to, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/*
 * `text` as one word of a command line: as it is, or in quotes if a shell gives one of
 * its characters a meaning. To be freed; NULL: out of memory.
 */
char *mmp_shell_word(const char *text);

/*
 * The name in names[0 .. count) that `wrong` was most likely meant to be (edit distance,
 * ignoring case), or NULL if none is close.
 */
const char *mmp_nearest(const char *wrong, const char *const *names, size_t count);

#endif
