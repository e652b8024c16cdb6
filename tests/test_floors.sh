#!/bin/sh
# Each folder, and the folders of lib/ whose headers it may include. Anything else is a fault.
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
client      base model rpc
'
cd "${top_srcdir:-.}" || exit 1
echo "$floors" | while read -r folder may; do
	[ -d "$folder" ] || continue
	own=${folder#lib/}
	grep -Hn '^#include "' "$folder"/*.[ch] | while IFS=: read -r file line text; do
		from=${text#*\"} from=${from%\"*}
		case "$from" in
		*/*) from=${from%%/*} ;;
		*) continue ;;
		esac
		case " $own $may " in
		*" $from "*) ;;
		*) echo "$file:$line: $folder may not include $from/" ;;
		esac
	done
done | { ! grep .; }
