/*
 * processes.js: what /proc tells of the processes behind a Stack.
 */
import fs from 'node:fs';

/** The fields of /proc/PID/stat from the state on, or null. */
function stat(pid) {
	try {
		const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
		return text.slice(text.lastIndexOf(')') + 2).split(' ');
	} catch {
		return null;
	}
}

/** The pids of its living children. */
export const children = (pid) =>
	fs
		.readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map(Number)
		.filter((one) => {
			const fields = stat(one);
			return (
				fields &&
				Number(fields[1]) === pid &&
				!'ZX'.includes(fields[0])
			);
		});

/** One line of a file in /proc/PID, in KiB: kib(pid, 'status', 'VmRSS'). */
export function kib(pid, file, name) {
	const text = fs.readFileSync(`/proc/${pid}/${file}`, 'latin1');
	const line = text.split('\n').find((one) => one.startsWith(name));
	return Number(line.match(/\d+/)[0]);
}

/** Are the programs built under sanitizers, whose memory says nothing? */
export const sanitized = Boolean(process.env.SANITIZED);

/** Resident memory, KiB. */
export const resident = (pid) => kib(pid, 'status', 'VmRSS');

/** Its environment, as text with a NUL after each variable. */
export const environment = (pid) =>
	fs.readFileSync(`/proc/${pid}/environ`, 'latin1');
