/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_IMPORT_H
#define FUZZ_IMPORT_H

#include <stdlib.h>
#include <string.h>

#include "import/reader.h"

/*
 * A foreign file of an unknown author, through its reader and every firmware's importer,
 * whether the reader would have known it or not.
 */
static inline void fuzz_reader(const struct mmp_reader *reader, const uint8_t *data,
			       size_t size)
{
	struct mmp_import_file file = { .name = (char *)"fuzz",
					.bytes = malloc(size ? size : 1),
					.size = size,
					.reader = reader };
	struct mmp_error err;

	if (!file.bytes)
		return;
	memcpy(file.bytes, data, size);
	reader->probe(file.bytes, size);
	if (!reader->open(&file, &err)) {
		for (const struct mmp_firmware *const *all = mmp_firmwares; *all; all++) {
			struct mmp_evidence evidence;

			if (!(*all)->importer)
				continue;
			mmp_evidence_init(&evidence);
			mmp_evidence_file(&evidence, "fuzz", reader->kind,
					  mmp_digest_of(data, size));
			if (reader->owned)
				reader->owned(&file, *all);
			reader->read(&file, *all, &evidence);
			if ((*all)->importer->choose && (*all)->importer->conclude) {
				const struct mmp_rules *rules =
					(*all)->importer->choose(&evidence);

				if (rules)
					(*all)->importer->conclude(&evidence, rules);
			}
			mmp_evidence_done(&evidence);
		}
		reader->close(&file);
	}
	free(file.bytes);
}

#endif
