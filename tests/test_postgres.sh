#!/bin/sh
# Run the store's tests again, with their own PostgreSQL server.
exec "${top_srcdir:-.}/tests/postgres" sh -c '
	cd "${top_builddir:-build}" &&
	for tests in platforms registrations upgrades builds hosts letters; do
		"tests/test_store_$tests" || exit
	done'
