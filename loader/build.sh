#!/bin/sh
# Build one image of the bare-metal loader from sources and a linker script: OUT.elf, and OUT.bin (its bytes from the first
# address on). Environment: CC and LD (commands with their target), FLAGS, BEARSSL (its folder), TOP (folder of the sources).
set -eu
[ $# -gt 3 ] || { echo "usage: $0 OUT SCRIPT DEFINES SOURCE..." >&2; exit 2; }
out=$1 script=$2 defines=$3
shift 3
objects=$out.obj
rm -rf "$objects" && mkdir -p "$objects/include"
cp -R "$BEARSSL"/include/bearssl* "$objects/include"
resource=$($CC -print-file-name=include)
top=$(cd "$TOP" && pwd)
for source in "$@"; do
	# shellcheck disable=SC2086 # lists of options
	$CC $FLAGS $defines -isystem "$top/loader/freestanding" -isystem "$objects/include" -isystem "$resource" \
		-I"$TOP" -I"$TOP/lib" -c -o "$objects/$(basename "$source").o" "$TOP/$source"
done
link() { # OUTPUT OPTION...
	output=$1
	shift
	$LD -nostdlib -static -z max-page-size=4096 --build-id=none --gc-sections -L"$top/loader" "$@" -T "$script" -o "$output.tmp" \
		"$objects"/*.o "$BEARSSL/lib/aarch64-linux-gnu/libbearssl.a"
	mv "$output.tmp" "$output"
}
link "$out.elf"
link "$out.bin" --oformat binary
rm -rf "$objects"
