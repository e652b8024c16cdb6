/* SPDX-License-Identifier: BSD-2-Clause */
#include "settings.h"

#include <errno.h>
#include <fnmatch.h>
#include <grp.h>
#include <ini.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "rpc/discover.h"

struct settings_reading {
	struct settings *settings;
	struct mmp_error err;
	bool failed;
};

static int fail_line(struct settings_reading *r, const char *format, const char *what)
{
	r->failed = true;
	mmp_fail(&r->err, MMP_INVALID, format, what);
	return 0; /* in inih this means stop */
}

/* --- users and groups --- */

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* The last id, 2^32 - 1, means "none". */
static int parse_id(struct settings_reading *r, const char *subject, const char *text,
		    unsigned *ret_id)
{
	unsigned long long id = strtoull(text, NULL, 10);

	if (id >= UINT32_MAX)
		return fail_line(r, "\"%.60s\": the number must be below 4294967295",
				 subject);
	*ret_id = (unsigned)id;
	return 1;
}

/*
 * "user:eva", "group:mmp", or a number instead of the name. In a key, a '.' replaces
 * the ':', because a ':' would end the key.
 */
static int find_subject(struct settings_reading *r, const char *text, struct grant *grant)
{
	const char *name = strpbrk(text, ":.");
	size_t length = name ? (size_t)(name - text) : 0;

	grant->is_group = length == 5 && !strncmp(text, "group", 5);
	if (!grant->is_group && (length != 4 || strncmp(text, "user", 4) != 0))
		return fail_line(r, "\"%.60s\": must be user:NAME or group:NAME", text);
	name++;
	if (is_number(name))
		return parse_id(r, text, name, &grant->id);
	if (grant->is_group) {
		struct group *group = getgrnam(name);

		if (!group)
			return fail_line(r, "no such group: \"%.60s\"", name);
		grant->id = group->gr_gid;
	} else {
		struct passwd *user = getpwnam(name);

		if (!user)
			return fail_line(r, "no such user: \"%.60s\"", name);
		grant->id = user->pw_uid;
	}
	return 1;
}

static struct grant *add_grant(struct settings_reading *r, const char *subject)
{
	struct settings *settings = r->settings;
	struct grant *grant = &settings->grants[settings->count];

	if (settings->count == SETTINGS_ROWS_MAX) {
		fail_line(r, "%s: too many users and groups", subject);
		return NULL;
	}
	*grant = (struct grant){ 0 };
	if (!find_subject(r, subject, grant))
		return NULL;
	settings->count++;
	return grant;
}

/* --- sections --- */

static int role_of(const char *name)
{
	for (int access = 0; access < MMP_ACCESS_COUNT; access++)
		if (!strcmp(mmp_access_name((enum mmp_access)access), name))
			return 1 << access;
	return 0;
}

/* engineer = group:mmp, user:eva; or others */
static int take_role(struct settings_reading *r, const char *name, const char *value)
{
	int role = role_of(name);
	char text[512], *at = text, *one;

	if (!role)
		return fail_line(r, "%.60s: must be reader, engineer, operator or admin",
				 name);
	snprintf(text, sizeof(text), "%s", value);
	while ((one = strsep(&at, ", \t"))) {
		struct grant *grant;

		if (!*one)
			continue;
		if (!strcmp(one, "others")) {
			r->settings->others |= (unsigned)role;
			continue;
		}
		grant = add_grant(r, one);
		if (!grant)
			return 0;
		grant->roles = (unsigned)role;
	}
	return 1;
}

/* group.lab-a = desk-*, shelf-1 */
static int take_boards(struct settings_reading *r, const char *name, const char *value)
{
	char text[512], *at = text, *one;

	r->settings->has_boards = true;
	snprintf(text, sizeof(text), "%s", value);
	while ((one = strsep(&at, ", \t"))) {
		struct grant *grant;

		if (!*one)
			continue;
		grant = add_grant(r, name);
		if (!grant)
			return 0;
		if (strlen(one) >= sizeof(grant->boards))
			return fail_line(
				r, "%.60s...: a pattern may have at most 63 bytes", one);
		snprintf(grant->boards, sizeof(grant->boards), "%s", one);
	}
	return 1;
}

enum { YEARS_100 = 36500 }; /* in days */

/* clang-format off */
static const struct number_row {
	const char *section, *name;
	size_t offset;
	uint64_t usual, least, most;
} numbers[] = {
	{ "limits",    "memory",       offsetof(struct policy, memory),       MMP_MEMORY,       1 << 20, UINT64_C(1) << 50 },
	{ "limits",    "user_memory",  offsetof(struct policy, user_memory),  MMP_USER_MEMORY,  1 << 20, UINT64_C(1) << 50 },
	{ "limits",    "user_clients", offsetof(struct policy, user_clients), MMP_USER_CLIENTS, 1,       MMP_CLIENTS_MAX },
	{ "limits",    "user_jobs",    offsetof(struct policy, user_jobs),    MMP_USER_JOBS,    1,       MMP_JOBS_MAX },
	{ "limits",    "user_disk",    offsetof(struct policy, user_disk),    0,                0,       UINT64_C(1) << 50 },
	{ "limits",    "idle",         offsetof(struct policy, idle),         MMP_IDLE_SECONDS, 0,       86400 },
	{ "retention", "jobs",         offsetof(struct policy, keep_jobs),    0,                0,       YEARS_100 },
	{ "retention", "history",      offsetof(struct policy, keep_history), 0,                0,       YEARS_100 },
	{ "retention", "builds",       offsetof(struct policy, keep_builds),  0,                0,       YEARS_100 },
};
/* clang-format on */

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static uint64_t *number_at(struct settings *settings, const struct number_row *row)
{
	return (uint64_t *)(void *)((char *)&settings->policy + row->offset);
}

/* Report "must be memory, user_memory or idle", listing the names of a section. */
static int fail_name(struct settings_reading *r, const char *section, const char *name)
{
	char names[160] = "";
	size_t length = 0;

	for (size_t i = 0; i < NUMBERS; i++)
		if (!strcmp(numbers[i].section, section))
			length += (size_t)snprintf(names + length, sizeof(names) - length,
						   "%s%s", length ? ", " : "",
						   numbers[i].name);
	r->failed = true;
	mmp_fail(&r->err, MMP_INVALID, "%.60s: must be one of %s", name, names);
	return 0;
}

static int take_number(struct settings_reading *r, const struct number_row *row,
		       const char *value)
{
	uint64_t number;

	r->failed = true;
	if (mmp_number_parse(value, &number, &r->err))
		return 0;
	if (number < row->least || number > row->most) {
		mmp_fail(&r->err, MMP_INVALID,
			 "%s: %.40s: must be from %" PRIu64 " to %" PRIu64, row->name,
			 value, row->least, row->most);
		return 0;
	}
	*number_at(r->settings, row) = number;
	r->failed = false;
	return 1;
}

static int take_policy(struct settings_reading *r, const char *section, const char *name,
		       const char *value)
{
	for (size_t i = 0; i < NUMBERS; i++)
		if (!strcmp(numbers[i].section, section) &&
		    !strcmp(numbers[i].name, name))
			return take_number(r, &numbers[i], value);
	return fail_name(r, section, name);
}

static int take_limit(struct settings_reading *r, const char *name, const char *value)
{
	return take_policy(r, "limits", name, value);
}

static int take_retention(struct settings_reading *r, const char *name, const char *value)
{
	return take_policy(r, "retention", name, value);
}

/* clang-format off */
static const struct {
	const char *name;
	int (*take)(struct settings_reading *r, const char *name, const char *value);
} sections[] = {
	{ "roles",     take_role },
	{ "boards",    take_boards },
	{ "limits",    take_limit },
	{ "retention", take_retention },
};
/* clang-format on */

static int take_line(void *data, const char *section, const char *name, const char *value)
{
	struct settings_reading *r = data;

	if (r->failed)
		return 0;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (!strcmp(sections[i].name, section))
			return sections[i].take(r, name, value);
	return fail_line(
		r, "[%.60s]: no such section; there are roles, boards, limits, retention",
		section);
}

void settings_none(struct settings *settings)
{
	*settings = (struct settings){ .others = ROLE_READER | ROLE_ENGINEER |
						 ROLE_OPERATOR };
	for (size_t i = 0; i < NUMBERS; i++)
		*number_at(settings, &numbers[i]) = numbers[i].usual;
}

/*
 * Refuse what inih would read in another way than it looks: it cuts long lines in two,
 * and a folder is an empty file to it.
 */
static int check_lines(FILE *file, const char *path, struct mmp_error *err)
{
	size_t line = 1, bytes = 0;
	int byte;

	while ((byte = getc(file)) != EOF) {
		bytes = byte == '\n' ? 0 : bytes + 1;
		line += byte == '\n';
		if (bytes > SETTINGS_LINE_MAX)
			return mmp_fail(err, MMP_INVALID,
					"%.160s:%zu: a line may have at most %d bytes; "
					"the same name may be given again on the next "
					"line",
					path, line, SETTINGS_LINE_MAX);
	}
	rewind(file);
	return 0;
}

/* /dev/null is a file too: no settings. */
static int check_kind(FILE *file, const char *path, struct mmp_error *err)
{
	struct stat seen;

	if (fstat(fileno(file), &seen))
		return mmp_fail(err, MMP_SYSTEM, "%.180s: %s", path, strerror(errno));
	if (S_ISREG(seen.st_mode) || S_ISCHR(seen.st_mode))
		return 0;
	return mmp_fail(err, MMP_INVALID, "%.180s: it is not a file", path);
}

static int parse_file(FILE *file, const char *path, struct settings_reading *r,
		      struct mmp_error *err)
{
	int line;

	if (check_kind(file, path, err) || check_lines(file, path, err))
		return -1;
	line = ini_parse_file(file, take_line, r);
	if (r->failed)
		return mmp_fail(err, MMP_INVALID, "%.100s:%d: %.120s", path, line,
				r->err.text);
	if (line > 0)
		return mmp_fail(err, MMP_INVALID, "%.180s:%d: must be NAME = VALUE", path,
				line);
	if (line < 0)
		return mmp_fail(err, MMP_SYSTEM, "%.180s: cannot be read", path);
	return 0;
}

int settings_read(struct settings *settings, const char *path, struct mmp_error *err)
{
	struct settings_reading r = { .settings = settings };
	const char *used = path ? path : SETTINGS_PATH;
	FILE *file;
	int failed;

	settings_none(settings);
	file = fopen(used, "re");
	if (!file && !path && errno == ENOENT)
		return 0;
	if (!file)
		return mmp_fail(err, MMP_SYSTEM, "%.180s: %s", used, strerror(errno));
	settings->others = 0;
	failed = parse_file(file, used, &r, err);
	fclose(file);
	return failed;
}

/* --- queries --- */

static bool is_of(const struct grant *grant, uid_t uid, const gid_t *groups, size_t count)
{
	if (!grant->is_group)
		return grant->id == uid;
	for (size_t i = 0; i < count; i++)
		if (groups[i] == grant->id)
			return true;
	return false;
}

unsigned settings_roles(const struct settings *settings, uid_t uid, const gid_t *groups,
			size_t count)
{
	unsigned roles = settings->others;

	if (uid == geteuid() || uid == 0)
		roles |= ROLE_ADMIN;
	for (size_t i = 0; i < settings->count; i++)
		if (is_of(&settings->grants[i], uid, groups, count))
			roles |= settings->grants[i].roles;
	if (roles & ROLE_ADMIN)
		roles |= ROLE_ENGINEER | ROLE_OPERATOR;
	return roles ? roles | ROLE_READER : 0;
}

bool settings_board(const struct settings *settings, uid_t uid, const gid_t *groups,
		    size_t count, const char *board)
{
	if (!settings->has_boards ||
	    settings_roles(settings, uid, groups, count) & ROLE_ADMIN)
		return true;
	for (size_t i = 0; i < settings->count; i++)
		if (*settings->grants[i].boards &&
		    is_of(&settings->grants[i], uid, groups, count) &&
		    !fnmatch(settings->grants[i].boards, board, 0))
			return true;
	return false;
}

bool settings_names_group(const struct settings *settings, gid_t group)
{
	for (size_t i = 0; i < settings->count; i++)
		if (settings->grants[i].is_group && settings->grants[i].id == group)
			return true;
	return false;
}

const char *settings_roles_text(unsigned roles, char text[SETTINGS_ROLES_SIZE])
{
	int length = 0;

	text[0] = '\0';
	for (int access = 0; access < MMP_ACCESS_COUNT; access++)
		if (roles & (1u << access))
			length += snprintf(text + length,
					   (size_t)(SETTINGS_ROLES_SIZE - length), "%s%s",
					   length ? ", " : "",
					   mmp_access_name((enum mmp_access)access));
	return length ? text : "none";
}
