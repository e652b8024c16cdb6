#!/bin/sh
# The headers are the manual: every function that a header in lib/ declares has a comment, above it or on its
# line. Declarations that follow each other without an empty line share the comment above the first.
cd "${top_srcdir:-.}" || exit 1

find lib -name '*.h' | sort | xargs awk '
FNR == 1 { said = 0; inside = 0; depth = 0 }
/^[ \t]*$/ { if (!depth) said = 0; next }
{
	if (/\/\*/ || /^[ \t]*\*/)
		said = 1
	opened = gsub(/{/, "{"); closed = gsub(/}/, "}")
}
depth == 0 && /^[a-z][A-Za-z0-9_ \*]*[ \*][a-z][A-Za-z0-9_]*\(/ && !/^(typedef|return|extern const)/ && !said && !/\/\*/ {
	print FILENAME ":" FNR ": no comment: " $0
}
{ depth += opened - closed }
' | { ! grep .; }
