-- Version 2. More fields of registrations, for firmwares such as TF-A: a virtual address (64 bits as
-- a signed INTEGER), an attribute word (32 bits), and the largest block that may map the region, in
-- bytes. 0 if the sections of the rule set have no such field.
ALTER TABLE region ADD COLUMN va INTEGER NOT NULL DEFAULT 0;
ALTER TABLE region ADD COLUMN attr INTEGER NOT NULL DEFAULT 0;
ALTER TABLE region ADD COLUMN granularity INTEGER NOT NULL DEFAULT 0;
