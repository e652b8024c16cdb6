#!/bin/sh
# Who may include what: each folder, and the folders of lib/ whose headers it may include; then
# each library, and the only folders that may know it. Anything else is a fault.
floors='
lib/base
lib/wire
lib/model   base
lib/plan    base model
lib/arch    base model
lib/tables  base model plan arch
lib/study   base model plan arch tables
lib/policy  base model plan arch tables
lib/import  base model
lib/export  base model plan arch tables
lib/doc     base model plan arch tables study policy export
lib/store   base model
lib/rpc     base model
lib/link    base wire
loader      wire
loader/host wire loader
daemon      base model plan arch tables study policy import export doc store rpc link wire connections methods work line
daemon/connections  base model plan arch tables study policy import export doc store rpc link wire connections methods work line
daemon/methods  base model plan arch tables study policy import export doc store rpc link wire connections methods work line
daemon/work  base model plan arch tables study policy import export doc store rpc link wire connections methods work line
daemon/line  base model plan arch tables study policy import export doc store rpc link wire connections methods work line
client      base model rpc
'
libraries='
event2/   daemon daemon/connections daemon/work daemon/line
systemd/  daemon daemon/connections
jansson.h lib/doc lib/rpc lib/export daemon daemon/connections daemon/methods daemon/work daemon/line client
sqlite3.h lib/store
bearssl.h lib/base loader loader/host
'
freestanding='stdint.h stddef.h stdbool.h'

cd "${top_srcdir:-.}" || exit 1

# FOLDER PATTERN: lines that include something, as file:line:what.
includes() {
	grep -Hn "^#include $2" "$1"/*.[ch] | sed 's/^\([^:]*:[0-9]*\):#include [<"]\([^>"]*\)[>"].*/\1:\2/'
}

{
	echo "$floors" | while read -r folder may; do
		[ -d "$folder" ] || continue
		own=${folder#lib/}
		includes "$folder" '"' | while IFS=: read -r file line from; do
			case "$from" in
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
	includes lib/wire '<' | while IFS=: read -r file line what; do
		case " $freestanding " in
		*" $what "*) ;;
		*) echo "$file:$line: lib/wire is freestanding and may not include <$what>" ;;
		esac
	done
} | { ! grep .; }
