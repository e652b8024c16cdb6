#!/bin/sh
# Run the store's tests again, with their own PostgreSQL server.
exec "${top_srcdir:-.}/tests/postgres" sh -c '
	cd "${top_builddir:-build}" && tests/test_store_platforms && tests/test_store_builds && tests/test_store_hosts'
