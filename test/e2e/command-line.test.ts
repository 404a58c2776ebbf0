// The commands as people run them: processes of their own, on free ports, against a running service.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pemOf } from '../../src/journal/seal-key.ts';
import { tampered, writeSealedJournal } from '../contract/sealed-journal.ts';
import { MADE_UP_DIALOGUES } from './made-up-dialogues.ts';
import { freePorts, MAIN, type RunningService, startRunning } from './running-service.ts';

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function throughline(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...args], { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('with a service running', () => {
  let running: RunningService;
  let at: readonly string[];
  let replayAt: readonly string[];
  let file: string;

  beforeAll(async () => {
    running = await startRunning();
    file = join(running.folder, 'dialogues.jsonl');
    await writeFile(file, MADE_UP_DIALOGUES);
    at = ['--service', running.url, '--data', running.data];
    replayAt = [...at, '--twin', running.twinUrl];
  });

  afterAll(() => running[Symbol.asyncDispose]());

  it('replay hands every dialogue over and reads every field back (H4)', async () => {
    const { code, stdout } = await throughline(['replay', file, ...replayAt, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      handoffs: 3,
      outcomes: { completed: 3 },
      queues: { General_Support: 1, Bank_Services: 1, Travel_Flights: 1 },
      completeness: 1,
      slotsLost: 0,
      trouble: [],
      ok: true,
    });
    expect(code).toBe(0);
  });

  it('has the twins beside it: Genesys at the port and ten, the providers of text messages at the port and thirty', async () => {
    const port = Number(new URL(running.url).port);
    for (const offset of [10, 30]) {
      const phone = await fetch(`http://127.0.0.1:${port + offset}/twin/phones/+14155550123/messages`);
      expect(await phone.json()).toEqual({ messages: [] });
    }
    expect(running.output()).toContain(`http://127.0.0.1:${port + 30}`);
  });

  it('replay shows its figures as a table, and finds the development key by itself', async () => {
    const { code, stdout } = await throughline(['replay', file, ...replayAt, '--limit', '1']);
    expect(stdout).toMatch(/handoffs +1\n/);
    expect(stdout).toMatch(/completeness +100%/);
    expect(code).toBe(0);
  });

  it('replay ends with 1 when a handoff is refused, and says why', async () => {
    const map = ['--queue-map', 'Banks=No_Such_Queue,Flights=Travel_Flights,Gardens=General_Support'];
    const { code, stdout } = await throughline(['replay', file, ...replayAt, ...map]);
    expect(stdout).toContain('made-up-2: refused (queue-not-found-or-not-visible');
    expect(code).toBe(1);
  });

  it('audit verify says that the journal is whole (H8)', async () => {
    const { code, stdout } = await throughline(['audit', 'verify', ...at]);
    expect(stdout).toMatch(/^The journal is whole: [1-9]\d* events/);
    expect(code).toBe(0);
  });

  it('audit verify holds the journal against a seal that is kept elsewhere (H8)', async () => {
    const anchor = `9:${'ab'.repeat(32)}`;
    const { code, stdout } = await throughline(['audit', 'verify', ...at, '--at-least-seal', anchor]);
    expect(stdout).toContain('Seal 9 was removed.');
    expect(code).toBe(1);
    expect((await throughline(['audit', 'verify', ...at, '--at-least-seal', 'newest'])).stderr).toContain('12:5f0c…');
  });

  it('audit key prints the public key of the seals', async () => {
    const { code, stdout } = await throughline(['audit', 'key', ...at]);
    expect(stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n.+\n-----END PUBLIC KEY-----\n$/);
    expect(code).toBe(0);
  });

  it('a wrong key is refused with where the right one is', async () => {
    const { code, stderr } = await throughline(['audit', 'verify', ...at], {
      THROUGHLINE_API_KEY: 'a-wrong-key-of-24-letters',
    });
    expect(stderr).toMatch(/401 unauthorized[\s\S]*THROUGHLINE_API_KEY/);
    expect(code).toBe(2);
  });
});

describe('a service that was stopped', () => {
  it('has sealed everything, which its file alone shows with the key that it gave away (H8)', async () => {
    await using running = await startRunning();
    const at = ['--service', running.url, '--data', running.data];
    const dialogues = join(running.folder, 'dialogues.jsonl');
    await writeFile(dialogues, MADE_UP_DIALOGUES);
    await throughline(['replay', dialogues, ...at, '--twin', running.twinUrl]);
    const pem = join(running.folder, 'seals.pem');
    await writeFile(pem, (await throughline(['audit', 'key', ...at])).stdout);
    await running.stop();
    const database = join(running.data, 'journal.db');
    const { code, stdout } = await throughline(['audit', 'verify', '--database', database, '--key', pem]);
    expect(stdout).toMatch(/^The journal is whole: [1-9]\d* events, [1-9]\d* seals?, unsealed: 0,/);
    expect(code).toBe(0);
  }, 30_000);
});

describe('without a service', () => {
  it('audit verify reads a copy, and names what was changed in it (H8)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'throughline-e2e-copy-'));
    const file = join(folder, 'journal.db');
    const { key } = await writeSealedJournal(file);
    const pem = join(folder, 'seals.pem');
    await writeFile(pem, pemOf(key.public));
    const whole = await throughline(['audit', 'verify', '--database', file, '--key', pem]);
    expect(whole).toMatchObject({ code: 0, stdout: expect.stringContaining('3 seals, unsealed: 3') });
    const copy = tampered(file, join(folder, 'copy.db'), (database) =>
      database.exec('delete from seal where number = 2'),
    );
    const { code, stdout } = await throughline(['audit', 'verify', '--database', copy]);
    expect(stdout).toMatch(/^No --key was given[\s\S]*NOT whole[\s\S]*Seal 2 was removed\.\n$/);
    expect(code).toBe(1);
    await rm(folder, { recursive: true });
  });

  it('says how to start one', async () => {
    const nobody = `http://127.0.0.1:${await freePorts()}`;
    const { code, stderr } = await throughline(['audit', 'verify', '--service', nobody, '--key', 'any']);
    expect(stderr).toContain('Start it with `npm start`');
    expect(code).toBe(2);
  });

  it('says which line of the file is not a dialogue', async () => {
    const { code, stderr } = await throughline(['replay', fileURLToPath(import.meta.url), '--key', 'any']);
    expect(stderr).toContain('line 1 is not a dialogue: is not JSON');
    expect(code).toBe(2);
  });
});

describe('the proof', () => {
  it('holds with forty escalations, every fault and two kills (H1–H8)', async () => {
    const { code, stdout, stderr } = await throughline([
      'proof',
      '--escalations',
      '40',
      '--kill',
      '--seed',
      '3',
      '--json',
    ]);
    expect(stderr).not.toContain('Error');
    expect(JSON.parse(stdout)).toMatchObject({
      escalations: 40,
      doubleTransfers: 0,
      acknowledgedLost: 0,
      breaches: [],
    });
    expect(JSON.parse(stdout).kills).toBeGreaterThan(0);
    expect(code).toBe(0);
  }, 60_000);

  it('holds with a dozen transfers between two platforms, every fault and a kill (H1–H8)', async () => {
    const { code, stdout, stderr } = await throughline('proof --transfers 12 --kill --seed 3 --json'.split(' '));
    expect(stderr).not.toContain('Error');
    expect(JSON.parse(stdout)).toMatchObject({
      transfers: 12,
      doubleBookings: 0,
      deliveredTwice: 0,
      withoutHolder: 0,
      unsettled: 0,
      unexplained: 0,
      contextIncomplete: 0,
      breaches: [],
    });
    expect(JSON.parse(stdout).kills).toBeGreaterThan(0);
    expect(code).toBe(0);
  }, 180_000);
});
