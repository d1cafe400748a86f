/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/attempt.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRAIN_MAX 32 /* a flood of ICMP must not hold the loop */

const struct dmp_address *
dmp_attempt_address(const struct dmp_attempt *a)
{
	return &a->probe->spec.addresses[a - a->probe->attempts];
}

int64_t
dmp_attempt_now_us(const struct dmp_attempt *a)
{
	return dmp_clock_mono_us(a->probe->clock);
}

uint32_t
dmp_attempt_elapsed_us(const struct dmp_attempt *a)
{
	int64_t elapsed = dmp_attempt_now_us(a) - a->sent_us;

	if (elapsed < 1)
		return 1;
	return elapsed > UINT32_MAX ? UINT32_MAX : (uint32_t)elapsed;
}

/* Without the extended errors only the ICMP detail is lost, so the result is ignored.
 */
static void
attempt_want_errors(int fd, uint16_t family)
{
	int on = 1;

	if (family == AF_INET)
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
	else
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

int
dmp_attempt_connect(
    struct dmp_attempt *a, int type, void (*tune)(const struct dmp_attempt *a))
{
	const struct dmp_address *address = dmp_attempt_address(a);
	struct sockaddr_storage peer;
	socklen_t size = dmp_address_to_socket(address, a->probe->spec.port, &peer);
	int error;

	a->fd = socket(address->family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd < 0)
		return errno;
	attempt_want_errors(a->fd, address->family);
	if (tune)
		tune(a);
	if (connect(a->fd, (struct sockaddr *)&peer, size) == 0)
		return 0;
	error = errno;
	if (error != EINPROGRESS) {
		(void)close(a->fd);
		a->fd = -1;
	}
	return error;
}

static void
attempt_note_icmp(const struct dmp_attempt *a, const struct cmsghdr *part,
    struct dmp_net_error *error)
{
	struct {
		struct sock_extended_err ee;
		struct sockaddr_storage offender;
	} data = {0};
	struct sockaddr_storage own;
	struct dmp_address own_address = {0};
	socklen_t own_size = sizeof own;
	uint16_t port;
	size_t n = part->cmsg_len - CMSG_LEN(0);

	memcpy(&data, CMSG_DATA(part), n < sizeof data ? n : sizeof data);
	if (data.ee.ee_origin != SO_EE_ORIGIN_ICMP &&
	    data.ee.ee_origin != SO_EE_ORIGIN_ICMP6)
		return;
	if (!dmp_address_from_socket(
	        (struct sockaddr *)&data.offender, &error->offender, &port))
		return;
	if (getsockname(a->fd, (struct sockaddr *)&own, &own_size) == 0)
		(void)dmp_address_from_socket(
		    (struct sockaddr *)&own, &own_address, &port);
	error->has_icmp = true;
	error->icmp_type = data.ee.ee_type;
	error->icmp_code = data.ee.ee_code;
	error->from_target =
	    dmp_address_equal(&error->offender, dmp_attempt_address(a));
	error->from_us = dmp_address_equal(&error->offender, &own_address);
	if (error->number == 0)
		error->number = (int)data.ee.ee_errno;
}

bool
dmp_attempt_drain_errors(const struct dmp_attempt *a, struct dmp_net_error *error)
{
	bool any = false;

	for (int i = 0; i < DRAIN_MAX; i++) {
		union {
			struct cmsghdr align;
			char bytes[256];
		} control;
		struct msghdr message = {
		    .msg_control = &control, .msg_controllen = sizeof control};

		if (recvmsg(a->fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			break;
		any = true;
		for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part;
		     part = CMSG_NXTHDR(&message, part)) {
			bool v4 = part->cmsg_level == IPPROTO_IP &&
			          part->cmsg_type == IP_RECVERR;
			bool v6 = part->cmsg_level == IPPROTO_IPV6 &&
			          part->cmsg_type == IPV6_RECVERR;

			if (v4 || v6)
				attempt_note_icmp(a, part, error);
		}
	}
	return any;
}
