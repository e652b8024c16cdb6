-- Version 2. Fields of registrations that firmwares with regions of their own have: a virtual
-- address (64 bits as a signed INTEGER), an attribute word (32 bits) and the largest block that may
-- map it, in bytes. 0 where the rule set's sections have no such field.
ALTER TABLE region ADD COLUMN va INTEGER NOT NULL DEFAULT 0;
ALTER TABLE region ADD COLUMN attr INTEGER NOT NULL DEFAULT 0;
ALTER TABLE region ADD COLUMN granularity INTEGER NOT NULL DEFAULT 0;
