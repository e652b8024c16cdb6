/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SCAN_H
#define MMP_SCAN_H

/*
 * Serial lines of this machine by names that stay the same: udev's links by-id (the
 * adapter's own serial number) and by-path (the socket it is plugged into) below
 * `folder`, which is /dev/serial. A device is told once, by-id where it has both.
 */

#include <stddef.h>

struct mmp_scanned {
	char line[300];   /* "serial:/dev/serial/by-id/usb-FTDI_..." */
	char device[300]; /* what it leads to, "/dev/ttyUSB0" */
};

/* At most `room` of them, in the order of their names; how many there are. */
size_t mmp_scan_serial(const char *folder, struct mmp_scanned *ret_found, size_t room);

#endif
