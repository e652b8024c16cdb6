/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "base/exit.h"
#include "base/socket.h"
#include "base/text.h"
#include "call.h"
#include "config.h"
#include "generate.h"
#include "help.h"
#include "local.h"
#include "locate.h"
#include "memory.h"
#include "render.h"
#include "json/text.h"

/* The command line without the global options, and these options. */
struct line {
	int count;
	char **words;
	json_t *globals;
};

static bool is_switch(const struct line *line, const char *key)
{
	return json_is_true(json_object_get(line->globals, key));
}

/*
 * Take the global options out, wherever they are before a "--". Other words stay in
 * place for the command.
 */
static int take_globals(int argc, char **argv, struct line *line, struct mmp_error *err)
{
	for (int i = 1; i < argc; i++) {
		const char *value;
		char *word = strcmp(argv[i], "-h") == 0 ? "--help" : argv[i];
		const struct arg *row = arg_is_option(word)
						? arg_find_option(globals, word, &value)
						: NULL;

		if (strcmp(word, "--") == 0) {
			for (; i < argc; i++)
				line->words[line->count++] = argv[i];
		} else if (!row) {
			line->words[line->count++] = word;
		} else if (!arg_takes_value(row) && value) {
			return arg_no_value(row, err);
		} else if (!arg_takes_value(row)) {
			json_object_set_new(line->globals, row->key, json_true());
		} else if (!value && ++i == argc) {
			return mmp_fail(err, MMP_BAD_REQUEST, "%s needs a value: %s %s",
					row->name, row->name, row->value);
		} else {
			json_object_set_new(line->globals, row->key,
					    mmp_json_words(value ? value : argv[i]));
		}
	}
	return 0;
}

/* The socket of the user's own mmpd, if the system has none. Owned by the caller. */
static char *default_socket(void)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");

	if (!folder || !*folder || access(MMP_SOCKET_SYSTEM, F_OK) == 0)
		return memory_print("%s", MMP_SOCKET_SYSTEM);
	return memory_print("%s/" MMP_SOCKET_PERSON, folder);
}

/* Owned by the caller. */
static char *socket_path(const struct line *line)
{
	const char *given = json_string_value(json_object_get(line->globals, "socket"));
	const char *environment = getenv("MMPD_SOCKET");

	if (given)
		return memory_print("%s", given);
	return environment && *environment ? memory_print("%s", environment)
					   : default_socket();
}

static int timeout_of(const struct line *line, uint64_t *ret_ms, struct mmp_error *err)
{
	const char *given = json_string_value(json_object_get(line->globals, "timeout"));
	uint64_t seconds;

	*ret_ms = 0;
	if (!given)
		return 0;
	if (mmp_number_parse(given, &seconds, err) || seconds == 0 || seconds > 1000000)
		return mmp_fail(
			err, MMP_BAD_REQUEST,
			"--timeout: \"%.64s\" is not a number of seconds between 1 "
			"and 1000000",
			given);
	*ret_ms = seconds * 1000;
	return 0;
}

static struct outcome do_command(const struct command *command, struct session *session,
				 json_t *params, json_t *local)
{
	if (command->run)
		return command->run(session, command, params, local);
	return call(session, command->method, params);
}

/* Show the outcome; if that fails, the error becomes the outcome. */
static void show(const struct render *render, const struct command *command,
		 const json_t *local, struct outcome *outcome)
{
	struct mmp_error err;

	if (outcome->value && render->answer(command, outcome->value, local, &err)) {
		outcome_done(outcome);
		*outcome = outcome_failed(&err);
	}
	if (outcome->failure)
		render->failure(outcome->failure);
}

static int run_command(const struct line *line, const struct render *render,
		       struct mmp_error *err)
{
	struct session session;
	struct outcome outcome;
	json_t *params, *local;
	uint64_t timeout_ms;
	char *socket;
	int used, status;
	const struct command *command =
		command_find(line->count, line->words, &used, err);

	if (!command || timeout_of(line, &timeout_ms, err) ||
	    args_parse(command, line->count - used, line->words + used, &params, &local,
		       err))
		return -1;
	socket = socket_path(line);
	session_init(&session, socket, timeout_ms);
	if (is_switch(line, "local") && local_start(&session, command, err))
		outcome = outcome_failed(err);
	else
		outcome = do_command(command, &session, params, local);
	locate_mistakes(outcome.failure);
	session_done(&session);
	local_end(&session);
	free(socket);
	show(render, command, local, &outcome);
	status = outcome_exit(&outcome);
	outcome_done(&outcome);
	json_decref(params);
	json_decref(local);
	return status;
}

/* Handle options that need no command: 0, or -1 if there is a command to run. */
static int answer_for_people(const struct line *line, struct mmp_error *err)
{
	if (is_switch(line, "version"))
		return printf("mmpctl %s\n", PACKAGE_VERSION) < 0;
	if (line->count == 2 && strcmp(line->words[0], "--generate") == 0)
		return generate(stdout, line->words[1], err) ? 1 : 0;
	if (line->count > 0 && strcmp(line->words[0], "help") == 0)
		return help_print(stdout, line->count - 1, line->words + 1, err) ? 1 : 0;
	if (is_switch(line, "help"))
		return help_print(stdout, line->count, line->words, err) ? 1 : 0;
	return -1;
}

static int dispatch(int argc, char **argv, struct line *line, struct mmp_error *err)
{
	int status;

	if (take_globals(argc, argv, line, err))
		return -1;
	err->code = MMP_OK;
	status = answer_for_people(line, err);
	if (status >= 0)
		return err->code == MMP_OK ? status : -1;
	if (line->count == 0)
		return mmp_fail(err, MMP_BAD_REQUEST,
				"no command; `mmpctl --help` lists them");
	return run_command(line, is_switch(line, "json") ? &render_json : &render_text,
			   err);
}

static void interrupt(int signal_number)
{
	(void)signal_number;
	call_interrupted++;
}

/*
 * A closed pipe or a full disk is a failure like any other. If an earlier
 * write failed, errno has been overwritten since, and only another write can set it
 * again.
 */
static int close_stdout(int status)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) == 0 && !failed)
		return status;
	if (!errno && failed && write(STDOUT_FILENO, "\n", 1) == 1)
		errno = EIO;
	if (errno && errno != EPIPE)
		fprintf(stderr, "mmpctl: writing to stdout: %s\n", strerror(errno));
	return status ? status : MMP_EXIT_FAILED;
}

int main(int argc, char **argv)
{
	struct sigaction on_interrupt = { .sa_handler = interrupt };
	struct line line = { 0, memory_zeroed((size_t)argc + 1, sizeof(char *)),
			     json_object() };
	struct mmp_error err;
	int status;

	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGINT, &on_interrupt, NULL);
	status = dispatch(argc, argv, &line, &err);
	if (status < 0) {
		struct outcome outcome = outcome_failed(&err);

		(is_switch(&line, "json") ? &render_json : &render_text)
			->failure(outcome.failure);
		status = outcome_exit(&outcome);
		outcome_done(&outcome);
	}
	json_decref(line.globals);
	free(line.words);
	return close_stdout(status);
}
