/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/attr.h"
#include "rules/tfa/tfa.h"

/*
 * Regions have attributes, but no types. To list, name and compare them like others, each
 * combination that matters is a row, with the label that the firmware's log prints. User
 * access and shareability are left out, as the word has them.
 */

enum { SPACES = 4, ROWS_OF_TYPE = 16 };

/* clang-format off */
#define SPACE(type, type_label, access, execute, word, text) \
	{ type " | " access " | MT_SECURE" execute, type_label "-S",  (word) | TFA_SECURE, false, text ", secure" }, \
	{ type " | " access " | MT_NS" execute,     type_label "-NS", (word) | TFA_NS,     false, text ", non-secure" }, \
	{ type " | " access " | MT_ROOT" execute,   type_label "-RT", (word) | TFA_ROOT,   false, text ", root (RME)" }, \
	{ type " | " access " | MT_REALM" execute,  type_label "-RL", (word) | TFA_REALM,  false, text ", realm (RME)" }
#define ROWS(type, label, access, may, word, text, may_text) \
	SPACE(type, label may, access, "", word, text may_text), \
	SPACE(type, label "-XN", access, " | MT_EXECUTE_NEVER", (word) | TFA_EXECUTE_NEVER, text)
/* Writable memory and devices are never executed, with or without MT_EXECUTE_NEVER. */
#define NEVER(type, label, access, word, text) ROWS(type, label, access, "-XN", word, text, ", never executed")
#define WRITTEN(type, label, word, text) \
	NEVER(type, label "-RW", "MT_RW", (word) | TFA_RW, text ", read-write")
#define MEMORY(type, label, word, text) \
	ROWS(type, label "-RO", "MT_RO", "-EXEC", word, text ", read-only", ", executable"), \
	WRITTEN(type, label, word, text)

const struct mmp_memtype tfa_types[TFA_TYPES] = {
	NEVER("MT_DEVICE", "DEV-RO", "MT_RO", TFA_DEVICE, "device, read-only"),
	WRITTEN("MT_DEVICE", "DEV", TFA_DEVICE, "device"),
	MEMORY("MT_NON_CACHEABLE", "NC", TFA_NON_CACHEABLE, "normal memory, not cached"),
	MEMORY("MT_MEMORY", "MEM", TFA_MEMORY, "normal memory"),
	{ "reserved", "reserved type", 0, true, "memory types 3 to 7 in bits 2:0" },
};
/* clang-format on */

unsigned tfa_type(const struct mmp_rules *rules, uint32_t attr)
{
	uint32_t type = attr & TFA_TYPE_MASK, row = type * ROWS_OF_TYPE;

	(void)rules;
	if (type > TFA_MEMORY)
		return TFA_TYPES - 1;
	if (attr & TFA_RW)
		row += 2 * SPACES;
	if (attr & TFA_EXECUTE_NEVER)
		row += SPACES;
	return row + ((attr & TFA_SPACE_MASK) >> 4);
}
