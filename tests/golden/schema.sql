CREATE TABLE board (
	name		TEXT PRIMARY KEY,
	line		TEXT NOT NULL,		-- "serial:/dev/ttyUSB0?baud=115200"
	options		TEXT NOT NULL,		-- JSON object
	holds		TEXT REFERENCES build (id), -- proven to be live there
	staged		TEXT REFERENCES build (id), -- sent, and not known whether it is live
	time		TEXT NOT NULL		-- of the last change of holds or staged
, identity TEXT, key TEXT, host TEXT NOT NULL DEFAULT '');
CREATE TABLE build (
	id		TEXT PRIMARY KEY,
	manifest	TEXT NOT NULL,		-- canonical JSON
	bytes		BLOB NOT NULL		-- of the pool, from its first byte
);
CREATE TABLE build_origin (
	build		TEXT NOT NULL REFERENCES build (id) ON DELETE CASCADE,
	platform	TEXT NOT NULL,		-- its name; '' for a document
	revision	INTEGER NOT NULL,	-- 0 for a document
	time		TEXT NOT NULL,
	uid		INTEGER NOT NULL,
	gid		INTEGER NOT NULL,
	pid		INTEGER NOT NULL,
	user		TEXT NOT NULL, accepted TEXT, number INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (build, platform, revision)
);
CREATE TABLE history (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	time		TEXT NOT NULL,
	uid		INTEGER NOT NULL,
	gid		INTEGER NOT NULL,
	pid		INTEGER NOT NULL,
	user		TEXT NOT NULL,		-- '' where the system has no name for uid
	kind		TEXT NOT NULL,		-- platform, board, build
	name		TEXT NOT NULL,		-- of the platform or board; id of the build
	action		TEXT NOT NULL,		-- "platform.put", "push" ...
	about		TEXT NOT NULL,		-- a line for people
	before		TEXT,			-- revision or build, as text
	after		TEXT
);
CREATE TABLE host (
	name		TEXT PRIMARY KEY,
	heartbeat	INTEGER NOT NULL	-- ms since 1970, by the clock of the database
);
CREATE TABLE job (
	id		INTEGER PRIMARY KEY AUTOINCREMENT,
	kind		TEXT NOT NULL,		-- "push"
	state		TEXT NOT NULL,		-- queued, running, done, failed, cancelled, interrupted
	build		TEXT NOT NULL,		-- '' for none
	board		TEXT NOT NULL,		-- '' for none
	idempotency_key	TEXT,
	created		TEXT NOT NULL,
	ended		TEXT,
	uid		INTEGER NOT NULL,
	gid		INTEGER NOT NULL,
	pid		INTEGER NOT NULL,
	user		TEXT NOT NULL,
	error_kind	TEXT,			-- "link", as in errors of the socket
	error_text	TEXT,
	report		TEXT			-- JSON
, host TEXT NOT NULL DEFAULT '', attempt INTEGER NOT NULL DEFAULT 1, orders TEXT, cancelled INTEGER NOT NULL DEFAULT 0, step TEXT, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0, proof TEXT);
CREATE TABLE platform (
	id		INTEGER PRIMARY KEY,
	name		TEXT NOT NULL UNIQUE,
	revision	INTEGER NOT NULL,	-- the newest, from 1; a removal makes one too
	removed		INTEGER NOT NULL,	-- 1: removed by the newest revision
	positions	INTEGER NOT NULL	-- of region: the next to be given
, live_from INTEGER NOT NULL DEFAULT 0);
CREATE TABLE platform_config (
	id		INTEGER PRIMARY KEY,
	platform	INTEGER NOT NULL REFERENCES platform (id),
	rules		TEXT NOT NULL,
	config		TEXT NOT NULL		-- JSON
, encoded BLOB);
CREATE TABLE platform_revision (
	platform	INTEGER NOT NULL REFERENCES platform (id),
	revision	INTEGER NOT NULL,
	config		INTEGER REFERENCES platform_config (id), -- NULL: removed
	region_count		INTEGER NOT NULL,	-- how many it has
	time		TEXT NOT NULL,		-- when it was made
	user		TEXT NOT NULL, positions INTEGER NOT NULL DEFAULT 0,		-- by whom; history knows more
	PRIMARY KEY (platform, revision)
);
CREATE TABLE region (
	platform	INTEGER NOT NULL REFERENCES platform (id),
	position	INTEGER NOT NULL,	-- order of registration
	since		INTEGER NOT NULL,	-- the first revision that has it
	until		INTEGER NOT NULL,	-- the first that has it no more; 2^63-1: none
	section		TEXT NOT NULL,
	type		TEXT NOT NULL,
	name		TEXT NOT NULL,		-- may be empty, may repeat
	addr		INTEGER NOT NULL,
	size		INTEGER NOT NULL,	-- bytes
	origin		TEXT NOT NULL, va INTEGER NOT NULL DEFAULT 0, attr INTEGER NOT NULL DEFAULT 0, granularity INTEGER NOT NULL DEFAULT 0, time TEXT, user TEXT,		-- "platform", or the file it came from
	PRIMARY KEY (platform, position)
);
CREATE INDEX board_holds ON board (holds);
CREATE INDEX board_staged ON board (staged);
CREATE INDEX build_origin_number ON build_origin (number);
CREATE INDEX history_name ON history (kind, name, id);
CREATE INDEX job_board ON job (board);
CREATE INDEX job_host ON job (host, state);
CREATE UNIQUE INDEX job_key ON job (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX job_state ON job (state);
