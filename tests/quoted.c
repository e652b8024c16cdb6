/* SPDX-License-Identifier: BSD-2-Clause */
#include "quoted.h"

#include <stdio.h>

#include "check.h"

json_t *quoted_json(const char *format, const char *text)
{
	char line[4096];
	json_t *value;

	snprintf(line, sizeof(line), format, text);
	for (char *at = line; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(line, 0, NULL);
	if (!value)
		fail_msg("no JSON: %s", line);
	return value;
}

void quoted_put_over(json_t *object, const json_t *other)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)other, key, value) {
		json_t *mine = json_object_get(object, key);

		if (json_is_object(mine) && json_is_object(value))
			quoted_put_over(mine, value);
		else
			json_object_set(object, key, value);
	}
}
