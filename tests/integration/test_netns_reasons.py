#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every way in which a network says no, made for real: client - router - server.

Three network namespaces of our own, nftables on the router and on the client.  Each
case names the reason that one probe must end with.  Needs root; exit code 77 = skipped.

usage: test_netns_reasons.py PROBE_REASONS
"""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SKIP = 77
PROBE = sys.argv[1]
CLIENT, ROUTER, SERVER = (f"dmp{os.getpid()}{x}" for x in "crs")

ROUTER_RULES = """
table inet router {
  chain forward {
    type filter hook forward priority 0
    tcp dport 1001 reject with tcp reset
    meta nfproto ipv4 meta l4proto { tcp, udp } th dport vmap {
      1003 : jump port4, 1010 : jump host4, 1020 : jump net4, 1013 : jump admin4,
      1014 : jump hostadmin4, 1015 : jump netadmin4, 1012 : jump proto4 }
    meta nfproto ipv6 meta l4proto { tcp, udp } th dport vmap {
      1003 : jump port6, 1010 : jump host6, 1020 : jump net6, 1013 : jump admin6 }
    meta l4proto { tcp, udp } th dport 1099 drop
  }
  chain port4 { reject with icmp port-unreachable
  }
  chain host4 { reject with icmp host-unreachable
  }
  chain net4 { reject with icmp net-unreachable
  }
  chain admin4 { reject with icmp admin-prohibited
  }
  chain hostadmin4 { reject with icmp host-prohibited
  }
  chain netadmin4 { reject with icmp net-prohibited
  }
  chain proto4 { reject with icmp prot-unreachable
  }
  chain port6 { reject with icmpv6 port-unreachable
  }
  chain host6 { reject with icmpv6 addr-unreachable
  }
  chain net6 { reject with icmpv6 no-route
  }
  chain admin6 { reject with icmpv6 admin-prohibited
  }
}
"""

CLIENT_RULES = """
table inet client {
  chain output {
    type filter hook output priority 0
    meta l4proto { tcp, udp } th dport 2001 drop
    meta nfproto ipv4 meta l4proto { tcp, udp } th dport 2002 reject with icmp port-unreachable
    meta nfproto ipv4 meta l4proto { tcp, udp } th dport 2003 reject with icmp admin-prohibited
    meta nfproto ipv6 meta l4proto { tcp, udp } th dport 2002 reject with icmpv6 port-unreachable
    tcp dport 2004 reject with tcp reset
  }
}
"""

S4, S6 = "10.209.2.2", "fd09:2::2"
R4 = "10.209.1.1"

# transport, address, port, timeout in ms, reason, words that the detail must contain
CASES = [
    ("tcp", S4, 80, 1000, "open", "SYN-ACK"),
    ("tcp", S6, 80, 1000, "open", "SYN-ACK"),
    ("tcp", S4, 9, 1000, "refused", ""),
    ("tcp", S6, 9, 1000, "refused", ""),
    ("tcp", S4, 1001, 1000, "refused", ""),
    ("tcp", S6, 1001, 1000, "refused", ""),
    ("tcp", S4, 2001, 1000, "timeout", "no SYN-ACK"),
    ("tcp", S4, 2004, 1000, "refused", ""),
    ("udp", S4, 9, 1000, "refused", "the target reports"),
    ("udp", S6, 9, 1000, "refused", "the target reports"),
    ("udp", S4, 2001, 1000, "localFirewall", ""),
    ("udp", S6, 2001, 1000, "localFirewall", ""),
    ("udp", S4, 163, 1000, "noReply", ""),
    ("tcp", S4, 1099, 1000, "timeout", "no SYN-ACK"),
    ("udp", S4, 1099, 1000, "noReply", ""),
    # A dead neighbour is known after three ARP requests, 3.1 s.
    ("tcp", "10.209.1.70", 80, 1000, "timeout", ""),
    ("tcp", "10.209.1.71", 80, 4500, "hostUnreachable", "ARP"),
    ("udp", "10.209.1.72", 161, 4500, "hostUnreachable", "ARP"),
    ("tcp", "fd09:1::73", 80, 4500, "hostUnreachable", "neighbour"),
    ("tcp", "10.209.2.70", 80, 4500, "hostUnreachable", R4),
    ("udp", "10.209.2.71", 161, 4500, "hostUnreachable", R4),
    ("tcp", "fd09:2::72", 80, 4500, "hostUnreachable", "fd09:1::1"),
]
for transport in ("tcp", "udp"):
    CASES += [
        (transport, S4, 1003, 1000, "refused", R4),
        (transport, S4, 1010, 1000, "hostUnreachable", R4),
        (transport, S4, 1020, 1000, "netUnreachable", R4),
        (transport, S4, 1013, 1000, "adminProhibited", "ICMP 3/13"),
        (transport, S4, 1014, 1000, "adminProhibited", "ICMP 3/10"),
        (transport, S4, 1015, 1000, "adminProhibited", "ICMP 3/9"),
        (transport, S4, 1012, 1000, "protocolUnreachable", R4),
        (transport, S6, 1003, 1000, "refused", "ICMPv6 1/4"),
        (transport, S6, 1010, 1000, "hostUnreachable", "ICMPv6 1/3"),
        (transport, S6, 1020, 1000, "netUnreachable", "ICMPv6 1/0"),
        (transport, S6, 1013, 1000, "adminProhibited", "ICMPv6 1/1"),
        (transport, S4, 2002, 1000, "localFirewall", ""),
        (transport, S6, 2002, 1000, "localFirewall", ""),
        (transport, S4, 2003, 1000, "localFirewall", ""),
        (transport, "198.51.100.1", 80, 1000, "noRoute", "no route"),
        (transport, "203.0.113.1", 80, 1000, "localFirewall", ""),
        (transport, "203.0.113.2", 80, 1000, "noRoute", "black hole"),
        (transport, "203.0.113.3", 80, 1000, "noRoute", "unreachable"),
        (transport, "2001:db8:f::1", 80, 1000, "noRoute", "no route"),
        (transport, "fd09:f::1", 80, 1000, "localFirewall", ""),
        (transport, "fd09:f::2", 80, 1000, "noRoute", "black hole"),
        (transport, "fd09:f::3", 80, 1000, "noRoute", "unreachable"),
    ]

# The kernel's own "network unreachable" spends from the same per-peer allowance that
# icmp_ratelimit=0 empties, so these come first.
EARLY_CASES = [
    ("tcp", "10.209.9.9", 80, 1000, "netUnreachable", R4),
    ("udp", "10.209.9.9", 161, 1000, "netUnreachable", R4),
]


def run(*command, stdin=None):
    return subprocess.run(
        command, input=stdin, text=True, check=True, capture_output=True).stdout


def inside(namespace, *command, stdin=None):
    return run("ip", "netns", "exec", namespace, *command, stdin=stdin)


def link(a, a_name, a_addresses, b, b_name, b_addresses):
    run("ip", "-n", a, "link", "add", a_name, "type", "veth", "peer", "name", b_name,
        "netns", b)
    for namespace, name, addresses in (
            (a, a_name, a_addresses), (b, b_name, b_addresses)):
        for address in addresses:
            extra = ["nodad"] if ":" in address else []
            run("ip", "-n", namespace, "addr", "add", address, "dev", name, *extra)
        run("ip", "-n", namespace, "link", "set", name, "up")


def build():
    for namespace in (CLIENT, ROUTER, SERVER):
        # Duplicate address detection would delay the first IPv6 packets.
        inside(namespace, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0",
               "net.ipv6.conf.default.accept_dad=0")
        run("ip", "-n", namespace, "link", "set", "lo", "up")
    link(CLIENT, "c0", ("10.209.1.2/24", "fd09:1::2/64"),
         ROUTER, "r0", ("10.209.1.1/24", "fd09:1::1/64"))
    link(SERVER, "s0", ("10.209.2.2/24", "fd09:2::2/64"),
         ROUTER, "r1", ("10.209.2.1/24", "fd09:2::1/64"))
    inside(ROUTER, "sysctl", "-qw", "net.ipv4.ip_forward=1",
           "net.ipv6.conf.all.forwarding=1")
    routes = (
        (CLIENT, "10.209.2.0/24", "via", "10.209.1.1"),
        (CLIENT, "10.209.9.0/24", "via", "10.209.1.1"),
        (CLIENT, "fd09:2::/64", "via", "fd09:1::1"),
        (SERVER, "10.209.1.0/24", "via", "10.209.2.1"),
        (SERVER, "fd09:1::/64", "via", "fd09:2::1"),
    )
    for namespace, *route in routes:
        run("ip", "-n", namespace, "route", "add", *route)
    for i, kind in enumerate(("prohibit", "blackhole", "unreachable"), 1):
        run("ip", "-n", CLIENT, "route", "add", kind, f"203.0.113.{i}")
        run("ip", "-n", CLIENT, "-6", "route", "add", kind, f"fd09:f::{i}")
    inside(ROUTER, "nft", "-f", "-", stdin=ROUTER_RULES)
    inside(CLIENT, "nft", "-f", "-", stdin=CLIENT_RULES)


def wait_for_neighbours():
    """Neighbour discovery of links that have just come up may lose a first packet."""
    for address in (S4, S6):
        for _ in range(10):
            if check(("tcp", address, 80, 500, "open", ""))[0]:
                break
        else:
            sys.exit(f"FAIL  {address} never answered")


def lift_rate_limits():
    for namespace in (ROUTER, SERVER):
        inside(namespace, "sysctl", "-qw", "net.ipv4.icmp_ratelimit=0",
               "net.ipv6.icmp.ratelimit=0")


LISTENER = """
import socket, sys
tcp = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True,
                           backlog=64)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("", 163))
print("ready", flush=True)
sys.stdin.read()
tcp.setblocking(False)
accepted = 0
try:
    while True:
        tcp.accept()
        accepted += 1
except BlockingIOError:
    print(accepted, flush=True)
"""


def check(case):
    transport, address, port, timeout, reason, words = case
    line = inside(CLIENT, PROBE, transport, address, str(port), str(timeout))
    found, _, detail, _ = line.rstrip("\n").split("\t")
    good = found == reason and words in detail
    text = f"{transport} {address} {port} {timeout} ms: {found}: {detail}"
    return good, text if good else f"{text}  <- expected {reason} ({words})"


def main():
    failed = 0
    build()
    listener = subprocess.Popen(
        ["ip", "netns", "exec", SERVER, sys.executable, "-c", LISTENER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert listener.stdout.readline() == "ready\n"
        wait_for_neighbours()
        results = [check(case) for case in EARLY_CASES]
        lift_rate_limits()
        with ThreadPoolExecutor(8) as pool:
            results += pool.map(check, CASES)
        for good, text in results:
            failed += not good
            print("ok   " if good else "FAIL ", text)
        for _ in range(20):
            inside(CLIENT, PROBE, "tcp", S4, "80", "1000")
        listener.stdin.close()
        accepted = int(listener.stdout.readline())
        if accepted:
            failed += 1
        print("ok   " if accepted == 0 else "FAIL ",
              f"the listener saw {accepted} connections")
    finally:
        listener.kill()
        listener.wait()
    print(f"{len(results) + 1} cases, {failed} failed")
    return 1 if failed else 0


def skip(why):
    print("SKIP:", why)
    return SKIP


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit(skip("network namespaces need root"))
    made = []
    try:
        try:
            for name in (CLIENT, ROUTER, SERVER):
                run("ip", "netns", "add", name)
                made.append(name)
            inside(CLIENT, "nft", "list", "ruleset")
        except (OSError, subprocess.CalledProcessError) as error:
            sys.exit(skip(f"no network namespaces or no nft here ({error})"))
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        print(f"FAIL  {error}: {error.stderr}")
        sys.exit(1)
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], check=False)
