-- Version 6: each release of OP-TEE has a name of its own.
--
-- What was called optee-4.10 is a tree 257 commits after the release; it is optee-4.10-257
-- now, and optee-4.10 is the release. Platforms keep their answers in every revision, and
-- their history says so, at the time of their newest revision.

INSERT INTO history (time, uid, gid, pid, user, kind, name, action, about, before, after)
SELECT r.time, 0, 0, 0, 'mmpd', 'platform', p.name, 'rules.rename',
	'rules "optee-4.10" are called "optee-4.10-257" now; the answers are the same',
	p.revision || '', p.revision || ''
FROM platform p JOIN platform_revision r ON r.platform = p.id AND r.revision = p.revision
WHERE EXISTS (SELECT 1 FROM platform_config c WHERE c.platform = p.id AND c.rules = 'optee-4.10')
ORDER BY p.id;

UPDATE platform_config SET rules = 'optee-4.10-257' WHERE rules = 'optee-4.10';
