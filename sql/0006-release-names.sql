-- Version 6: each release of OP-TEE has a name of its own.
--
-- The rules that were called optee-4.10 are those of a tree 257 commits after the release. They are
-- called optee-4.10-257 now, and optee-4.10 is the release. All revisions of platforms keep their
-- answers. A row of history records the change, at the time of the newest revision.

INSERT INTO history (time, uid, gid, pid, user, kind, name, action, about, before, after)
SELECT r.time, 0, 0, 0, 'mmpd', 'platform', p.name, 'rules.rename',
	'rules "optee-4.10" are called "optee-4.10-257" now; the answers are the same',
	p.revision || '', p.revision || ''
FROM platform p JOIN platform_revision r ON r.platform = p.id AND r.revision = p.revision
WHERE EXISTS (SELECT 1 FROM platform_config c WHERE c.platform = p.id AND c.rules = 'optee-4.10')
ORDER BY p.id;

UPDATE platform_config SET rules = 'optee-4.10-257' WHERE rules = 'optee-4.10';
