/* SPDX-License-Identifier: BSD-2-Clause */
#include "import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_reader(&mmp_reader_settings, data, size);
	return 0;
}
