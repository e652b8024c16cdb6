/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/stray.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { QUOTED_MAX = 60, BYTES_MAX = 12 };

/* Texts by which consoles are recognised; the first matching row is used. */
/* clang-format off */
static const struct { const char *mark, *what; } marks[] = {
	{ "mmp loader:", "the loader itself says" },
	{ "U-Boot",      "looks like U-Boot's console" },
	{ "Hit any key", "looks like U-Boot's console" },
	{ "login:",      "a login prompt" },
	{ "Password:",   "a password prompt" },
	{ "Shell>",      "looks like a UEFI shell" },
	{ "grub>",       "looks like GRUB's console" },
	{ "NOTICE:  BL", "looks like TF-A booting" },
	{ "I/TC:",       "looks like OP-TEE's console" },
	{ "E/TC:",       "looks like OP-TEE's console" },
	{ "Linux version", "looks like Linux booting" },
	{ "# ",          "looks like a shell" },
	{ "$ ",          "looks like a shell" },
	{ "=> ",         "looks like a console" },
	{ "> ",          "looks like a console" },
};
/* clang-format on */

static bool contains(const uint8_t *bytes, size_t length, const char *mark)
{
	size_t n = strlen(mark);

	for (size_t i = 0; i + n <= length; i++)
		if (memcmp(bytes + i, mark, n) == 0)
			return true;
	return false;
}

static bool printable(uint8_t byte)
{
	return byte >= 0x20 && byte < 0x7f;
}

static bool is_text(const uint8_t *bytes, size_t length)
{
	size_t good = 0;

	for (size_t i = 0; i < length; i++)
		good += printable(bytes[i]) || bytes[i] == '\r' || bytes[i] == '\n' ||
			bytes[i] == '\t' || bytes[i] == 0x1b;
	return length && good >= length - length / 8;
}

static const char *describe_bytes(const uint8_t *bytes, size_t length,
				  char text[MMP_STRAY_TEXT_SIZE])
{
	size_t shown = length < BYTES_MAX ? length : BYTES_MAX;
	int used = snprintf(text, MMP_STRAY_TEXT_SIZE, "bytes that are not a frame:");

	for (size_t i = 0; i < shown; i++)
		used += snprintf(text + used, MMP_STRAY_TEXT_SIZE - (size_t)used, " %02x",
				 bytes[i]);
	snprintf(text + used, MMP_STRAY_TEXT_SIZE - (size_t)used, "%s",
		 shown < length ? " ..." : "");
	return text;
}

/* Quote the last characters, as a prompt is at the end; line ends become spaces. */
static void quote(const uint8_t *bytes, size_t length, char quoted[QUOTED_MAX + 1])
{
	size_t from = length > QUOTED_MAX ? length - QUOTED_MAX : 0, n = 0;

	for (size_t i = from; i < length; i++)
		if (printable(bytes[i]))
			quoted[n++] = (char)bytes[i];
		else if (n && quoted[n - 1] != ' ')
			quoted[n++] = ' ';
	quoted[n] = '\0';
}

const char *mmp_stray_text(const uint8_t *bytes, size_t length,
			   char text[MMP_STRAY_TEXT_SIZE])
{
	const char *what = "text came instead";
	char quoted[QUOTED_MAX + 1];

	if (!is_text(bytes, length))
		return describe_bytes(bytes, length, text);
	for (size_t i = sizeof(marks) / sizeof(marks[0]); i-- > 0;)
		if (contains(bytes, length, marks[i].mark))
			what = marks[i].what;
	quote(bytes, length, quoted);
	snprintf(text, MMP_STRAY_TEXT_SIZE, "%s: `%s`", what, quoted);
	return text;
}
