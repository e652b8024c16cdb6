#!/bin/sh
# Every header compiles alone: it includes what it needs.
cd "${top_srcdir:-.}" || exit 1
failed=0
for header in $(find lib client daemon -name '*.h' | sort); do
	# shellcheck disable=SC2086 # lists of options
	${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -fsyntax-only ${CPPFLAGS-} -D_GNU_SOURCE \
		-I lib -I daemon -I "${top_builddir:-build}/lib" -include "$header" -x c /dev/null || failed=1
done
exit $failed
