# The boards of the demo, made by QEMU: what is pushed there, and how the loader comes to each. Read by demo.
# $build and $line (the socket of the line) are set; $document, $pool, $uart, $loaded and $qemu come to be.

choose_board() { # NAME
	local machine=(qemu-system-aarch64 -net none -display none -monitor none)
	local serial=(-serial "unix:$line,server=on,wait=off")

	case "$1" in
	virt)
		document=qemu-armv8a
		pool=0xe1c4000+64K # where OP-TEE itself puts its tables on this platform
		uart=0x11200000
		loaded='its boot ROM, and its secure serial port as a socket'
		qemu=("${machine[@]}" -M 'virt,secure=on' -cpu cortex-a57 -m 64
			-bios "$build/loader/loader.bin" -serial null "${serial[@]}")
		;;
	zcu102)
		document=zynqmp-zcu102
		pool=0x60200000+256K
		uart=0x82e00000
		loaded='BL31, in its on-chip memory, and its first serial port as a socket'
		qemu=("${machine[@]}" -M 'xlnx-zcu102,secure=on' -m 2G -audiodev none,id=quiet
			-device "loader,file=$build/loader/loader-zcu102.elf,cpu-num=0" "${serial[@]}")
		;;
	*)
		echo "demo: no such board: \"$1\"; there are virt and zcu102" >&2
		exit 2
		;;
	esac
}
