/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KEY_FILE_H
#define KEY_FILE_H

/* The files that hold a key; for keys.c and signer.c. */

#include "line/keys.h"

enum { KEY_FILE_MAX = 4096 };

/*
 * Read a file that only its owner may read. MMP_NOT_FOUND and MMP_DENIED name the
 * problem.
 */
int key_file_read(const char *path, char *bytes, size_t room, size_t *ret_length,
		  struct mmp_error *err);

/*
 * Read the pair of NAME.pem, or the command of NAME.command. Fails like key_file_read,
 * or with MMP_INVALID for a damaged key.
 */
int key_file_pair(const struct service *service, const char *name,
		  struct mmp_key_pair *ret_pair, struct mmp_error *err);
int key_file_command(const struct service *service, const char *name,
		     char command[KEY_FILE_MAX], struct mmp_error *err);

#endif
