// SPDX-License-Identifier: BSD-2-Clause
// A manager with the npm package net-snmp; see README.md for what managers say.
'use strict';
const fs = require('fs');
const snmp = require('net-snmp');

function show(varbind) {
	if (snmp.isVarbindError(varbind))
		throw new Error(snmp.varbindError(varbind));
	const value = Buffer.isBuffer(varbind.value) ? varbind.value.toString('latin1')
		: varbind.value;
	console.log(`.${varbind.oid}\t${snmp.ObjectType[varbind.type]}\t${value}`);
}

function getScalar(session, oid) {
	return new Promise((resolve, reject) => session.get([oid], (error, varbinds) => {
		if (error)
			return reject(error);
		show(varbinds[0]);
		resolve();
	}));
}

// tableColumns() gives values without types, subtree() gives both; both must work.
function getTable(session, oid, columns) {
	return new Promise((resolve, reject) => {
		let cells = 0;
		session.subtree(oid, 25, (varbinds) => {
			varbinds.forEach(show);
			cells += varbinds.length;
		}, (error) => {
			if (error)
				return reject(error);
			session.table(oid, 25, (tableError, rows) => {
				if (tableError)
					return reject(tableError);
				const found = Object.values(rows).reduce(
					(n, row) => n + Object.keys(row).length, 0);
				if (found !== cells)
					return reject(new Error(`table ${oid}: ${found} of ${cells} cells`));
				const wide = Object.values(rows).every(
					(row) => columns.every((column) => column in row));
				return wide ? resolve() : reject(new Error(`table ${oid}: columns`));
			});
		});
	});
}

async function walk(port, plan) {
	const session = snmp.createSession('127.0.0.1', 'public', {
		port, version: snmp.Version2c, timeout: 5000 });
	try {
		for (const [oid, ...columns] of plan) {
			if (columns.length === 0)
				await getScalar(session, oid);
			else
				await getTable(session, oid, columns);
		}
	} finally {
		session.close();
	}
}

function receive(port) {
	const kinds = { [snmp.PduType.TrapV2]: 'trap', [snmp.PduType.InformRequest]: 'inform' };
	const receiver = snmp.createReceiver({
		port, address: '127.0.0.1', disableAuthorization: true, transport: 'udp4',
	}, (error, notification) => {
		if (error)
			throw error;
		console.log(kinds[notification.pdu.type]);
		notification.pdu.varbinds.forEach(show);
		console.log('end');
	});
	process.stdin.resume();
	process.stdin.on('end', () => receiver.close());
	console.log('ready');
}

const port = Number(process.argv[3]);
if (process.argv[2] === 'walk') {
	const plan = fs.readFileSync(process.argv[4], 'ascii').trim().split('\n')
		.map((line) => line.split(' ').map((word) => word.replace(/^\./, '')));
	walk(port, plan).catch((error) => {
		console.error(error);
		process.exit(1);
	});
} else {
	receive(port);
}
