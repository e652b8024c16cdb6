#!/bin/sh
# The tests of the store once more, with a PostgreSQL of their own.
exec "${top_srcdir:-.}/tests/postgres" sh -c '
	cd "${top_builddir:-build}" && tests/test_store_platforms && tests/test_store_builds && tests/test_store_hosts'
