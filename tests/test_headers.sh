#!/bin/sh
# Every header compiles on its own, so it includes what it needs. Every header that mmp.h includes, directly or
# indirectly, is installed.
cd "${top_srcdir:-.}" || exit 1
failed=0
for header in $(find lib client daemon -name '*.h' | sort); do
	# shellcheck disable=SC2086 # lists of options
	${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -fsyntax-only ${CPPFLAGS-} -D_GNU_SOURCE \
		-I lib -I daemon -I "${top_builddir:-build}/lib" -include "$header" -x c /dev/null || failed=1
done
public=$(sed -n '/^mmp_public_headers/,/[^\\]$/p' lib/Makefile.inc)
# shellcheck disable=SC2086 # lists of options
for header in $(${CC:-cc} -MM ${CPPFLAGS-} -I lib lib/mmp.h | tr -s ' \\' '\n' | sed -n 's/^lib\///p'); do
	case " $(echo $public) " in
	*" $header "*) ;;
	*) echo "lib/Makefile.inc: mmp.h includes $header, which mmp_public_headers does not install" && failed=1 ;;
	esac
done
exit $failed
