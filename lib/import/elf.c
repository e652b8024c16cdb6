/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/elf.h"

#include <gelf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "import/elf_private.h"

bool mmp_elf_probe(const char *bytes, size_t size)
{
	return size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

const char *mmp_elf_at(const struct mmp_elf *elf, uint64_t at, uint64_t size)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct mmp_elf_segment *s = &elf->segments[i];

		if (at >= s->at && at - s->at <= s->filled &&
		    size <= s->filled - (at - s->at))
			return s->bytes + (at - s->at);
	}
	return NULL;
}

static int read_raw(const struct mmp_elf *elf, uint64_t at, char *to, size_t size)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct mmp_elf_segment *s = &elf->segments[i];
		uint64_t from = at - s->at, filled;

		if (at < s->at || from > s->size || size > s->size - from)
			continue;
		filled = from >= s->filled ? 0 : s->filled - from;
		if (filled > size)
			filled = size;
		memcpy(to, s->bytes + (filled ? from : 0), filled);
		memset(to + filled, 0, size - filled);
		return 0;
	}
	return -1;
}

/* Apply the relocated words to the bytes that were read. */
static void apply_fixes(const struct mmp_elf *elf, uint64_t at, char *to, size_t size)
{
	size_t low = MMP_LOWER_BOUND(n, 0, elf->fix_count, elf->fixes[n].at + 8 <= at);

	for (; low < elf->fix_count && elf->fixes[low].at < at + size; low++) {
		const struct mmp_elf_fix *fix = &elf->fixes[low];

		for (unsigned i = 0; i < fix->size; i++) {
			uint64_t byte = fix->at + i - at;

			if (byte < size)
				to[byte] = (char)(fix->value >> 8 * i);
		}
	}
}

static int read_bytes(const struct mmp_linked_image *image, uint64_t at, void *to,
		      size_t size)
{
	const struct mmp_elf *elf = (const struct mmp_elf *)image;

	if (read_raw(elf, at, to, size))
		return -1;
	apply_fixes(elf, at, to, size);
	return 0;
}

static const char *find_bytes(const char *in, size_t in_size, const char *bytes,
			      size_t size)
{
	const char *end = in + in_size, *at = in;

	while (size && (size_t)(end - at) >= size &&
	       (at = memchr(at, bytes[0], (size_t)(end - at) - size + 1))) {
		if (memcmp(at, bytes, size) == 0)
			return at;
		at++;
	}
	return NULL;
}

static uint64_t search(const struct mmp_linked_image *image, const char *bytes,
		       size_t size)
{
	const struct mmp_elf *elf = (const struct mmp_elf *)image;

	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct mmp_elf_segment *s = &elf->segments[i];
		const char *found = find_bytes(s->bytes, s->filled, bytes, size);

		if (found)
			return s->at + (uint64_t)(found - s->bytes);
	}
	return 0;
}

static int add_segment(struct mmp_elf *elf, const GElf_Phdr *header, size_t number,
		       struct mmp_error *err)
{
	if (header->p_type != PT_LOAD)
		return 0;
	if (header->p_offset > elf->size ||
	    header->p_filesz > elf->size - header->p_offset)
		return mmp_fail(err, MMP_INVALID,
				"segment %zu is at offset 0x%" PRIx64 " with 0x%" PRIx64
				" bytes, but the file ends at 0x%zx",
				number, (uint64_t)header->p_offset,
				(uint64_t)header->p_filesz, elf->size);
	if (elf->segment_count == MMP_ELF_SEGMENTS_MAX)
		return mmp_fail(err, MMP_TOO_LARGE, "more than %d segments",
				MMP_ELF_SEGMENTS_MAX);
	elf->segments[elf->segment_count++] = (struct mmp_elf_segment){
		.at = header->p_vaddr,
		.size = header->p_memsz > header->p_filesz ? header->p_memsz
							   : header->p_filesz,
		.filled = header->p_filesz,
		.bytes = elf->bytes + header->p_offset,
	};
	return 0;
}

static int read_segments(struct mmp_elf *elf, struct mmp_error *err)
{
	size_t count = 0;
	GElf_Phdr header;

	if (elf_getphdrnum(elf->elf, &count))
		return mmp_fail(err, MMP_INVALID, "the program headers: %s",
				elf_errmsg(-1));
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf->elf, (int)i, &header))
			return mmp_fail(err, MMP_INVALID, "program header %zu: %s", i,
					elf_errmsg(-1));
		if (add_segment(elf, &header, i, err))
			return -1;
	}
	if (!elf->segment_count)
		return mmp_fail(err, MMP_INVALID,
				"no segment is loaded: a linked image was expected");
	return 0;
}

/* Check the first 20 bytes before libelf sees the rest, for a better error message. */
static int check_header(const unsigned char *bytes, size_t size, struct mmp_error *err)
{
	unsigned type, machine;

	if (size < sizeof(Elf32_Ehdr))
		return mmp_fail(err, MMP_INVALID,
				"the file ends at offset 0x%zx, within the ELF header",
				size);
	if (bytes[EI_DATA] != ELFDATA2LSB)
		return mmp_fail(err, MMP_INVALID,
				"offset 5: byte order %u; 1 (little endian) was expected",
				bytes[EI_DATA]);
	type = bytes[16] | (unsigned)bytes[17] << 8;
	machine = bytes[18] | (unsigned)bytes[19] << 8;
	if (machine != EM_AARCH64 && machine != EM_ARM)
		return mmp_fail(err, MMP_INVALID,
				"offset 18: machine %u; 183 (AArch64) or 40 (Arm) was "
				"expected",
				machine);
	if (type == ET_REL)
		return mmp_fail(err, MMP_INVALID,
				"offset 16: an object file; the linked image (tee.elf, "
				"bl31.elf) was expected");
	if (type != ET_EXEC && type != ET_DYN)
		return mmp_fail(err, MMP_INVALID,
				"offset 16: file type %u; 2 (an executable) or 3 (a "
				"relocatable one) was expected",
				type);
	return 0;
}

static void describe_elf(struct mmp_elf *elf, const GElf_Ehdr *header)
{
	elf->machine = header->e_machine;
	elf->image = (struct mmp_linked_image){
		.bits = gelf_getclass(elf->elf) == ELFCLASS64 ? 64 : 32,
		.machine = header->e_machine == EM_ARM ? "Arm" : "AArch64",
		.entry = header->e_entry,
		.read = read_bytes,
		.search = search,
		.enumeration = mmp_elf_enumeration,
		.declared = mmp_elf_declared,
		.macro = mmp_elf_macro,
	};
}

static int open_all(struct mmp_elf *elf, struct mmp_error *err)
{
	GElf_Ehdr header;

	if (check_header((const unsigned char *)elf->bytes, elf->size, err))
		return -1;
	elf_version(EV_CURRENT);
	/* The bytes are only read: libelf makes no copy of what it need not convert. */
	elf->elf = elf_memory((char *)(uintptr_t)elf->bytes, elf->size);
	if (!elf->elf || !gelf_getehdr(elf->elf, &header))
		return mmp_fail(err, MMP_INVALID, "the ELF header: %s", elf_errmsg(-1));
	describe_elf(elf, &header);
	if (read_segments(elf, err) || mmp_elf_read_symbols(elf, err) ||
	    mmp_elf_read_fixes(elf, err))
		return -1;
	elf->image.stripped = elf->image.symbol_count == 0;
	return 0;
}

int mmp_elf_open(struct mmp_elf **ret_elf, const char *bytes, size_t size,
		 struct mmp_error *err)
{
	struct mmp_elf *elf = calloc(1, sizeof(*elf));

	if (!elf)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	elf->bytes = bytes;
	elf->size = size;
	if (open_all(elf, err)) {
		mmp_elf_close(elf);
		return -1;
	}
	*ret_elf = elf;
	return 0;
}

void mmp_elf_close(struct mmp_elf *elf)
{
	if (!elf)
		return;
	mmp_elf_debug_free(elf->debug);
	if (elf->elf)
		elf_end(elf->elf);
	free(elf->fixes);
	free(elf->symbols);
	free(elf);
}

const struct mmp_linked_image *mmp_elf_image(const struct mmp_elf *elf)
{
	return &elf->image;
}
