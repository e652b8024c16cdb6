/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "import/import_private.h"
#include "import/reader.h"

struct mmp_import *mmp_import_new(void)
{
	struct mmp_import *import = calloc(1, sizeof(*import));

	if (import)
		mmp_evidence_init(&import->evidence);
	return import;
}

static void drop_file(struct mmp_import_file *file)
{
	if (file->reader)
		file->reader->close(file);
	free(file->name);
	free(file->bytes);
	memset(file, 0, sizeof(*file));
}

void mmp_import_free(struct mmp_import *import)
{
	if (!import)
		return;
	for (size_t i = 0; i < import->count; i++)
		drop_file(&import->files[i]);
	mmp_evidence_done(&import->evidence);
	free(import);
}

static const struct mmp_reader *reader_of(const char *bytes, size_t size)
{
	const struct mmp_reader *last = NULL;

	for (const struct mmp_reader *const *all = mmp_readers; *all; all++) {
		if (!(*all)->probe(bytes, size))
			continue;
		if (!(*all)->last)
			return *all;
		last = *all;
	}
	return last;
}

static int not_known(const char *name, const char *bytes, size_t size,
		     struct mmp_error *err)
{
	const unsigned char *b = (const unsigned char *)bytes;

	if (size < 4)
		return mmp_fail(err, MMP_INVALID,
				"%s: not in a format that can be imported (%zu bytes)",
				name, size);
	return mmp_fail(err, MMP_INVALID,
			"%s: begins with %02x %02x %02x %02x, which is neither an ELF "
			"file, a device tree blob, JSON, a conf.mk nor the text of a "
			"log",
			name, b[0], b[1], b[2], b[3]);
}

static int open_file(struct mmp_import *import, struct mmp_import_file *file,
		     struct mmp_error *err)
{
	struct mmp_digest digest = mmp_digest_of(file->bytes, file->size);

	if (file->reader->open(file, err)) {
		file->reader = NULL;
		return mmp_while(err, "%s", file->name);
	}
	file->number = mmp_evidence_file(&import->evidence, file->name,
					 file->reader->kind, digest);
	return 0;
}

/* Sources refer to files by name, so a second "tee.elf" becomes "tee.elf (2)". */
static char *unique_name(const struct mmp_import *import, const char *name)
{
	unsigned same = 1;
	char text[1024];

	for (size_t i = 0; i < import->count; i++)
		same += strncmp(import->files[i].name, name, strlen(name)) == 0;
	if (same == 1)
		return strdup(name);
	mmp_text_print(text, sizeof(text), "%.1000s (%u)", name, same);
	return strdup(text);
}

int mmp_import_add(struct mmp_import *import, const char *name, char *take_bytes,
		   size_t size, struct mmp_error *err)
{
	struct mmp_import_file *file = &import->files[import->count];
	const struct mmp_reader *reader;
	int failed;

	if (import->count == MMP_IMPORT_FILES_MAX || size > MMP_IMPORT_BYTES_MAX) {
		free(take_bytes);
		return mmp_fail(err, MMP_TOO_LARGE,
				"%s: at most %d files of %u bytes can be imported", name,
				MMP_IMPORT_FILES_MAX, MMP_IMPORT_BYTES_MAX);
	}
	reader = reader_of(take_bytes, size);
	if (!reader) {
		not_known(name, take_bytes, size, err);
		free(take_bytes);
		return -1;
	}
	*file = (struct mmp_import_file){ .name = unique_name(import, name),
					  .bytes = take_bytes,
					  .size = size,
					  .reader = reader };
	failed = file->name ? open_file(import, file, err)
			    : mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (failed)
		drop_file(file);
	else
		import->count++;
	return failed;
}

int mmp_import_add_document(struct mmp_import *import, const char *name,
			    const json_t *document, struct mmp_error *err)
{
	char *text = json_dumps(document, JSON_COMPACT);

	if (!text)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	return mmp_import_add(import, name, text, strlen(text), err);
}

/* --- whose files they are --------------------------------------------------------------- */

static size_t ownership(const struct mmp_import_file *file,
			const struct mmp_firmware *firmware)
{
	if (!firmware->importer || !file->reader->owned)
		return 0;
	return file->reader->owned(file, firmware);
}

/* The firmware that owns the file, or most of it. */
static const struct mmp_firmware *owner_of(const struct mmp_import_file *file)
{
	const struct mmp_firmware *best = NULL;
	size_t most = 0;

	for (const struct mmp_firmware *const *all = mmp_firmwares; *all; all++) {
		size_t owned = ownership(file, *all);

		if (owned > most) {
			most = owned;
			best = *all;
		}
	}
	return best;
}

static int find_rules(struct mmp_import *import, const char *name, struct mmp_error *err)
{
	if (mmp_rules_find(name, &import->rules, err))
		return mmp_while(err, "rules");
	import->firmware = import->rules->firmware;
	import->evidence.rules = import->rules;
	if (!import->firmware->importer)
		return mmp_fail(err, MMP_INVALID, "nothing can be imported for %s", name);
	return 0;
}

/*
 * One import is for one firmware: that of --rules, else of the first file that has one.
 */
static int find_firmware(struct mmp_import *import, const struct mmp_import_wish *wish,
			 struct mmp_error *err)
{
	if (wish->rules && find_rules(import, wish->rules, err))
		return -1;
	for (size_t i = 0; i < import->count; i++) {
		struct mmp_import_file *file = &import->files[i];

		file->firmware = import->firmware && ownership(file, import->firmware)
					 ? import->firmware
					 : owner_of(file);
		if (!file->firmware && file->reader->owned)
			return mmp_fail(err, MMP_INVALID,
					"%s: %s, but not of a firmware that mmp knows",
					file->name, file->reader->about);
		if (!import->firmware)
			import->firmware = file->firmware;
		if (file->firmware && file->firmware != import->firmware)
			return mmp_fail(err, MMP_CONFLICT,
					"%s is of %s, and what came before it of %s: one "
					"platform has one firmware",
					file->name, file->firmware->name,
					import->firmware->name);
	}
	if (import->firmware)
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"these inputs do not say which firmware they are for; add %s",
			import->count ? import->files[0].reader->needs : "a file");
}

static void read_files(struct mmp_import *import)
{
	for (const struct mmp_reader *const *all = mmp_readers; *all; all++)
		for (size_t i = 0; i < import->count; i++)
			if (import->files[i].reader == *all)
				(*all)->read(&import->files[i], import->firmware,
					     &import->evidence);
}

/* The rules of a document that is merged with, if no other input names a release. */
static const struct mmp_rules *rules_of_document(const struct mmp_import *import)
{
	const struct mmp_rules *rules;
	struct mmp_error err;

	for (size_t i = 0; i < import->count; i++)
		if (import->files[i].reader == &mmp_reader_document &&
		    !mmp_rules_find(json_string_value(json_object_get(
					    import->files[i].made, "rules")),
				    &rules, &err))
			return rules;
	return NULL;
}

static int find_release(struct mmp_import *import, struct mmp_error *err)
{
	const struct mmp_importer *importer = import->firmware->importer;

	if (!import->rules && importer->choose)
		import->rules = importer->choose(&import->evidence);
	if (!import->rules)
		import->rules = rules_of_document(import);
	if (import->rules)
		return 0;
	return mmp_fail(
		err, MMP_INVALID,
		"no input says which release of %s it is for; give it with --rules",
		import->firmware->name);
}

int mmp_import_read(struct mmp_import *import, const struct mmp_import_wish *wish,
		    struct mmp_error *err)
{
	if (!import->count)
		return mmp_fail(err, MMP_INVALID, "nothing was given to import");
	if (find_firmware(import, wish, err))
		return -1;
	import->evidence.context = wish->context;
	read_files(import);
	if (find_release(import, err))
		return -1;
	if (import->firmware->importer->conclude)
		import->firmware->importer->conclude(&import->evidence, import->rules);
	if (import->evidence.failed)
		return mmp_fail(err, MMP_TOO_LARGE,
				"the inputs say more than an import may hold (%d values, "
				"%u registrations), or memory ran out",
				MMP_IMPORT_VALUES_MAX, MMP_REGISTRATIONS_MAX);
	return 0;
}

const struct mmp_evidence *mmp_import_evidence(const struct mmp_import *import)
{
	return &import->evidence;
}

const struct mmp_rules *mmp_import_rules(const struct mmp_import *import)
{
	return import->rules;
}
