// Owns what every people's side of our own conversations promises (`platforms/desk.ts`), against the vendor's own contract over HTTP.

import { describe, expect, it } from 'vitest';
import type { DeskNews, OfferedFile } from '../../src/context/desk-news.ts';
import type { AgentId, ExternalId } from '../../src/ids.ts';
import type { Desk, DeskDelivery } from '../../src/platforms/desk.ts';
import type { Call } from '../../src/platforms/platform.ts';

/** One conversation as the twin shows it. */
export type SeenConversation = {
  readonly holder: string;
  readonly queueName: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messages: readonly { readonly direction: string; readonly text: string | null }[];
  /** How often our customer was shown to be writing. */
  readonly typings: number;
};

export type DeskStage = AsyncDisposable & {
  readonly desk: Desk;
  readonly queueName: string;
  /** Attributes that the platform knows. */
  readonly attributes: Readonly<Record<string, string>>;
  see(externalId: string): Promise<SeenConversation>;
  /** How many conversations there are at all. */
  count(): number;
  /** The next message to the platform meets it. */
  fault(name: '429' | '500' | 'commit-then-drop'): Promise<void>;
  /** An agent of this name takes it, writes (`content`, where it is more than text), and leaves; resolves with what we were told of it, verified and read. */
  talk(
    externalId: string,
    name: string,
    text: string,
    files?: readonly OfferedFile[],
    content?: object,
  ): Promise<readonly DeskNews[]>;
  /** A message that is more than text and how it reads, where the far side can send one. */
  readonly rich?: { readonly content: object; readonly reads: string };
  /** The agents' ids that the platform's events would tell, newest last. */
  agentIds(): readonly AgentId[];
};

const CALL: Call = { signal: new AbortController().signal, mayStart: () => true, priority: 'live' };
const at = Date.UTC(2026, 10, 20, 14);

export function deskContract(name: string, open: () => Promise<DeskStage>): void {
  const opening = (stage: DeskStage, id = 'h-1.summary', far = 'chat-1.1') => ({
    far: far as ExternalId,
    queueName: stage.queueName,
    attributes: stage.attributes,
    message: { id, text: 'Intent: billing.', at },
    name: 'Jo',
  });
  const delivery = (id: string, text: string, more: Partial<DeskDelivery['message']> = {}): DeskDelivery => ({
    far: 'chat-1.1' as ExternalId,
    message: { id, text, at, ...more },
    name: 'Jo',
  });
  const begun = async (stage: DeskStage) => {
    const opened = await stage.desk.open(opening(stage), CALL);
    if (opened.kind !== 'done') throw new Error(`not opened: ${opened.code}`);
    return opened.value;
  };

  describe(`people of ${name}, as a desk of ours`, () => {
    it('get a conversation in the queue of that exact name, with what is known, and every later message in it', async () => {
      await using stage = await open();
      const { queue, externalId = '' } = await begun(stage);
      expect(queue.name).toBe(stage.queueName);
      await expect.poll(async () => (await stage.see(externalId)).holder).toBe('queue');
      expect(await stage.see(externalId)).toMatchObject({ queueName: stage.queueName, attributes: stage.attributes });
      expect(await stage.desk.deliver(delivery('m-1', 'I was charged twice'), CALL)).toEqual({
        kind: 'done',
        value: null,
      });
      expect((await stage.see(externalId)).messages).toMatchObject([
        { direction: 'inbound', text: 'Intent: billing.' },
        { direction: 'inbound', text: 'I was charged twice' },
      ]);
      expect(stage.count()).toBe(1);
    });

    it('get a conversation of its own in every stretch: the customer has another name there', async () => {
      await using stage = await open();
      const first = await begun(stage);
      const second = await stage.desk.open(opening(stage, 'h-2.summary', 'chat-1.2'), CALL);
      expect(second).toMatchObject({ kind: 'done', value: { externalId: expect.any(String) } });
      expect(second.kind === 'done' && second.value.externalId).not.toBe(first.externalId);
      expect(stage.count()).toBe(2);
    });

    it('get nothing where the queue is not there by that exact name', async () => {
      await using stage = await open();
      const asked = { ...opening(stage), queueName: stage.queueName.toLowerCase() };
      expect(await stage.desk.open(asked, CALL)).toMatchObject({
        kind: 'rejected',
        code: 'queue-not-found-or-not-visible',
      });
      expect(stage.count()).toBe(0);
    });

    it('get a message that was provably not taken once it is sent again, and one of unknown fate is called that (H5)', async () => {
      await using stage = await open();
      await stage.fault('429');
      expect(await stage.desk.open(opening(stage), CALL)).toMatchObject({ kind: 'transient', code: 'rate-limited' });
      expect(stage.count()).toBe(0);
      const { externalId = '' } = await begun(stage);
      await stage.fault('commit-then-drop');
      expect(await stage.desk.deliver(delivery('m-1', 'Hello'), CALL)).toMatchObject({ kind: 'ambiguous' });
      expect((await stage.see(externalId)).messages.filter(({ text }) => text === 'Hello')).toHaveLength(1);
    });

    it('promise no more of a repeated id than their documents do', async () => {
      await using stage = await open();
      expect(stage.desk.deduplicates).toBe(false);
      const { externalId = '' } = await begun(stage);
      for (let n = 0; n < 2; n += 1) await stage.desk.deliver(delivery('m-1', 'Hello'), CALL);
      expect((await stage.see(externalId)).messages.filter(({ text }) => text === 'Hello')).toHaveLength(2);
    });

    it('get files by a link that they can fetch', async () => {
      await using stage = await open();
      await begun(stage);
      const attachments = [{ ref: 'r-1', name: 'bill.pdf', mime: 'application/pdf', bytes: 9 }];
      expect(await stage.desk.deliver(delivery('m-1', 'See this', { attachments }), CALL)).toMatchObject({
        kind: 'done',
      });
    });

    it('send files by an address that is told to us as it is', async () => {
      await using stage = await open();
      const { externalId = '' } = await begun(stage);
      await expect.poll(async () => (await stage.see(externalId)).holder).toBe('queue');
      const files = [{ url: 'https://files.example.com/1?sign=a%2Fb', name: 'bill for Zoë.pdf' }];
      const news = await stage.talk(externalId, 'Ana Ruiz', 'Here it is', files);
      expect(news).toContainEqual(expect.objectContaining({ kind: 'said', text: 'Here it is', files }));
    });

    it('send what is more than text, of which every word and address is told', async () => {
      await using stage = await open();
      const { externalId = '' } = await begun(stage);
      await expect.poll(async () => (await stage.see(externalId)).holder).toBe('queue');
      const { content, reads } = stage.rich ?? { reads: 'Plain words' };
      const news = await stage.talk(externalId, 'Ana Ruiz', reads, [], content);
      expect(news).toContainEqual(expect.objectContaining({ kind: 'said', text: reads }));
    });

    it('show that our customer writes, where a public page has a way', async () => {
      await using stage = await open();
      const { externalId = '' } = await begun(stage);
      const before = (await stage.see(externalId)).typings;
      const shown = await stage.desk.typing?.({ far: 'chat-1.1' as ExternalId, name: 'Jo', at }, CALL);
      if (shown) expect(shown).toEqual({ kind: 'done', value: null });
      expect((await stage.see(externalId)).typings).toBe(shown ? before + 1 : before);
    });

    it('answer in words of theirs, to the customer by the name of the stretch, and are called by their name', async () => {
      await using stage = await open();
      const { externalId = '' } = await begun(stage);
      await expect.poll(async () => (await stage.see(externalId)).holder).toBe('queue');
      const news = await stage.talk(externalId, 'Ana Ruiz', 'How can I help, Zoë?');
      const said = news.find((one) => one.kind === 'said' && one.text === 'How can I help, Zoë?');
      expect(said).toMatchObject({ kind: 'said', far: 'chat-1.1', id: expect.any(String) });
      expect(news.every((one) => one.kind !== 'nothing' || one.problem === undefined)).toBe(true);
      const [agentId] = stage.agentIds();
      const told = said?.kind === 'said' ? said.name : undefined;
      const asked = agentId && (await stage.desk.nameOf?.(agentId, CALL));
      expect(told ?? (asked?.kind === 'done' ? asked.value : undefined)).toMatch(/^Ana/);
    });
  });
}
