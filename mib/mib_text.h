/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_text.h - DATAMINER-PORTS-MIB as it stands in mib/, for "dmports mib". */
#ifndef DMP_MIB_TEXT_H
#define DMP_MIB_TEXT_H

#include <stddef.h>

extern const char dmp_mib_text[]; /* terminated */
extern const size_t dmp_mib_text_size;

#endif
