/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_RUNS_H
#define CLIENT_RUNS_H

#include "command.h"

/*
 * The run functions of commands that make more than one call, or none. See struct
 * command.
 */

/* push.c: start a push and follow its job; follow the job of another. */
struct outcome pages_run(struct session *session, const struct command *command,
			 json_t *params, json_t *local);
struct outcome push_run(struct session *session, const struct command *command,
			json_t *params, json_t *local);
struct outcome watch_run(struct session *session, const struct command *command,
			 json_t *params, json_t *local);

/*
 * push_what.c: chooses what a push sends and whether it waits. Fills in the build and
 * the board in `params`; a failure is the outcome.
 */
struct outcome push_choose(struct session *session, json_t *params, const json_t *local);

/* verdict.c: commands whose answer may mean no. */
struct outcome budget_run(struct session *session, const struct command *command,
			  json_t *params, json_t *local);
struct outcome compare_run(struct session *session, const struct command *command,
			   json_t *params, json_t *local);

/* check.c: layout.check for each of several platforms; reports. */
struct outcome check_run(struct session *session, const struct command *command,
			 json_t *params, json_t *local);
int check_show(const json_t *value, const json_t *local, struct mmp_error *err);

/* diff.c: the changes, one line each. */
struct outcome diff_run(struct session *session, const struct command *command,
			json_t *params, json_t *local);
int diff_show(const json_t *value, const json_t *local, struct mmp_error *err);

/* explain.c: readings in sentences, and the path of descriptors. */
struct outcome explain_run(struct session *session, const struct command *command,
			   json_t *params, json_t *local);
int explain_show(const json_t *value, const json_t *local, struct mmp_error *err);

/* map.c: a picture of the map, in the terminal or as a file. */
struct outcome map_run(struct session *session, const struct command *command,
		       json_t *params, json_t *local);
int map_show(const json_t *value, const json_t *local, struct mmp_error *err);

/* keys.c: the table of config keys, which needs no daemon. */
struct outcome keys_run(struct session *session, const struct command *command,
			json_t *params, json_t *local);

/* import.c: foreign files as a platform document; reading them needs no daemon. */
struct outcome import_run(struct session *session, const struct command *command,
			  json_t *params, json_t *local);
int import_show(const json_t *value, const json_t *local, struct mmp_error *err);

/* verify.c: a boot log against a platform. */
struct outcome verify_run(struct session *session, const struct command *command,
			  json_t *params, json_t *local);

/* replay.c: replays a recording with the current code of both sides of the protocol. */
struct outcome replay_run(struct session *session, const struct command *command,
			  json_t *params, json_t *local);

/* Write the recording of a push's job to a file, and remove it from the job. */
int recording_save(json_t *job, const char *path, struct mmp_error *err);

/* export.c: the bytes of a build into a file or to stdout. */
int export_show(const json_t *value, const json_t *local, struct mmp_error *err);

#endif
