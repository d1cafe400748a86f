/* SPDX-License-Identifier: BSD-2-Clause */
/* hex.h - captured bytes, written as hexadecimal text in a test. */
#ifndef DMP_TEST_HEX_H
#define DMP_TEST_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Decode hex (blanks are skipped) into out and return the number of bytes.  The test
 * fails when hex is no such text or needs more than size bytes. */
size_t test_hex(const char *hex, uint8_t *out, size_t size);

#endif
