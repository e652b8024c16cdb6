/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_READER_H
#define MMP_IMPORT_READER_H

#include "import/import.h"

/* A file that was added, and what its reader made of it. */
struct mmp_import_file {
	char *name;
	char *bytes;
	size_t size;
	const struct mmp_reader *reader;
	const struct mmp_firmware *firmware; /* whose file it is; NULL: anybody's */
	unsigned number;                     /* in the evidence */
	void *made;                          /* by open(); freed by close() */
};

/* A format. To add one: a file with a row like these, and its name in readers.c. */
struct mmp_reader {
	const char *kind;  /* "elf", as results name it */
	const char *about; /* one line for people: "a linked image (tee.elf, bl31.elf)" */
	enum mmp_rank rank;
	bool last; /* asked where no other knows the file */
	/* By content alone. */
	bool (*probe)(const char *bytes, size_t size);
	/* Parse into file->made. */
	int (*open)(struct mmp_import_file *file, struct mmp_error *err);
	void (*close)(struct mmp_import_file *file);
	/* Is it a file of this firmware? NULL: any firmware's. */
	size_t (*owned)(const struct mmp_import_file *file,
			const struct mmp_firmware *firmware);
	/* State what it says. */
	void (*read)(struct mmp_import_file *file, const struct mmp_firmware *firmware,
		     struct mmp_evidence *evidence);
	const char *needs; /* what belongs with it, for messages; NULL: nothing */
};

/* In the order in which they are read, as later ones look at what earlier ones stated. */
extern const struct mmp_reader *const mmp_readers[]; /* ends with NULL */

extern const struct mmp_reader mmp_reader_settings, mmp_reader_document, mmp_reader_elf,
	mmp_reader_tree, mmp_reader_log;

#endif
