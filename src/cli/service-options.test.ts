import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CommandFailure } from './command-failure.ts';
import { addServiceOptions, keyOf, type ServiceOptions, wholeNumber } from './service-options.ts';

describe('the key', () => {
  let data: string;
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'throughline-key-'));
    await writeFile(join(data, 'api-key'), 'made-for-development\n');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(data, { recursive: true });
  });
  const parsed = (args: readonly string[]) =>
    addServiceOptions(new Command()).parse(args, { from: 'user' }).opts<ServiceOptions>();

  it('is the option, else the environment, else the development key', async () => {
    vi.stubEnv('THROUGHLINE_API_KEY', '');
    expect(await keyOf(parsed(['--data', data]))).toBe('made-for-development');
    vi.stubEnv('THROUGHLINE_API_KEY', 'from-the-environment');
    expect(await keyOf(parsed(['--data', data]))).toBe('from-the-environment');
    expect(await keyOf(parsed(['--data', data, '--key', 'given']))).toBe('given');
  });

  it('is asked for where there is none', async () => {
    const nowhere = keyOf({ service: '', data: join(data, 'no-such-folder') });
    await expect(nowhere).rejects.toThrow(CommandFailure);
    await expect(nowhere).rejects.toThrow(/No API key: .*npm start/);
  });
});

describe('a whole number', () => {
  it.each(['', '-1', '0', '1.5', 'many'])('is not %j where at least one is needed', (text) => {
    expect(() => wholeNumber(1)(text)).toThrow('at least 1');
  });

  it('is read', () => {
    expect(wholeNumber(1)('12')).toBe(12);
  });
});
