-- Version 8. A registration changes fewer pages: it has no row in platform_revision and none in an
-- index of ends.

-- A revision that only registers a region is the row of that region, whose `since` it is: these two
-- columns say when and by whom. NULL: the revision has a row in platform_revision.
ALTER TABLE region ADD COLUMN time TEXT;
ALTER TABLE region ADD COLUMN user TEXT;

-- region.position of the first region that is registered after this revision. The revisions after
-- it, up to the next one with a row, have a region each at the positions from here on, and its
-- configuration. 0: from before version 8, when every revision had a row.
ALTER TABLE platform_revision ADD COLUMN positions INTEGER NOT NULL DEFAULT 0;
UPDATE platform_revision SET positions =
	(SELECT p.positions FROM platform p WHERE p.id = platform_revision.platform)
WHERE revision = (SELECT p.revision FROM platform p WHERE p.id = platform_revision.platform);

-- All regions of the newest revision have this position or a higher one.
ALTER TABLE platform ADD COLUMN live_from INTEGER NOT NULL DEFAULT 0;
UPDATE platform SET live_from = coalesce((SELECT min(g.position) FROM region g
	WHERE g.platform = platform.id AND g.until = 9223372036854775807), positions);
DROP INDEX region_until;

-- How many regions the revision has. An mmpd of an older version that still runs on the same server
-- would write rows that say less: this name it does not know, so that it fails instead.
ALTER TABLE platform_revision RENAME COLUMN regions TO region_count;
