import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { auditCommand, auditSentence, type CopyReader, faultSentence } from './audit.ts';

describe('the audit, in words', () => {
  it('says that the journal is whole, with its seals where there are some (H8)', () => {
    expect(auditSentence({ ok: true, events: 7, seals: null, firstBad: null })).toBe(
      'The journal is whole: 7 events, every one follows from the one before.',
    );
    const newestSeal = { number: 2, digest: 'ab'.repeat(32) };
    expect(auditSentence({ ok: true, events: 7, seals: 2, unsealed: 3, newestSeal, firstBad: null })).toBe(
      `The journal is whole: 7 events, 2 seals, unsealed: 3, every one follows from the one before.
Newest seal, to keep elsewhere for --at-least-seal: 2:${newestSeal.digest}`,
    );
  });

  it('names the first event that does not follow', () => {
    const said = auditSentence({ ok: false, events: 7, firstBad: { interactionId: 'i', version: 3 } });
    expect(said).toContain('NOT whole');
    expect(said).toContain('"version":3');
  });
});

describe('a fault, in words', () => {
  const said = (kind: string, more: object = {}) => faultSentence({ kind, ...more });
  const event = { interactionId: 'i-1', version: 3, seal: 2 };

  it.each(['event-changed', 'event-removed', 'event-inserted', 'event-moved', 'chain-rewritten'])(
    '%s names the interaction, the event and the seal that shows it',
    (kind) => {
      expect(said(kind, event)).toMatch(/^Interaction i-1: event 3 .*\(seal 2\)\.$/);
    },
  );

  it('names what is larger or smaller than an event', () => {
    expect(said('interaction-removed', { interactionId: 'i-1', seal: 2 })).toBe(
      'Interaction i-1 was removed (seal 2).',
    );
    expect(said('event-moved', { seal: 2 })).toMatch(/^Events of seal 2 were moved/);
    for (const kind of [
      'seal-changed',
      'seal-removed',
      'seal-replaced',
      'seal-out-of-order',
      'seal-under-another-key',
    ]) {
      expect(said(kind, { seal: 2 })).toMatch(/^Seal 2 /);
    }
    expect(said('key-replaced')).toMatch(/public key .* replaced/);
  });

  it('of a kind that a later release knows is shown as it came', () => {
    expect(said('new-kind', { seal: 2 })).toBe('{"kind":"new-kind","seal":2}');
  });

  it('is listed with the others, and that there are more', () => {
    const faults = [
      { kind: 'seal-removed', seal: 2 },
      { kind: 'event-changed', ...event },
    ];
    const text = auditSentence({
      ok: false,
      events: 7,
      seals: 3,
      unsealed: 0,
      firstBad: faults[0],
      faults,
      truncated: true,
    });
    expect(text.split('\n')).toHaveLength(4);
    expect(text).toContain('  - Seal 2 was removed.\n  - Interaction i-1');
  });
});

describe('audit of a copy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-audit-command-'));
  const pem = join(folder, 'seals.pem');
  writeFileSync(pem, 'the public key');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    process.exitCode = undefined;
  });

  async function run(args: readonly string[], answers: Partial<CopyReader> = {}) {
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
    vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line));
    const asked: unknown[] = [];
    const audit: CopyReader['audit'] = async (path, given) => {
      asked.push([path, given]);
      return { ok: true, events: 1, firstBad: null, trustedKey: given.publicKey !== undefined };
    };
    await auditCommand({ audit, keyOf: async (path) => `key of ${path}\n`, ...answers }).parseAsync([...args], {
      from: 'user',
    });
    return { lines, asked, code: process.exitCode };
  }

  it('is given the public key of a file and the seal that is kept elsewhere', async () => {
    const digest = 'AB'.repeat(32);
    const { lines, asked, code } = await run([
      'verify',
      '--database',
      'c.db',
      '--key',
      pem,
      '--at-least-seal',
      `12:${digest}`,
    ]);
    const anchor = { number: 12, digest: digest.toLowerCase() };
    expect(asked).toEqual([['c.db', { publicKey: 'the public key', anchor }]]);
    expect([lines.length, code]).toEqual([1, undefined]);
  });

  it('takes the API key of the environment for no public key, and says what cannot be detected then', async () => {
    vi.stubEnv('THROUGHLINE_API_KEY', 'an-api-key-of-24-letters');
    const { lines, asked } = await run(['verify', '--database', 'c.db']);
    expect(asked).toEqual([['c.db', {}]]);
    expect(lines[0]).toMatch(/No --key was given.*signed anew with another key cannot be told/);
  });

  it('ends with 1 when the copy is not whole, with 2 when it cannot be read', async () => {
    const faults = [{ kind: 'seal-removed', seal: 2 }];
    const broken = async () => ({ ok: false, events: 1, firstBad: faults[0], faults, trustedKey: true });
    expect(await run(['verify', '--database', 'c.db'], { audit: broken })).toMatchObject({ code: 1 });
    const absent = () => Promise.reject(new Error('c.db does not exist.'));
    expect(await run(['verify', '--database', 'c.db'], { audit: absent })).toMatchObject({
      lines: ['c.db does not exist.'],
      code: 2,
    });
    const noKey = ['verify', '--database', 'c.db', '--key', join(folder, 'absent.pem')];
    expect(await run(noKey)).toMatchObject({ asked: [], code: 2 });
  });

  it('prints its public key', async () => {
    expect((await run(['key', '--database', 'c.db'])).lines).toEqual(['key of c.db']);
  });
});
