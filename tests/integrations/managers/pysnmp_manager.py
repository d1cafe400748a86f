# SPDX-License-Identifier: BSD-2-Clause
"""A manager with pysnmp; see README.md for what managers say."""
import asyncio
import sys

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import ntfrcv
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData, ContextData, ObjectIdentity, ObjectType, SnmpEngine, UdpTransportTarget,
    bulk_walk_cmd, get_cmd)
from pysnmp.proto.api import v2c
from pysnmp.proto.rfc1905 import NoSuchInstance, NoSuchObject


def show(oid, value):
    if isinstance(value, (NoSuchInstance, NoSuchObject)):
        raise SystemExit(f'{oid}: absent')
    text = bytes(value).decode('ascii') if isinstance(value, v2c.OctetString) \
        else value.prettyPrint()
    print(f'.{oid}\t{type(value).__name__}\t{text}')


def stop_on(error, status):
    if error or status:
        raise SystemExit(f'{error} {status.prettyPrint() if status else ""}')


async def walk(port, plan):
    common = (SnmpEngine(), CommunityData('public'),
              await UdpTransportTarget.create(('127.0.0.1', port)), ContextData())
    for oid, *columns in plan:
        asked = ObjectType(ObjectIdentity(oid.lstrip('.')))
        if not columns:
            error, status, _, varbinds = await get_cmd(*common, asked, lookupMib=False)
            stop_on(error, status)
            show(*varbinds[0])
            continue
        async for error, status, _, varbinds in bulk_walk_cmd(
                *common, 0, 25, asked, lookupMib=False, lexicographicMode=False):
            stop_on(error, status)
            for varbind in varbinds:
                show(*varbind)


def receive(port):
    manager = engine.SnmpEngine()
    config.add_transport(manager, udp.DOMAIN_NAME,
                         udp.UdpTransport().open_server_mode(('127.0.0.1', port)))
    config.add_v1_system(manager, 'area', 'public')

    def note(execution):
        print(execution['pdu'].__class__.__name__)

    def told(_engine, _reference, _context, _name, varbinds, _more):
        for varbind in varbinds:
            show(*varbind)
        print('end', flush=True)
    manager.observer.register_observer(
        lambda _engine, _point, variables, _more: note(variables),
        'rfc3412.receiveMessage:request')
    ntfrcv.NotificationReceiver(manager, told)
    loop = asyncio.get_event_loop()
    loop.add_reader(sys.stdin, loop.stop)
    print('ready', flush=True)
    loop.run_forever()


if __name__ == '__main__':
    if sys.argv[1] == 'walk':
        with open(sys.argv[3], encoding='ascii') as file:
            asyncio.run(walk(int(sys.argv[2]), [line.split() for line in file]))
    else:
        receive(int(sys.argv[2]))
