-- Version 3: a board is who it was.

-- The id that the board said when it was first heard on its line; NULL: not heard yet.
ALTER TABLE board ADD COLUMN identity TEXT;

-- Its own public key, P-256, 128 hex digits (X, then Y); NULL: it is not enrolled.
ALTER TABLE board ADD COLUMN key TEXT;
