/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_READER_H
#define MMP_IMPORT_READER_H

#include "import/import.h"

/* A file that was added, and what its reader parsed from it. */
struct mmp_import_file {
	char *name;
	char *bytes;
	size_t size;
	const struct mmp_reader *reader;
	const struct mmp_firmware *firmware; /* whose file it is; NULL: any firmware's */
	unsigned number;                     /* in the evidence */
	void *made;                          /* allocated by open(); freed by close() */
};

/* A format. To add one, write a file with such a row and add its name to readers.c. */
struct mmp_reader {
	const char *kind;  /* "elf", as results name it */
	const char *about; /* one line for people: "a linked image (tee.elf, bl31.elf)" */
	enum mmp_rank rank;
	bool last; /* tried only if no other reader recognises the file */
	/* Whether the reader recognises the file, by content only. */
	bool (*probe)(const char *bytes, size_t size);
	/* Parse the file into file->made. */
	int (*open)(struct mmp_import_file *file, struct mmp_error *err);
	void (*close)(struct mmp_import_file *file);
	/* Whether the file belongs to this firmware. NULL: it may belong to any. */
	size_t (*owned)(const struct mmp_import_file *file,
			const struct mmp_firmware *firmware);
	/* State the facts of the file. */
	void (*read)(struct mmp_import_file *file, const struct mmp_firmware *firmware,
		     struct mmp_evidence *evidence);
	const char *needs; /* files that usually accompany it, for messages; NULL: none */
};

/* In reading order: later readers use the facts that earlier ones stated. */
extern const struct mmp_reader *const mmp_readers[]; /* ends with NULL */

extern const struct mmp_reader mmp_reader_settings, mmp_reader_document, mmp_reader_elf,
	mmp_reader_tree, mmp_reader_log;

#endif
