/* SPDX-License-Identifier: BSD-2-Clause */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/search.h"
#include "import/elf_private.h"

/*
 * Limits for the entries looked at in all, and for the macro lists that a file's list
 * imports.
 */
enum { ENTRIES_MAX = 1 << 22, IMPORTS_MAX = 4096 };

struct named_macro {
	char *name; /* owned; `macro` points into it */
	struct mmp_macro macro;
	size_t order;
};

struct mmp_elf_debug {
	Dwarf *dwarf; /* NULL: the file has no debug information that can be read */
	unsigned entries;

	char *enum_name; /* of the members below */
	size_t member_count, member_capacity;
	struct mmp_enumerator *members;

	char *macro_file; /* of the macros below */
	size_t macro_count, macro_capacity;
	struct named_macro *macros; /* by name */
	bool macros_cut;            /* there are more than MMP_MACROS_MAX */
	unsigned import_count;
	Dwarf_Off imports[IMPORTS_MAX]; /* lists that were read already */
};

void mmp_elf_debug_free(struct mmp_elf_debug *debug)
{
	if (!debug)
		return;
	for (size_t i = 0; i < debug->macro_count; i++)
		free(debug->macros[i].name);
	free(debug->macros);
	free(debug->members);
	free(debug->enum_name);
	free(debug->macro_file);
	if (debug->dwarf)
		dwarf_end(debug->dwarf);
	free(debug);
}

/* The image is const for its users: what was read is only cached. */
static struct mmp_elf_debug *debug_of(const struct mmp_linked_image *image)
{
	struct mmp_elf *elf = (struct mmp_elf *)(uintptr_t)image;

	if (!elf->debug) {
		elf->debug = calloc(1, sizeof(*elf->debug));
		if (!elf->debug)
			return NULL;
		elf->debug->dwarf = dwarf_begin_elf(elf->elf, DWARF_C_READ, NULL);
	}
	elf->debug->entries = 0;
	return elf->debug->dwarf ? elf->debug : NULL;
}

/*
 * Find the next unit and its first entry; false at the end. Start with `at` 0. Each
 * entry counts towards ENTRIES_MAX, so that a file with endless units cannot block us.
 */
static bool next_unit(struct mmp_elf_debug *debug, Dwarf_Off *at, Dwarf_Die *ret_unit)
{
	Dwarf_Off next;
	size_t header;

	while (debug->entries++ < ENTRIES_MAX &&
	       dwarf_nextcu(debug->dwarf, *at, &next, &header, NULL, NULL, NULL) == 0) {
		Dwarf_Off die = *at + header;

		*at = next;
		if (dwarf_offdie(debug->dwarf, die, ret_unit))
			return true;
	}
	return false;
}

/* Whether the unit is of this file: "dir/mm/map.c" is the file map.c. */
static bool is_file(Dwarf_Die *unit, const char *file)
{
	const char *name = dwarf_diename(unit);
	const char *last = name ? strrchr(name, '/') : NULL;

	return name && strcmp(last ? last + 1 : name, file) == 0;
}

/* --- enums --------------------------------------------------------------------------- */

static bool add_member(struct mmp_elf_debug *debug, const char *name, uint64_t value)
{
	if (debug->member_count == debug->member_capacity) {
		size_t more = debug->member_capacity ? 2 * debug->member_capacity : 64;
		void *grown = realloc(debug->members, more * sizeof(*debug->members));

		if (!grown || more > 4096)
			return false;
		debug->members = grown;
		debug->member_capacity = more;
	}
	debug->members[debug->member_count++] = (struct mmp_enumerator){ name, value };
	return true;
}

static void read_members(struct mmp_elf_debug *debug, Dwarf_Die *enumeration)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;
	Dwarf_Die member;

	if (dwarf_child(enumeration, &member) != 0)
		return;
	do {
		if (dwarf_tag(&member) == DW_TAG_enumerator && dwarf_diename(&member) &&
		    dwarf_attr(&member, DW_AT_const_value, &attribute) &&
		    dwarf_formudata(&attribute, &value) == 0 &&
		    !add_member(debug, dwarf_diename(&member), value))
			return;
	} while (debug->entries++ < ENTRIES_MAX &&
		 dwarf_siblingof(&member, &member) == 0);
}

/* Look for the enum among the entries of a unit. */
static bool find_enum(struct mmp_elf_debug *debug, Dwarf_Die *unit, const char *name)
{
	Dwarf_Die die;

	if (dwarf_child(unit, &die) != 0)
		return false;
	do {
		const char *found;

		if (dwarf_tag(&die) != DW_TAG_enumeration_type)
			continue;
		found = dwarf_diename(&die);
		if (!found || strcmp(found, name) != 0)
			continue;
		read_members(debug, &die);
		if (debug->member_count)
			return true;
	} while (debug->entries++ < ENTRIES_MAX && dwarf_siblingof(&die, &die) == 0);
	return false;
}

size_t mmp_elf_enumeration(const struct mmp_linked_image *image, const char *name,
			   const struct mmp_enumerator **ret_members)
{
	struct mmp_elf_debug *debug = debug_of(image);
	Dwarf_Off at = 0;
	Dwarf_Die unit;

	if (!debug)
		return 0;
	if (!debug->enum_name || strcmp(debug->enum_name, name) != 0) {
		free(debug->enum_name);
		debug->enum_name = strdup(name);
		debug->member_count = 0;
		while (next_unit(debug, &at, &unit) && !find_enum(debug, &unit, name))
			;
	}
	*ret_members = debug->members;
	return debug->member_count;
}

/* --- lines --------------------------------------------------------------------------- */

static unsigned line_in(struct mmp_elf_debug *debug, Dwarf_Die *unit,
			const char *function)
{
	Dwarf_Die die;
	int line;

	if (dwarf_child(unit, &die) != 0)
		return 0;
	do {
		const char *name =
			dwarf_tag(&die) == DW_TAG_subprogram ? dwarf_diename(&die) : NULL;

		if (name && strcmp(name, function) == 0 &&
		    dwarf_decl_line(&die, &line) == 0 && line > 0)
			return (unsigned)line;
	} while (debug->entries++ < ENTRIES_MAX && dwarf_siblingof(&die, &die) == 0);
	return 0;
}

unsigned mmp_elf_declared(const struct mmp_linked_image *image, const char *file,
			  const char *function)
{
	struct mmp_elf_debug *debug = debug_of(image);
	unsigned line = 0;
	Dwarf_Off at = 0;
	Dwarf_Die unit;

	while (!line && debug && next_unit(debug, &at, &unit))
		if (is_file(&unit, file))
			line = line_in(debug, &unit, function);
	return line;
}

/* --- macros -------------------------------------------------------------------------- */

/* Split "A(x,y) text" or "A text" in place into its parts. */
static bool cut_macro(const char *definition, struct named_macro *ret_one)
{
	char *name = strdup(definition), *at;
	size_t length;

	if (!name)
		return false;
	length = strcspn(name, "( ");
	at = name + length;
	*ret_one = (struct named_macro){ .name = name };
	if (*at == '(') {
		*at++ = '\0';
		ret_one->macro.parameters = at;
		at += strcspn(at, ")");
	}
	if (*at)
		*at++ = '\0';
	ret_one->macro.text = at + strspn(at, " ");
	return true;
}

static int add_macro(struct mmp_elf_debug *debug, const char *definition, bool defined)
{
	struct named_macro *one;

	debug->macros_cut = debug->macro_count == MMP_MACROS_MAX;
	if (debug->macros_cut)
		return DWARF_CB_ABORT;
	if (debug->macro_count == debug->macro_capacity) {
		size_t more = debug->macro_capacity ? 2 * debug->macro_capacity : 4096;
		void *grown = realloc(debug->macros, more * sizeof(*debug->macros));

		if (!grown)
			return DWARF_CB_ABORT;
		debug->macros = grown;
		debug->macro_capacity = more;
	}
	one = &debug->macros[debug->macro_count];
	if (!cut_macro(definition, one))
		return DWARF_CB_ABORT;
	if (!defined)
		one->macro.text = NULL;
	one->order = debug->macro_count++;
	return DWARF_CB_OK;
}

/*
 * Whether the list at this offset should be read. A list is read once. A linker that
 * drops the lists which files share leaves offset 0 in their place.
 */
static bool is_new(struct mmp_elf_debug *debug, Dwarf_Off offset)
{
	if (!offset || debug->import_count == IMPORTS_MAX)
		return false;
	for (unsigned i = 0; i < debug->import_count; i++)
		if (debug->imports[i] == offset)
			return false;
	debug->imports[debug->import_count++] = offset;
	return true;
}

static int take_macro(Dwarf_Macro *macro, void *to)
{
	struct mmp_elf_debug *debug = to;
	unsigned code = 0;
	Dwarf_Attribute attribute;
	const char *text;
	Dwarf_Word offset;

	dwarf_macro_opcode(macro, &code);
	switch (code) {
	case DW_MACRO_define:
	case DW_MACRO_define_strp:
	case DW_MACRO_define_strx:
	case DW_MACRO_undef:
	case DW_MACRO_undef_strp:
	case DW_MACRO_undef_strx:
		if (dwarf_macro_param(macro, 1, &attribute) ||
		    !(text = dwarf_formstring(&attribute)))
			return DWARF_CB_OK;
		return add_macro(debug, text,
				 code == DW_MACRO_define ||
					 code == DW_MACRO_define_strp ||
					 code == DW_MACRO_define_strx);
	case DW_MACRO_import:
		if (dwarf_macro_param(macro, 0, &attribute) ||
		    dwarf_formudata(&attribute, &offset) || !is_new(debug, offset))
			return DWARF_CB_OK;
		dwarf_getmacros_off(debug->dwarf, offset, take_macro, debug,
				    DWARF_GETMACROS_START);
		return debug->macros_cut ? DWARF_CB_ABORT : DWARF_CB_OK;
	default:
		return DWARF_CB_OK;
	}
}

static int variable_by_name(const void *one, const void *other)
{
	const struct named_macro *a = one, *b = other;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static void read_macros(struct mmp_elf_debug *debug, const char *file)
{
	Dwarf_Off at = 0;
	Dwarf_Die unit;

	while (next_unit(debug, &at, &unit)) {
		ptrdiff_t token = DWARF_GETMACROS_START;

		if (!is_file(&unit, file))
			continue;
		while ((token = dwarf_getmacros(&unit, take_macro, debug, token)) > 0)
			;
	}
	if (debug->macro_count)
		qsort(debug->macros, debug->macro_count, sizeof(*debug->macros),
		      variable_by_name);
}

static const struct named_macro *find_macro(const struct mmp_elf_debug *debug,
					    const char *name)
{
	size_t from = MMP_LOWER_BOUND(n, 0, debug->macro_count,
				      strcmp(debug->macros[n].name, name) <= 0);

	/*
	 * Keep the last macro of each name: that one is in effect at the end of the
	 * file.
	 */
	if (!from || strcmp(debug->macros[from - 1].name, name) != 0)
		return NULL;
	return &debug->macros[from - 1];
}

bool mmp_elf_is_cut(const struct mmp_elf *elf)
{
	return elf->debug && elf->debug->macros_cut;
}

int mmp_elf_macro(const struct mmp_linked_image *image, const char *file,
		  const char *name, struct mmp_macro *ret_macro)
{
	struct mmp_elf_debug *debug = debug_of(image);
	const struct named_macro *one;

	if (!debug)
		return -1;
	if (!debug->macro_file) {
		debug->macro_file = strdup(file);
		read_macros(debug, file);
	}
	one = find_macro(debug, name);
	if (!one || !one->macro.text)
		return -1;
	*ret_macro = one->macro;
	return 0;
}
