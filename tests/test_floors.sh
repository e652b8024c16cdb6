#!/bin/sh
# Which folder may include what: first each folder, and the folders of lib/ whose headers it may
# include; then each library, and the only folders that may include its headers.
floors='
lib/base
lib/wire
lib/json    base
lib/model   base
lib/plan    base model
lib/arch    base model
lib/tables  base model plan arch
lib/policy  base model plan arch tables
lib/rules   base model plan arch tables policy
lib/study   base model plan arch tables policy
lib/doc     base wire json model plan arch tables policy study export
lib/import  base json model plan arch tables policy study doc
lib/export  base json model plan arch tables policy study
lib/store   base model
lib/rpc     base json model
lib/link    base wire
loader      wire
loader/host wire loader
daemon      base json model plan arch tables policy study import export doc store rpc link wire connections methods work line
daemon/connections base json model plan arch tables policy study import export doc store rpc link wire connections methods work line
daemon/methods base json model plan arch tables policy study import export doc store rpc link wire connections methods work line
daemon/work base json model plan arch tables policy study import export doc store rpc link wire connections methods work line
daemon/line base json model plan arch tables policy study import export doc store rpc link wire connections methods work line
client      base json model rpc import link wire loader
'
libraries='
event2/   daemon daemon/methods daemon/connections daemon/work daemon/line
systemd/  daemon daemon/connections
jansson.h lib/json lib/doc lib/rpc lib/import lib/export daemon daemon/connections daemon/methods daemon/work daemon/line client
sqlite3.h lib/store
libfdt.h  lib/import
libelf.h  lib/import
gelf.h    lib/import
elfutils/ lib/import
libpq-fe.h lib/store
bearssl.h lib/base lib/link loader loader/host
'
freestanding='stdint.h stddef.h stdbool.h'

cd "${top_srcdir:-.}" || exit 1

# FOLDER PATTERN: print the #include lines whose argument begins with PATTERN, as file:line:what.
includes() {
	grep -Hn "^#include $2" "$1"/*.[ch] | sed 's/^\([^:]*:[0-9]*\):#include [<"]\([^>"]*\)[>"].*/\1:\2/'
}

# Each firmware has its own folder lib/rules/NAME, and may include what lib/rules may. Only the registry
# lib/rules/all.c may include a firmware's folder.
rooms=$(for room in lib/rules/*/; do
	echo "${room%/} $(echo "$floors" | sed -n 's/^lib\/rules  *//p')"
done)

{
	printf '%s%s\n' "$floors" "$rooms" | while read -r folder may; do
		[ -d "$folder" ] || continue
		own=${folder#lib/}
		includes "$folder" '"' | while IFS=: read -r file line from; do
			case "$from" in
			rules/*/*)
				[ "$folder" = lib/rules ] && continue
				from=${from%/*}
				;;
			*/*) from=${from%%/*} ;;
			*) continue ;;
			esac
			case " $own $may " in
			*" $from "*) ;;
			*) echo "$file:$line: $folder may not include $from/" ;;
			esac
		done
		includes "$folder" '<' | while IFS=: read -r file line what; do
			echo "$libraries" | while read -r library knowing; do
				case "$what" in
				"$library"*) ;;
				*) continue ;;
				esac
				case " $knowing " in
				"  ") ;;
				*" $folder "*) ;;
				*) echo "$file:$line: $folder may not know <$library>" ;;
				esac
			done
		done
	done
	# Only a firmware's own folder and the registry may name it.
	grep -rniE 'optee|core_mmu|MEM_AREA|CFG_|3_4|4_10|tfa[-_]|xlat_tables_v2' lib client daemon --include='*.[ch]' |
		grep -vE '^lib/rules/(all\.c:|[a-z]+/)' | sed 's/$/  <- a neutral file names a firmware/'
	# A long format string and its arguments are hard to keep in step: json/writer.h has rows in their place.
	for file in $(grep -rl json_pack lib client daemon --include='*.c'); do
		tr '\n\t' '  ' <"$file" | grep -oE 'json_pack\( *("[^"]*" *)+' |
			awk -v file="$file" '{ call = $0; members = gsub(/s:/, "") }
				members > 7 { print file ": " call "  <- over 7 members: write rows (json/writer.h)" }'
	done
	includes lib/wire '<' | while IFS=: read -r file line what; do
		case " $freestanding " in
		*" $what "*) ;;
		*) echo "$file:$line: lib/wire is freestanding and may not include <$what>" ;;
		esac
	done
} | { ! grep .; }
