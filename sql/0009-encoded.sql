-- Version 9. A configuration is read without parsing JSON.

-- What `config` says, as bytes that only mmpd reads (lib/doc/stored.h). NULL: not made, so the text
-- is read; so are bytes that were not made from this text, or by a program whose rule set has other
-- keys. The text is the truth: whoever edits it need not touch this column. A row that an mmpd of
-- version 8 writes has none, and is right; that mmpd finds the schema too new, as after any upgrade.
ALTER TABLE platform_config ADD COLUMN encoded BLOB;
