-- Version 3: mmpd recognizes a board again.

-- The id in the first answer of the board on its line. NULL: no answer yet.
ALTER TABLE board ADD COLUMN identity TEXT;

-- The public key of the board itself, P-256, 128 hex digits (X, then Y). NULL: it is not enrolled.
ALTER TABLE board ADD COLUMN key TEXT;
