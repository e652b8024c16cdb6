-- Version 9. A configuration is read without parsing JSON.

-- What `config` says, as bytes that only mmpd reads (lib/doc/stored.h). NULL: not made, so the text
-- is read; so are bytes that were not made from this text, or by a program whose rule set has other
-- keys. The text is the truth: whoever edits it need not touch this column. An mmpd of version 8 that
-- was connected during the upgrade may still write rows: they have none, and are right.
ALTER TABLE platform_config ADD COLUMN encoded BLOB;
