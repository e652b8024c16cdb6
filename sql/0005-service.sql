-- Version 5: lists in the order in which things were made, and jobs of several hosts.

-- The newest row has the highest number, even if the clock was wrong.
ALTER TABLE build_origin ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
UPDATE build_origin SET number = (SELECT count(*) FROM build_origin o WHERE
	o.time < build_origin.time OR (o.time = build_origin.time AND
	(o.build < build_origin.build OR (o.build = build_origin.build AND
	(o.platform < build_origin.platform OR (o.platform = build_origin.platform AND
	o.revision <= build_origin.revision))))));
CREATE INDEX build_origin_number ON build_origin (number);

-- An mmpd that shares this database, and the time of its last heartbeat.
CREATE TABLE host (
	name		TEXT PRIMARY KEY,
	heartbeat	INTEGER NOT NULL	-- ms since 1970, by the clock of the database
);

ALTER TABLE board ADD COLUMN host TEXT NOT NULL DEFAULT '';	-- the host with its line; '': there is only one host
ALTER TABLE job ADD COLUMN host TEXT NOT NULL DEFAULT '';	-- the host that runs it, the one of its board
ALTER TABLE job ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;	-- how many times a host has started it
ALTER TABLE job ADD COLUMN orders TEXT;				-- JSON: the parameters of the request
ALTER TABLE job ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0; -- 1: a client asked to cancel it
ALTER TABLE job ADD COLUMN step TEXT;				-- progress: the last that its host reported
ALTER TABLE job ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN total INTEGER NOT NULL DEFAULT 0;
CREATE INDEX job_host ON job (host, state);
