/*
 * figures.mjs: what is measured, and what is compared with what: two tables.
 *
 * A measure is one load on one contestant.  The measures of a group run one
 * after the other in every round, in another order each time.  A figure is
 * the ratio of two measures, taken in each round.
 */
const read = { connections: 16, seconds: Number(process.env.SECONDS ?? 3) };
const held = { ...read, status: 304 };
const write = { connections: 16, requests: 2000 };
const serial = { connections: 1, requests: 2000 };

const lists = (requests) => requests.lists();
const same = (requests, contestant) => requests.unchangedLists(contestant);
export const appends = (requests) => requests.appends();
export const says = (requests) => requests.says();

/** [group, measure, contestant, load, requests] */
export const measures = [
	['list', 'list', 'ours', read, lists],
	['list', 'list hydrated', 'save', read, lists],
	['list', 'list lean', 'atomic', read, lists],
	['same', 'same', 'ours', held, same],
	['same', 'same hydrated', 'save', held, same],
	['same', 'same lean', 'atomic', held, same],
	['append', 'append', 'ours', write, appends],
	['append', 'line', 'ours', write, says],
	['append', 'append save', 'save', write, appends],
	['append', 'append atomic', 'atomic', write, appends],
	['append', 'append save J', 'saveJ', write, appends],
	['append', 'append atomic J', 'atomicJ', write, appends],
	['serial', 'serial', 'ours', serial, appends],
	['serial', 'serial line', 'ours', serial, says],
	['serial', 'serial save', 'save', serial, appends],
	['serial', 'serial atomic', 'atomic', serial, appends],
	['serial', 'serial save J', 'saveJ', serial, appends],
	['serial', 'serial atomic J', 'atomicJ', serial, appends],
	['page', 'page short', 'ours', read, (r) => r.newest('short')],
	['page', 'page long', 'ours', read, (r) => r.newest('long')],
	['page', 'page older', 'ours', read, (r) => r.older()],
	['page', 'page of 100', 'ours', read, (r) => r.newest('short', 100)],
	['page', 'history', 'ours', read, (r) => r.history()],
];

const inbox = 'inbox of 20 × 10 messages, 16 connections, lists/s';
const unchanged = 'the same, unchanged (`If-None-Match`), answers/s';
const append = 'journaled append, 16 writers, appends/s';
const p50 = 'append by a single writer, p50, µs';
const p99 = 'append by a single writer, p99, µs';
const length = 'newest 50 of 20,000 messages, 16 connections, pages/s';
const archive = '50 out of the archive of 20,000, 16 connections, pages/s';
const line = 'support: a line and the bot\'s answer, 16 writers, lines/s';
const lineP50 = 'support: the same by a single writer, p50, µs';
const history = 'support: history of 100, 16 connections, pages/s';

/** [figure, our measure, other measure, its name, value, aim] */
export const figures = [
	[inbox, 'list', 'list hydrated', 'hydrated', 'rate', '≥ 10'],
	[inbox, 'list', 'list lean', 'lean', 'rate', '≥ 4'],
	[unchanged, 'same', 'list hydrated', 'hydrated, whole', 'rate', '≥ 25'],
	[unchanged, 'same', 'list lean', 'lean, whole', 'rate', ''],
	[unchanged, 'same', 'same hydrated', 'hydrated, 304', 'rate', ''],
	[unchanged, 'same', 'same lean', 'lean, 304', 'rate', ''],
	[append, 'append', 'append save', 'save', 'rate', '≥ 2.5'],
	[append, 'append', 'append atomic', 'atomic', 'rate', '≥ 1.2'],
	[append, 'append', 'append save J', 'save, journaled', 'rate', ''],
	[append, 'append', 'append atomic J', 'atomic, journaled', 'rate', ''],
	[p50, 'serial', 'serial save', 'save', 'p50', '≤ 0.5'],
	[p50, 'serial', 'serial atomic', 'atomic', 'p50', ''],
	[p50, 'serial', 'serial save J', 'save, journaled', 'p50', ''],
	[p50, 'serial', 'serial atomic J', 'atomic, journaled', 'p50', ''],
	[p99, 'serial', 'serial save', 'save', 'p99', ''],
	[p99, 'serial', 'serial atomic', 'atomic', 'p99', ''],
	[length, 'page long', 'page short', 'Parley, of 1,000', 'rate', '≥ 0.91'],
	[archive, 'page older', 'page long', 'Parley, newest 50', 'rate', '≥ 0.63'],
	[line, 'line', 'append', 'Parley, append', 'rate', ''],
	[lineP50, 'serial line', 'serial', 'Parley, append', 'p50', ''],
	[history, 'history', 'page of 100', 'Parley, newest 100', 'rate', ''],
];
