#!/bin/sh
# One name, one meaning: a name in a debugger or a backtrace must lead to one place.
#  - The tag of a struct, union or enum is defined once in lib, daemon, client and loader.
#  - The same name of a static function is used in at most three files.
#  - A constant of a public enum is defined once.
files_max=3

cd "${top_srcdir:-.}" || exit 1
sources=$(find lib daemon client loader -name '*.[ch]' | sort)

{
	# clang-format puts the brace of a definition at the end of the line with its tag.
	grep -nE '^(typedef |static |const )*(struct|union|enum) [a-z_0-9]+ \{' $sources |
		sed -E 's/^([^:]*:[0-9]*):.*(struct|union|enum) ([a-z_0-9]+) \{.*/\3 \1/' | sort |
		awk '$1 == last { print at " and " $2 ": the tag " $1 " is defined twice" }
		     { last = $1; at = $2 }'

	# shellcheck disable=SC2046 # a list of names
	grep -hE '^[[:space:]]+MMP_[A-Z0-9_]+( = [^,;]+)?,([[:space:]]*/\*.*)?$' $(echo "$sources" | grep '\.h$') |
		sed -E 's/^[[:space:]]+(MMP_[A-Z0-9_]+).*/\1/' | sort | uniq -d |
		sed 's/$/: the constant is defined twice/'

	# A definition is a line that begins with "static" and does not end a statement.
	grep -E '^static [^=;"]*[ *][a-z_0-9]+\([^;]*$' $sources |
		sed -E 's/^([^:]*):static [^(]*[ *]([a-z_0-9]+)\(.*/\2 \1/' | sort -u |
		awk -v most=$files_max '
			{ files[$1]++; at[$1] = at[$1] " " $2 }
			END {
				for (name in files)
					if (files[name] > most)
						print name "():" at[name] ": at most " most " files may use one name"
			}'
} | { ! grep .; }
