// The README's tour is run as it is printed, in a real shell. Only addresses, key file and npm's prefix are put in place, and
// `curl` is a stand-in of ten lines, so that the test asks for nothing that a fresh machine lacks.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { MAIN, type RunningService, startRunning } from './running-service.ts';

const CURL = `
import { parseArgs } from 'node:util';
const options = { silent: { type: 'boolean', short: 's' }, header: { type: 'string', short: 'H', multiple: true }, data: { type: 'string', short: 'd' } };
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const headers = Object.fromEntries((values.header ?? []).map((line) => line.split(/: */, 2)));
const body = values.data;
const answer = await fetch(positionals[0], { method: body === undefined ? 'GET' : 'POST', headers, body });
process.stdout.write(await answer.text());
`;

/** The shell blocks of the tour, from the names of its addresses to the record. */
function tour(): string {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const part = readme.slice(readme.indexOf('## A five-minute tour'), readme.indexOf('**5. Break something.**'));
  return [...part.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block).join('\necho; echo ----\n');
}

function inPlace(script: string, { url, twinUrl, data }: RunningService): string {
  return script
    .replaceAll('http://127.0.0.1:4400', url)
    .replaceAll('http://127.0.0.1:4410', twinUrl)
    .replaceAll('.throughline/api-key', join(data, 'api-key'))
    .replaceAll('npm run --silent throughline --', `"${process.execPath}" "${MAIN}"`)
    .replaceAll('audit verify', `audit verify --service ${url} --data ${data}`);
}

it('the five-minute tour of the README does what it says', async () => {
  await using running = await startRunning();
  const bin = join(running.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'curl.mjs'), CURL);
  writeFileSync(join(bin, 'curl'), `#!/bin/sh\nexec "${process.execPath}" "$(dirname "$0")/curl.mjs" "$@"\n`);
  chmodSync(join(bin, 'curl'), 0o755);

  const PATH = `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`;
  const output = execFileSync('sh', ['-e', '-c', inPlace(tour(), running)], { env: { PATH }, encoding: 'utf8' });
  const handoff = JSON.parse(output.split('----')[3] ?? '');

  expect(handoff).toMatchObject({ outcome: 'completed', queue: { name: 'BillingDisputes_Priority' } });
  expect(handoff.loss).toContainEqual({ field: 'manifest', limit: '256 bytes', carriedBy: 'reference' });
  expect(output).toContain('"recommended_queue":"BillingDisputes_Tier2"');
  expect(output).toContain('"type":"HandoffSettled"');
  expect(output).toContain('The journal is whole');
});
