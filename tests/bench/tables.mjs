/*
 * tables.mjs: figures as README.md shows them.
 */
const sorted = (values) => [...values].sort((a, b) => a - b);

export const median = (values) =>
	sorted(values)[Math.floor(values.length / 2)];

export const short = (n) => n.toLocaleString('en-US', Math.abs(n) < 100 ?
	{ maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 });

/** One table in Markdown. */
export function print(head, rows) {
	console.log(`\n| ${head.join(' | ')} |`);
	console.log(`|${head.map(() => ' --- |').join('')}`);
	for (const row of rows)
		console.log(`| ${row.join(' | ')} |`);
}

/**
 * Figures that compare two measures, taken in every round.
 * @param {Object<string, object>[]} results a round each: what measures saw
 * @param {string[][]} figures see figures.mjs
 */
export function printRatios(results, figures) {
	const of = (key, value) => results.map((seen) => seen[key][value]);
	print(['figure', 'beside', 'its', 'Parley', 'ratio (min..max)', 'aim'],
		figures.map(([figure, ours, other, form, value, aim]) => {
			const ratios = results.map((seen) =>
				seen[ours][value] / seen[other][value]);
			const [least, most] =
				[Math.min(...ratios), Math.max(...ratios)];
			return [figure, form, short(median(of(other, value))),
				short(median(of(ours, value))),
				`${short(median(ratios))} ` +
				`(${short(least)}..${short(most)})`, aim];
		}));
}
