-- Findings of severity error that were accepted when a build was made: a JSON array, NULL
-- for none.
ALTER TABLE build_origin ADD COLUMN accepted TEXT;
