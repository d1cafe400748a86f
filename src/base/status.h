/* SPDX-License-Identifier: BSD-2-Clause */
/* status.h - how every fallible function of dmports answers. */
#ifndef DMP_STATUS_H
#define DMP_STATUS_H

/* Result codes.  Outputs named ret_* are written only with DMP_OK. */
enum dmp_status {
	DMP_OK = 0,
	DMP_ENOMEM,  /* out of memory */
	DMP_EINVAL,  /* the input is not what it must be; the caller was told why */
	DMP_ENOENT,  /* no such file, key, row ... */
	DMP_EPERM,   /* not permitted, or a file mode that exposes a secret */
	DMP_ETOOBIG, /* over a limit that protects us */
	DMP_EIO,     /* the system failed us: errno tells */
	DMP_EBUSY,   /* somebody else holds it, or try again later */
	DMP_ECORRUPT /* stored data is damaged */
};

#if defined(__GNUC__)
#define DMP_CHECK_RESULT __attribute__((warn_unused_result))
#define DMP_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define DMP_CHECK_RESULT
#define DMP_PRINTF(f, a)
#endif

/* A few words for a status, for messages.  Static string, never NULL. */
const char *dmp_status_text(enum dmp_status status);

#endif
