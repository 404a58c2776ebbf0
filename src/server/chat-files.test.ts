// Tests files in a conversation: limits, kind by content, the scanner before anybody sees them, links that are short-lived, and that they go
// with an erasure.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ChatStage, openChatStage } from '../../test/contract/chat-stage.ts';
import { ChatFiles, type Scan } from './chat-files.ts';

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const PDF = new TextEncoder().encode('%PDF-1.7 hello');

async function open(scan: Scan = async () => 'clean') {
  let files: ChatFiles | undefined;
  const stage = await openChatStage({}, ({ journal, clock, parts }) => {
    const limits = { largestBytes: 64, types: ['image/png', 'application/pdf'], keepMs: 3_600_000, linkMs: 60_000 };
    files = new ChatFiles({ journal, clock, newId: parts.newId, limits, scan, secret: new Uint8Array(32).fill(5) });
    return files;
  });
  if (!files) throw new Error('no files');
  const { token, interactionId } = await stage.deflected();
  const { cookie } = await stage.session({ token, device: randomUUID() });
  return { stage, files, cookie, interactionId };
}

const send = (stage: ChatStage, cookie: string, name: string, body: Uint8Array, origin = stage.url) =>
  fetch(`${stage.url}/c/files?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { cookie, origin, 'content-type': 'application/octet-stream' },
    body: body as Uint8Array<ArrayBuffer>,
  });

describe('a file', () => {
  it('is taken with a session and from our own page, and given back to its own conversation only', async () => {
    const { stage, cookie } = await open();
    await using _ = stage;
    const taken = await send(stage, cookie, '../../etc/my <bill>.pdf', PDF);
    expect(taken.status).toBe(201);
    const file = (await taken.json()) as { readonly ref: string };
    expect(file).toEqual({
      ref: file.ref,
      name: '.._.._etc_my _bill_.pdf',
      mime: 'application/pdf',
      bytes: PDF.length,
    });
    const given = await fetch(`${stage.url}/c/files/${file.ref}`, { headers: { cookie } });
    expect([given.status, given.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect(given.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(given.headers.get('content-security-policy')).toContain('sandbox');
    expect(new Uint8Array(await given.arrayBuffer())).toEqual(PDF);
    const other = await stage.session({ fresh: true, device: randomUUID() });
    expect((await fetch(`${stage.url}/c/files/${file.ref}`, { headers: { cookie: other.cookie } })).status).toBe(404);
    expect((await fetch(`${stage.url}/c/files/${file.ref}`)).status).toBe(401);
    expect((await send(stage, '', 'a.pdf', PDF)).status).toBe(401);
    expect((await send(stage, cookie, 'a.pdf', PDF, 'https://elsewhere.example')).status).toBe(403);
    // Named in another conversation’s message it is unknown there.
    const thief = await stage.connect(other.cookie);
    await thief.welcome();
    thief.send({ type: 'say', id: 'a-stolen-one', text: 'x', attachments: [file.ref] });
    expect(await thief.until(() => thief.frames.find(({ type }) => type === 'refused'))).toMatchObject({
      code: 'file-unknown',
    });
  });

  it('goes along with a message, and with the interaction when that is erased', async () => {
    const { stage, cookie, interactionId } = await open();
    await using _ = stage;
    const { ref } = (await (await send(stage, cookie, 'a.png', PNG)).json()) as { readonly ref: string };
    const customer = await stage.connect(cookie);
    await customer.welcome();
    customer.send({ type: 'say', id: 'with-a-file', text: '', attachments: [ref] });
    await customer.until(() =>
      customer.lines().some((line) => line.kind === 'message' && line.attachments?.[0]?.ref === ref),
    );
    expect(await stage.journal.readBlob(ref as never, stage.clock.now())).not.toBeNull();
    await stage.runner.submit(interactionId, { kind: 'erase', actor: 'test', erasureId: 'e-1' });
    expect(await stage.journal.readBlob(ref as never, stage.clock.now())).toBeNull();
  });

  it('is refused by size, by what is in it whatever its name, and by the scanner', async () => {
    const verdicts = ['infected', 'unavailable'] as const;
    let asked = 0;
    const { stage, cookie } = await open(async () => verdicts[asked++] ?? 'clean');
    await using _ = stage;
    expect((await send(stage, cookie, 'a.png', new Uint8Array(65))).status).toBe(413);
    for (const text of ['<svg onload=alert(1)>', '<html>', 'GIF89a', 'RIFF0000WEBP'])
      expect((await send(stage, cookie, 'a.png', new TextEncoder().encode(text))).status).toBe(415);
    expect(asked).toBe(0);
    expect((await send(stage, cookie, 'a.png', PNG)).status).toBe(422);
    expect((await send(stage, cookie, 'a.png', PNG)).status).toBe(503);
    expect((await send(stage, cookie, 'a.png', PNG)).status).toBe(201);
  });

  it('is given out by a signed link for a short while, and by no other', async () => {
    const { stage, files, cookie } = await open();
    await using _ = stage;
    const { ref } = (await (await send(stage, cookie, 'a.png', PNG)).json()) as { readonly ref: string };
    const link = files.link(ref);
    expect((await fetch(`${stage.url}${link}`)).status).toBe(200);
    expect((await fetch(`${stage.url}${link.replace('sign=', 'sign=x')}`)).status).toBe(404);
    expect((await fetch(`${stage.url}${link.replace(/until=\d/, 'until=9')}`)).status).toBe(404);
    await stage.clock.advance(60_000);
    expect((await fetch(`${stage.url}${link}`)).status).toBe(404);
  });

  it('has its time, and what is kept beside is none', async () => {
    const { stage, files, cookie, interactionId } = await open();
    await using _ = stage;
    const { ref } = (await (await send(stage, cookie, '‮', PNG)).json()) as { readonly ref: string };
    expect(await files.find(interactionId, ref)).toMatchObject({ name: '_' });
    const expiresAt = stage.clock.now() + 1_000;
    await stage.journal.putBlob({ ref: 'manifest-1' as never, content: '{"shape":"bare"}', expiresAt });
    expect(await files.open(interactionId, 'manifest-1')).toBeNull();
    await stage.clock.advance(3_600_000);
    expect(await files.open(interactionId, ref)).toBeNull();
  });

  it('from one address comes twenty times a minute at most', async () => {
    const { stage, cookie } = await open();
    await using _ = stage;
    for (let n = 0; n < 20; n += 1) expect((await send(stage, cookie, 'a.png', PNG)).status).toBe(201);
    expect((await send(stage, cookie, 'a.png', PNG)).status).toBe(429);
  });
});
