// Tests how files that agents send come to the customer: said once they are here, named where they cannot be had, never in silence (H4, H6).

import { describe, expect, it } from 'vitest';
import { CHAT, DESK_LEG, Story, types } from '../../test/protocols/story.ts';
import type { EventBody } from './event.ts';
import { evolve } from './evolve.ts';
import { deadline, next } from './handoff.ts';

const BILL = { url: 'https://files.example.com/1', name: 'bill.pdf', ref: 'ref-1' };
const PHOTO = { url: 'https://files.example.com/2', name: 'photo.png', ref: 'ref-2' };
const kept = ({ ref, name }: typeof BILL) => ({ ref, name, mime: 'application/pdf', bytes: 9 });
const offering = (files = [BILL], text = 'Here it is') => {
  const story = Story.withPeople();
  story.agentSays(text, { id: 'a-1', name: 'Ana', files });
  return story;
};

describe('a file that an agent sends', () => {
  it('is fetched, and said as a line of theirs once it is here', () => {
    const story = offering();
    expect(story.command).toMatchObject({
      kind: 'FetchFile',
      safety: 'repeatable',
      platform: 'genesys_cloud',
      interactionId: 'interaction-1',
      ...BILL,
    });
    expect(story.lines.slice(-2)).toEqual(['1 person-joined', '2 agent: Here it is']);
    expect(types(story.done('FetchFile', { file: kept(BILL) }))).toEqual(['FileFetched', 'MessageSaid']);
    expect(story.events.at(-1)).toMatchObject({
      type: 'MessageSaid',
      seq: 3,
      text: '',
      from: { kind: 'agent', name: 'Ana' },
      epoch: 3,
      attachments: [kept(BILL)],
    });
    expect(story.commands).toEqual([]);
    // Known from its offering on, so that it goes with the interaction.
    expect(story.chat.files).toEqual(['ref-1']);
  });

  it('posted twice is fetched once, with words or without', () => {
    const story = offering();
    expect(story.agentSays('Here it is', { id: 'a-1', name: 'Ana', files: [{ ...BILL, ref: 'ref-9' }] })).toEqual([]);
    const silent = offering([BILL, PHOTO], '');
    expect(silent.lines).toEqual(['1 person-joined']);
    expect(silent.chat.desk).toMatchObject({ agentName: 'Ana' });
    expect(silent.agentSays('', { id: 'a-1', files: [BILL] })).toEqual([]);
    expect(silent.commands.map(({ kind }) => kind)).toEqual(['FetchFile', 'FetchFile']);
    const [, second] = silent.commands;
    silent.answer(second?.key ?? '', { kind: 'done', of: 'FetchFile', result: { file: kept(PHOTO) } });
    silent.done('FetchFile', { file: kept(BILL) });
    expect(silent.lines.slice(1)).toEqual(['2 agent: ', '3 agent: ']);
  });

  it.each([
    [{ kind: 'done', of: 'FetchFile', result: { refused: 'file-infected' } }, 'file-infected'],
    [{ kind: 'rejected', code: 'bad-request', detail: 'file-elsewhere' }, 'file-elsewhere'],
    [{ kind: 'rejected', code: 'not-found' }, 'not-found'],
  ] as const)('that may not be had is named, and why is kept: %j', (outcome, code) => {
    const story = offering();
    expect(story.answer(story.command.key, outcome)).toMatchObject([
      { type: 'FileNotFetched', ref: 'ref-1', code },
      { type: 'MessageSaid', text: '[bill.pdf]', from: { kind: 'agent' } },
    ]);
    expect(story.commands).toEqual([]);
  });

  it('is tried for two minutes, by whoever is there, and named then (H6)', () => {
    const story = offering();
    story.fail({ kind: 'transient', code: 'unavailable' });
    expect(story.commands).toEqual([]);
    story.dueNext();
    expect(story.command.kind).toBe('FetchFile');
    const [asked] = story.commands;
    story.take({ kind: 'taken-over' });
    expect(story.commands).toEqual([asked]);
    const began = story.now;
    while (story.commands.length > 0 || story.chat.incoming?.length) story.dueNext();
    expect(story.now - began).toBeLessThan(160_000);
    expect(story.lines.at(-1)).toBe('3 agent: [bill.pdf]');
    expect(story.events.filter(({ type }) => type === 'FileNotFetched')).toMatchObject([{ code: 'timed-out' }]);
  });

  it('still comes after the people have gone, and not after the end', () => {
    const story = offering();
    story.tell({ kind: 'customer-left', participantId: 'p' as never }, story.now, DESK_LEG);
    expect(story.interaction.holder.kind).toBe('bot');
    expect(story.commands.map(({ kind }) => kind)).toContain('FetchFile');
    const over = offering();
    const [asked] = over.commands;
    over.take({ kind: 'end-chat', leg: CHAT });
    expect(over.events.filter(({ type }) => type === 'FileNotFetched')).toMatchObject([{ code: 'chat-over' }]);
    expect(next(over.state).some(({ kind }) => kind === 'FetchFile')).toBe(false);
    const late = { kind: 'done', of: 'FetchFile', result: { file: kept(BILL) } } as const;
    expect(over.answer(asked?.key ?? '', late)).toEqual([]);
  });

  it('an answer to something else, and an event of no file, change nothing', () => {
    const story = offering();
    expect(story.answer(story.command.key, { kind: 'done', of: 'CloseLeg', result: null })).toEqual([]);
    const stray: readonly EventBody[] = [
      { type: 'FileRetried', leg: CHAT, ref: 'of-none' },
      { type: 'FileFetched', leg: CHAT, ref: 'of-none', vendorMs: 1 },
    ];
    for (const body of stray)
      expect(evolve(story.state, { ...body, at: story.now, actor: 'test' })).toEqual(story.state);
    expect(deadline(story.state)).toBeGreaterThan(story.now);
  });
});
