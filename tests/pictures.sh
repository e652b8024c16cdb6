#!/bin/sh
# pictures.sh BUILD FOLDER: make a picture of every view of the map, for a person to look at.
# Needs chromium (Debian). The views: light, dark, narrow, printed, with a region looked up,
# compared with an earlier platform, and with ten thousand regions.
set -eu
build=${1:?folder of the build} out=${2:?folder for the pictures}
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out"
mmpctl="$build/mmpctl --local"
platform=$top/platforms/qemu-armv8a.json
sed 's/0x9000000/0x9400000/; s/"va_bits": 32/"va_bits": 36/' "$platform" >"$out/before.json"
python3 - "$top/tests/vectors/tfa-2.15/map/platform_fvp.json" "$out/many.json" <<'PY'
import json, sys
document = json.load(open(sys.argv[1]))
one = document["registrations"][0]
for key in ("output", "note", "class"):
    document.pop(key, None)
document["name"] = "ten thousand regions"
document["config"]["max_mmap_regions"] = 10001
document["config"]["max_xlat_tables"] = 200
document["registrations"] = [
    dict(one, name=f"device {n}", pa=hex(0x1000_0000 + n * 0x2000), va=hex(0x1000_0000 + n * 0x2000), size="0x1000")
    for n in range(10000)] + [one for one in document["registrations"] if one["op"] == "init"]
json.dump(document, open(sys.argv[2], "w"))
PY

shoot() { # NAME WIDTH,HEIGHT FILE [HASH] [OPTION...]
	name=$1 size=$2 file=$3 hash=$4
	shift 4
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=8000 \
		--window-size="$size" "$@" --screenshot="$out/$name.png" "file://$file$hash" >/dev/null 2>&1
	[ -s "$out/$name.png" ]
	echo "$out/$name.png"
}

out=$(cd "$out" && pwd)
$mmpctl map "$platform" --html "$out/map.html" --svg "$out/map.svg"
$mmpctl map "$platform" --against "$out/before.json" --html "$out/diff.html" || [ $? = 4 ]
$mmpctl map "$top/tests/vectors/tfa-2.15/map/platform_fvp.json" --html "$out/tfa.html" || [ $? = 4 ]
$mmpctl map "$out/many.json" --html "$out/many.html" || [ $? = 4 ]
shoot light 1500,1300 "$out/map.html" "#CONSOLE"
shoot dark 1500,1300 "$out/map.html" "#0x42000000" --force-dark-mode --enable-features=WebContentsForceDark --blink-settings=preferredColorScheme=0
shoot table 1500,1500 "$out/map.html" "#table=8"
shoot narrow 480,1600 "$out/map.html" ""
shoot svg 1150,1000 "$out/map.svg" ""
shoot diff 1500,2200 "$out/diff.html" ""
shoot tfa 1500,1300 "$out/tfa.html" ""
shoot many 1500,1300 "$out/many.html" "#device 5000"
chromium --headless --no-sandbox --disable-gpu --no-pdf-header-footer --print-to-pdf="$out/print.pdf" \
	"file://$out/map.html" >/dev/null 2>&1
echo "$out/print.pdf"
