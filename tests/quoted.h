/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef QUOTED_H
#define QUOTED_H

#include <jansson.h>

/*
 * JSON in C strings, with ' for ". The value of the format with the text inserted; it
 * fails the test if that is not JSON. Free it with json_decref().
 */
json_t *quoted_json(const char *format, const char *text);

/* Set members of an object; objects in it are not replaced, but put over likewise. */
void quoted_put_over(json_t *object, const json_t *other);

#endif
