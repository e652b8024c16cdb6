/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_LIMITS_H
#define MMP_LIMITS_H

#include <stdint.h>

/*
 * Every limit of the system: its unit and its reason. service.info prints them,
 * tests stand at their edges.
 */

/* clang-format off */
#define MMP_LINE_MAX (32u << 20)	/* bytes of a request line; a platform of 10,000 regions is 2 MiB */
#define MMP_ANSWER_MAX (64u << 20)	/* bytes of an answer; more: "ask with detail map" */
#define MMP_LINE_AT_ONCE (64u << 10)	/* bytes of a line up to which it is parsed in the loop: a third of a millisecond */
#define MMP_DEPTH_MAX 64		/* levels of nesting in a request; a document has 4 */
#define MMP_VALUES_MAX (1u << 20)	/* JSON values in a request; a platform at its limit has 7 a registration */
#define MMP_BATCH_MAX 1000		/* requests in a batch, so that one line cannot hold the loop */
#define MMP_BATCH_WAITING_MAX 256	/* requests of one batch that wait for their answer at once: one commit of the database */
#define MMP_PENDING_MAX 32		/* calls of a client that wait for their answer; then it is not read from */
#define MMP_PENDING_BYTES_MAX (1u << 20) /* bytes of such calls, beyond which no more is begun: each is kept as JSON */
#define MMP_MEMORY (UINT64_C(2) << 30) /* bytes that the lines, JSON, results and output of all clients take up; MemoryMax of the unit is twice that */
#define MMP_USER_MEMORY (UINT64_C(768) << 20) /* bytes of one user: a third, so that two leave room for others */
#define MMP_JSON_FACTOR 16 /* bytes of memory for a byte of a line that is parsed, at the most */
#define MMP_CLIENTS_MAX 256		/* connections at once; each costs a descriptor and buffers */
#define MMP_USER_CLIENTS 192		/* connections of one user, unless mmpd.conf says otherwise: a quarter is left for others */
#define MMP_USER_JOBS 48		/* jobs of one user that run, likewise */
#define MMP_IDLE_SECONDS 60		/* s without a request after which a connection may be closed if another needs its place */
#define MMP_QUEUE_MAX (80u << 20)	/* bytes of answers waiting for a client; then it is not read from */
#define MMP_HOST_MAX 63			/* bytes of the name of a mmpd among several, as of a DNS label */
#define MMP_HOST_DEAD_SECONDS 10	/* s without a heartbeat after which a host counts as dead: five of them */
#define MMP_NAME_MAX 255		/* bytes of the name of a platform or board; fits a file name */
#define MMP_REGION_NAME_MAX 4095	/* bytes of the name of a registration, and of its origin */
#define MMP_CONFIG_BYTES_MAX 1024	/* bytes of a rule set's configuration struct; the largest has some 600 */
#define MMP_REGISTRATIONS_MAX 131072	/* registrations of a platform; the bench goes to 100,000 */
#define MMP_DRAM_MAX 256		/* ranges of DRAM that a document declares; a board has a few banks and carve-outs */
#define MMP_TABLES_MAX 65536		/* tables of a build: 256 MiB */
#define MMP_POOL_MAX (256u << 20)	/* bytes of a pool, the size of that many tables */
#define MMP_MISTAKES_MAX 100u		/* of a document that are told at once; nobody reads more before mending some */
#define MMP_CONTEXTS_MAX 7		/* firmwares that share a board with the one of a document; boards have two or three */
#define MMP_JOBS_MAX 64			/* jobs that run or wait at once */
#define MMP_JOBS_WAITING_MAX 1000	/* jobs that wait for their board, on all hosts that share a database: a night's work */
#define MMP_JOBS_KEPT 1000		/* ended jobs that can still be asked for */
#define MMP_ANSWERS_KEPT 64		/* layouts of kept platforms that are remembered */
#define MMP_ANSWERS_KEPT_BYTES (1u << 20) /* bytes of one that is remembered */
#define MMP_PLATFORMS_KEPT 32		/* platforms that are kept parsed between registrations: more than are written to at once */
#define MMP_COMPUTE_AT_ONCE 500		/* registrations up to which a layout is computed in the loop: a millisecond */
#define MMP_COMPUTE_BYTES_AT_ONCE (1u << 30) /* bytes of its ranges, as above: 512 tables of pages */
#define MMP_BUILD_BYTES_AT_ONCE (256u << 10) /* bytes of a build up to which a push reads it back in the loop: 64 tables */
#define MMP_DESCRIPTORS_MAX (2u << 20)	/* descriptors that detail full writes: 56 MiB of JSON */
#define MMP_INTERVALS_MAX 4096		/* intervals of seeds in the report of a sweep */
#define MMP_SWEEP_MAX (1u << 26)	/* seeds of one sweep: minutes of one core */
#define MMP_BUDGET_WORK (1u << 21)	/* registrations, map entries and tables computed again for one budget: a second or two */
#define MMP_SUGGESTIONS_MAX 64		/* of one budget; what was not tried for it is counted */
#define MMP_FINDINGS_MAX 1000		/* findings of one answer; the rest is counted */
#define MMP_EXPORT_MAX (40u << 20)	/* bytes of a build in a form for others; with base64 it fits an answer */
#define MMP_PICTURE_RUNS_MAX (256u << 10) /* runs of descriptors in a picture: 20 MiB of JSON, and a page that still opens */
#define MMP_DIFF_MAX 1000		/* changes of one kind between two platforms; the rest is counted */
#define MMP_PROPOSALS_MAX 64		/* fixes of one answer that are tried */
#define MMP_FIX_WORK (1u << 17)		/* registrations, map entries and tables computed again to try them: some 50 milliseconds; a platform of 32,768 registrations and more has none tried */
#define MMP_PROBES_MAX 262144		/* questions of one proof; 10,000 regions ask 140,000 */
#define MMP_TRIALS_MAX 4096		/* instructions that one proof has run; 700 regions have that many */
#define MMP_CONNECT_SECONDS 10		/* s that the line to a board may take to connect */
#define MMP_DIFFERENCES_MAX 1000	/* differences of one proof that are kept; all are counted */
#define MMP_PATIENCE_MS 15000		/* ms that a request to a board may stay unanswered */
#define MMP_TRIES_MAX 16		/* times that one frame is sent before the line counts as lost */
#define MMP_FRAME_BODY 4096u		/* bytes of a frame's body, where the line takes such frames: what is around it is below a hundredth */
#define MMP_RECORDING_MAX (4u << 20)	/* bytes of the recording of a push; one of 200 tables with its proof has 1 MiB */
#define MMP_RECORDING_POOL_MAX (16u << 20) /* bytes of a pool that is read from a recording */
#define MMP_SIGN_SECONDS 30		/* s that a command may take to sign: a person may have to touch a token */
#define MMP_LINES_MAX 64		/* patterns of lines that mmpd is started with */
#define MMP_FOREIGN_MAX 256		/* frames of nonsense from a board before it is given up */
#define MMP_IMPORT_BYTES_MAX (256u << 20) /* bytes of a foreign file; an image with all its debug information has 10 MiB */
#define MMP_IMPORT_FILES_MAX 64		/* files of one import; a build folder has four that matter */
#define MMP_IMPORT_ENTRIES_MAX 20000	/* files of a build folder that are looked at; a build leaves 3,000 */
#define MMP_IMPORT_VALUES_MAX 4096		/* values that the files of one import state; a build states 60 */
#define MMP_REMARKS_MAX 100		/* remarks of one import; the rest is dropped */
#define MMP_SETTING_LINES_MAX 65536		/* lines of a build's configuration; one has 300 */
#define MMP_SYMBOLS_MAX (1u << 20)	/* symbols of an image; one has 9,000 */
#define MMP_MACROS_MAX (1u << 20)	/* macros of an image's debug information; one has 200,000 with those of every unit */
#define MMP_LOG_LINES_MAX (1u << 20)	/* lines of a boot log; a boot prints 1,000 */
#define MMP_LOG_LINE_MAX 4096		/* bytes of a line of a log; what is behind is passed over */
#define MMP_TREE_NODES_MAX 65536	/* nodes of a device tree; the largest of Debian's has 4,000 */
/* clang-format on */

#endif
