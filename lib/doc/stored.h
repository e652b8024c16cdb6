/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_STORED_H
#define MMP_STORED_H

/*
 * What a database keeps of a platform besides its name, rules and registrations: the
 * configuration, and the notes of its document (waivers, dram, sources ...). It is kept
 * twice:
 *
 * - as JSON text, which is the truth, and what people and other programs read: the config of
 *   the document, or, if there are notes, the notes with the config under "config";
 * - encoded, as the bytes below, which hold what the text says, so that a program that
 *   knows the same keys need not parse JSON.
 *
 * The encoded form is read only if it fits: made from exactly this text, by a program with
 * the same key table, and undamaged. Otherwise the text is read; nobody is told. So a text
 * that was edited, or a row of another version of the program, is read correctly.
 *
 * Numbers are little-endian and unsigned; lengths are in bytes:
 *
 *	offset bytes
 *	     0     8  checksum (base/checksum.h) of all that follows
 *	     8     4  format: MMP_STORED_FORMAT
 *	    12     4  length of the text
 *	    16     8  checksum of the text
 *	    24     8  digest of the rule set's key table: the name, the type and the words of
 *	              each key, in order, and whether it may be null and is required
 *	    32     4  length of the notes; 0: no notes
 *	    36     4  number of DRAM ranges
 *	    40        each key of the table, in order: 1 byte w, then its value in w bytes, 0 to
 *	              8. A choice is the index of its word, a flag 0 or 1, and an object has no
 *	              value. w is 255 if the text does not have the key, or says null
 *	              each DRAM range: 8 bytes base, 8 size, 4 length of its note, the note
 *	              the notes, as in platform->notes
 */

#include <stdbool.h>

#include "base/buffer.h"
#include "model/platform.h"

/* Change it with the layout, and when a note that was valid is not any more. */
#define MMP_STORED_FORMAT 1

/* Both forms; the owner frees them with mmp_stored_done. */
struct mmp_stored {
	struct mmp_buffer text;    /* JSON */
	struct mmp_buffer encoded; /* empty: only the text is there */
};

/* Nothing; may be given to mmp_stored_done. */
#define MMP_STORED_EMPTY ((struct mmp_stored){ 0 })

/* What is to be stored of a platform. Returns 0, or -1 with MMP_SYSTEM: out of memory. */
int mmp_stored_write(const struct mmp_platform *platform, struct mmp_stored *ret_stored,
		     struct mmp_error *err);

/*
 * Read the configuration and the notes into a new platform, which has defaults and no
 * notes: from the encoded form if it fits, otherwise from the text. Both give the same
 * platform. Returns 0, or -1 with *err: the text is not a configuration of the platform's
 * rules.
 */
int mmp_stored_read(const struct mmp_stored *stored, struct mmp_platform *platform,
		    struct mmp_error *err);

/* The first of these alone: false if it does not fit, and the platform is as it was. */
bool mmp_stored_decode(const struct mmp_stored *stored, struct mmp_platform *platform);

/* Free both; empty afterwards. */
void mmp_stored_done(struct mmp_stored *stored);

#endif
