// Writes the README's table of runtimes, between its two markers, from what the matrix reported.

import { readFileSync, writeFileSync } from 'node:fs';

const MARKED = /(<!-- runtimes:[^>]*-->\n)[\s\S]*?(<!-- end of runtimes -->)/;

const readme = new URL('../README.md', import.meta.url);
const report = new URL('../build/runtimes.json', import.meta.url);
const { fingerprint, results } = JSON.parse(readFileSync(report, 'utf8'));

/** @type {Map<string, { version: string, ways: string[] }>} */
const rows = new Map();
for (const { name, status, version, fingerprint, tests, reason } of results) {
  if (status === 'passed' && !fingerprint && !tests) continue;
  const [, runtime, way = 'import'] = /^(.*?)(?:, (.*))?$/.exec(name);
  const row = rows.get(runtime) ?? { version: '', ways: [] };
  row.version ||= version?.split(',')[0] ?? '';
  row.ways.push(
    status === 'passed' ? (tests ? `${tests} unit tests` : way) : `${status}: ${way} (${reason.split('\n')[0]})`,
  );
  rows.set(runtime, row);
}

const table = [
  `Every row gives the fingerprint \`${fingerprint}\`.`,
  '',
  '| runtime | version | ways |',
  '| --- | --- | --- |',
  ...[...rows].map(
    ([runtime, { version, ways }]) => `| ${runtime} | ${version.replace(/^v/, '')} | ${ways.join('; ')} |`,
  ),
  '',
].join('\n');

const text = readFileSync(readme, 'utf8');
if (!MARKED.test(text)) throw new Error('README.md has no markers for the table of runtimes');
writeFileSync(
  readme,
  text.replace(MARKED, (_, start, end) => `${start}${table}${end}`),
);
