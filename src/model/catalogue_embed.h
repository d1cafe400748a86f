/* SPDX-License-Identifier: BSD-2-Clause */
/* catalogue_embed.h - the bytes of catalogue.xml, put into the binary by the build. */
#ifndef DMP_CATALOGUE_EMBED_H
#define DMP_CATALOGUE_EMBED_H

#include <stddef.h>

extern const char dmp_catalogue_xml[];
extern const size_t dmp_catalogue_xml_size; /* without the NUL that follows */

#endif
