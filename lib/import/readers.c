/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/reader.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "import/elf.h"
#include "import/log.h"
#include "import/settings.h"
#include "import/tree.h"

/*
 * The readers of formats that firmwares share. The format's own file reads the parts in
 * common; the firmware's importer interprets them.
 */

static struct mmp_origin origin_of(const struct mmp_import_file *file)
{
	return (struct mmp_origin){ .file = file->number, .rank = file->reader->rank };
}

/* --- linked images -------------------------------------------------------------------- */

static int open_elf(struct mmp_import_file *file, struct mmp_error *err)
{
	struct mmp_elf *elf;

	if (mmp_elf_open(&elf, file->bytes, file->size, err))
		return -1;
	file->made = elf;
	return 0;
}

static void close_elf(struct mmp_import_file *file)
{
	mmp_elf_close(file->made);
}

static size_t owned_elf(const struct mmp_import_file *file,
			const struct mmp_firmware *firmware)
{
	const struct mmp_importer *importer = firmware->importer;

	return importer->owns_image && importer->owns_image(mmp_elf_image(file->made));
}

static void read_elf(struct mmp_import_file *file, const struct mmp_firmware *firmware,
		     struct mmp_evidence *evidence)
{
	if (firmware->importer->image)
		firmware->importer->image(evidence, origin_of(file),
					  mmp_elf_image(file->made));
	if (mmp_elf_is_cut(file->made))
		mmp_evidence_remark(evidence,
				    "%s has more than %u macros; the rest is ignored, so "
				    "conf.mk may say more",
				    file->name, MMP_MACROS_MAX);
}

const struct mmp_reader mmp_reader_elf = {
	.kind = "elf",
	.about = "a linked image with its symbols",
	.rank = MMP_RANK_IMAGE,
	.probe = mmp_elf_probe,
	.open = open_elf,
	.close = close_elf,
	.owned = owned_elf,
	.read = read_elf,
	.needs = "the configuration of its build",
};

/* --- settings -------------------------------------------------------------------------- */

/* Text whose first line that is not a comment has the form NAME=value. */
static bool probe_settings(const char *bytes, size_t size)
{
	const char *end = bytes + size;

	if (memchr(bytes, '\0', size))
		return false;
	while (bytes < end) {
		const char *line = bytes, *at = line;
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		bytes = stop ? stop + 1 : end;
		while (at < bytes && isspace((unsigned char)*at))
			at++;
		if (at == bytes || *at == '#')
			continue;
		line = at;
		while (at < bytes && (isalnum((unsigned char)*at) || *at == '_'))
			at++;
		if (at == line || isdigit((unsigned char)*line))
			return false;
		while (at < bytes && strchr(" \t:?+", *at))
			at++;
		return at < bytes && *at == '=';
	}
	return false;
}

static int open_settings(struct mmp_import_file *file, struct mmp_error *err)
{
	struct mmp_settings *settings = malloc(sizeof(*settings));

	if (!settings)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (mmp_settings_read(settings, file->bytes, file->size, err)) {
		free(settings);
		return -1;
	}
	file->made = settings;
	return 0;
}

static void close_settings(struct mmp_import_file *file)
{
	if (file->made)
		mmp_settings_done(file->made);
	free(file->made);
}

static size_t owned_settings(const struct mmp_import_file *file,
			     const struct mmp_firmware *firmware)
{
	const struct mmp_importer *importer = firmware->importer;

	return importer->owns_settings && importer->owns_settings(file->made);
}

static void read_settings(struct mmp_import_file *file,
			  const struct mmp_firmware *firmware,
			  struct mmp_evidence *evidence)
{
	if (firmware->importer->settings)
		firmware->importer->settings(evidence, origin_of(file), file->made);
}

const struct mmp_reader mmp_reader_settings = {
	.kind = "settings",
	.about = "the configuration of a build, NAME=value a line (conf.mk)",
	.rank = MMP_RANK_SETTINGS,
	.probe = probe_settings,
	.open = open_settings,
	.close = close_settings,
	.owned = owned_settings,
	.read = read_settings,
	.needs = "the linked image of that build",
};

/* --- device trees ---------------------------------------------------------------------- */

static int open_tree(struct mmp_import_file *file, struct mmp_error *err)
{
	struct mmp_tree *tree = malloc(sizeof(*tree));

	if (!tree)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (mmp_tree_read(tree, file->bytes, file->size, err)) {
		free(tree);
		return -1;
	}
	file->made = tree;
	return 0;
}

static void close_tree(struct mmp_import_file *file)
{
	if (file->made)
		mmp_tree_done(file->made);
	free(file->made);
}

static void read_tree(struct mmp_import_file *file, const struct mmp_firmware *firmware,
		      struct mmp_evidence *evidence)
{
	if (firmware->importer->tree)
		firmware->importer->tree(evidence, origin_of(file), file->made);
}

const struct mmp_reader mmp_reader_tree = {
	.kind = "device-tree",
	.about = "a device tree blob",
	.rank = MMP_RANK_TREE,
	.probe = mmp_tree_probe,
	.open = open_tree,
	.close = close_tree,
	.read = read_tree,
	.needs = "the linked image or a boot log",
};

/* --- logs ------------------------------------------------------------------------------ */

/*
 * Any text: the importers decide whose it is. A few stray bytes are normal on a serial
 * line.
 */
static bool probe_log(const char *bytes, size_t size)
{
	size_t strange = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)bytes[i];

		strange += c < ' ' && (!c || !strchr("\n\r\t\033\b\a\f", c));
	}
	return strange <= size / 16;
}

static int open_log(struct mmp_import_file *file, struct mmp_error *err)
{
	struct mmp_log *log = malloc(sizeof(*log));

	if (!log)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (mmp_log_read(log, file->bytes, file->size, err)) {
		free(log);
		return -1;
	}
	file->made = log;
	return 0;
}

static void close_log(struct mmp_import_file *file)
{
	if (file->made)
		mmp_log_done(file->made);
	free(file->made);
}

static size_t owned_log(const struct mmp_import_file *file,
			const struct mmp_firmware *firmware)
{
	const struct mmp_importer *importer = firmware->importer;

	return importer->owns_log ? importer->owns_log(file->made) : 0;
}

static void read_log(struct mmp_import_file *file, const struct mmp_firmware *firmware,
		     struct mmp_evidence *evidence)
{
	if (firmware->importer->log)
		firmware->importer->log(evidence, origin_of(file), file->made);
}

const struct mmp_reader mmp_reader_log = {
	.kind = "log",
	.about = "the log of a boot",
	.rank = MMP_RANK_BOARD,
	.last = true,
	.probe = probe_log,
	.open = open_log,
	.close = close_log,
	.owned = owned_log,
	.read = read_log,
	.needs = "the linked image or the configuration",
};

const struct mmp_reader *const mmp_readers[] = {
	&mmp_reader_document, &mmp_reader_settings, &mmp_reader_elf,
	&mmp_reader_log,      &mmp_reader_tree,     NULL,
};
