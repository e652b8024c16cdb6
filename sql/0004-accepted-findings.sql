-- Version 4: the findings of severity error that were accepted when a build was made, as a JSON
-- array. NULL: none.
ALTER TABLE build_origin ADD COLUMN accepted TEXT;
