/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SCAN_H
#define MMP_SCAN_H

/*
 * Lists the serial lines of this machine under stable names: udev's links by-id (the
 * adapter's own serial number) and by-path (the socket it is plugged into) below
 * `folder`, which is /dev/serial. Each device is listed once, by-id if it has both.
 */

#include <stddef.h>

struct mmp_scanned {
	char line[300];   /* "serial:/dev/serial/by-id/usb-FTDI_..." */
	char device[300]; /* the target of the link, "/dev/ttyUSB0" */
};

/*
 * Fill in at most `room` entries, in the order of their names. Returns the number
 * found.
 */
size_t mmp_scan_serial(const char *folder, struct mmp_scanned *ret_found, size_t room);

#endif
