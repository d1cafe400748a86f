#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Listen on ADDRESS:PORT... until killed: stands in for the services of a DataMiner System.

Says "listening" on stdout when every port is open.  Accepted connections are closed.
"""
import selectors
import socket
import sys


def main(endpoints):
    selector = selectors.DefaultSelector()
    for endpoint in endpoints:
        address, _, port = endpoint.rpartition(":")
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, int(port)))
        listener.listen(16)
        selector.register(listener, selectors.EVENT_READ)
    print("listening", flush=True)
    while True:
        for key, _ in selector.select():
            connection, _ = key.fileobj.accept()
            connection.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} ADDRESS:PORT...")
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        pass
