-- Version 7. What a push came to, so that lists need not read its report: "proven", "failed proof",
-- "activated" or "not activated"; NULL: not ended, interrupted, or from before this version.
ALTER TABLE job ADD COLUMN proof TEXT;
