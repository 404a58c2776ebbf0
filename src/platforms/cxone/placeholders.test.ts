// Tests how an agent is asked by a work item to keep free: what is sent, what is believed of the answer (H5), and that it is found and ended.

import { describe, expect, it } from 'vitest';
import { call, type Scripted, scriptedCxone } from '../../../test/contract/scripted-cxone.ts';
import type { AgentId } from '../../ids.ts';

const KEY = 'interaction-1.1';
const AGENT = '4492' as AgentId;
const POINT = { placeholderPoint: 'Throughline_Placeholder' };

const item = (more: object = {}) => ({
  contactId: 901,
  fromAddress: KEY,
  stateName: 'InQueue',
  skillId: 3001,
  ...more,
});
const WITH_HER = item({ stateName: 'Active', agentId: 4492 });
const listing =
  (...activeContacts: readonly object[]): Scripted =>
  (_, path) =>
    path.startsWith('/contacts/active?') ? { status: 200, json: { activeContacts } } : undefined;
const one =
  (answer: { readonly status: number; readonly json: object }): Scripted =>
  ({ method }, path) =>
    method === 'GET' && path === '/contacts/901' ? answer : undefined;

async function asking(script?: Scripted) {
  const world = await scriptedCxone(script, POINT);
  const { placeholders } = world.platform;
  if (!placeholders) throw new Error('nobody is asked');
  return { ...world, placeholders };
}

describe('asking an agent to keep free', () => {
  it('is done where a point of contact is named, and nowhere else', async () => {
    await using world = await scriptedCxone();
    expect(world.platform.placeholders).toBeUndefined();
    expect(world.platform.capabilities.reservation).toBe('entry-script');
  });

  it('names the agent, and our name of the handoff by which it is found again', async () => {
    const made: Scripted = (_, path) =>
      path.startsWith('/interactions/work-items') ? { status: 200, json: { contactId: 901 } } : undefined;
    await using world = await asking(made);
    expect(await world.placeholders.ask({ key: KEY, agentId: AGENT }, call)).toEqual({
      kind: 'done',
      value: { id: '901' },
    });
    const [asked = ''] = world.api().filter((line) => line.startsWith('POST /interactions/work-items'));
    expect(Object.fromEntries(new URLSearchParams(asked.split('?')[1]))).toEqual({
      pointOfContact: 'Throughline_Placeholder',
      workItemId: KEY,
      workItemType: 'throughline-placeholder',
      workItemPayload: AGENT,
      from: KEY,
    });
  });

  it('has been done where the answer does not say what was made (H5)', async () => {
    await using world = await asking();
    expect(await world.placeholders.ask({ key: KEY, agentId: AGENT }, call)).toMatchObject({ kind: 'ambiguous' });
  });

  it.each([
    ['she has it', [WITH_HER], 'taken'],
    ['she is being rung', [item({ stateName: 'Routing', agentId: 4492 })], 'asked'],
    ['it waits for her', [item()], 'asked'],
    ['somebody else has it', [item({ stateName: 'Active', agentId: 7 })], 'none'],
    [
      'there is only another’s',
      [item({ fromAddress: 'interaction-1.10', stateName: 'Active', agentId: 4492 })],
      'none',
    ],
    ['there is none', [], 'none'],
  ])('is found by our name: %s', async (_, contacts, state) => {
    await using world = await asking(listing(...contacts));
    expect(await world.placeholders.look({ key: KEY, agentId: AGENT }, call)).toEqual({ kind: 'done', value: state });
    expect(world.api().at(-1)).toBe('GET /contacts/active?mediaTypeId=6&fromAddress=interaction-1.1');
  });

  it.each([
    ['she has it', { status: 200, json: WITH_HER }, 'taken'],
    ['it is over', { status: 200, json: { ...WITH_HER, endReason: 'Agent' } }, 'none'],
    ['it is not known any more', { status: 404, json: {} }, 'none'],
  ])('is read by its own number where that is known: %s', async (_, answer, state) => {
    await using world = await asking(one(answer));
    const looked = await world.placeholders.look({ key: KEY, id: '901', agentId: AGENT }, call);
    expect(looked).toEqual({ kind: 'done', value: state });
  });

  it('is not known where nothing can be read', async () => {
    await using world = await asking(one({ status: 500, json: {} }));
    expect(await world.placeholders.look({ key: KEY, id: '901', agentId: AGENT }, call)).toMatchObject({
      kind: 'transient',
    });
    await using listed = await asking((_, path) =>
      path.startsWith('/contacts/active') ? { status: 500, json: {} } : undefined,
    );
    for (const act of ['look', 'release'] as const)
      expect(await listed.placeholders[act]({ key: KEY, agentId: AGENT }, call)).toMatchObject({ kind: 'transient' });
  });

  it('is ended wherever it is, as often as it is there', async () => {
    await using world = await asking(listing(item(), WITH_HER));
    expect(await world.placeholders.release({ key: KEY }, call)).toEqual({ kind: 'done', value: null });
    expect(world.api().filter((line) => line.startsWith('POST'))).toEqual([
      'POST /contacts/901/end',
      'POST /contacts/901/end',
    ]);
    await using gone = await asking(listing());
    expect(await gone.placeholders.release({ key: KEY }, call)).toEqual({ kind: 'done', value: null });
  });

  it.each([
    [409, { kind: 'done', value: null }],
    [403, { kind: 'rejected', code: 'forbidden' }],
  ])('that cannot be ended is over already, or is told: %i', async (status, expected) => {
    const ending: Scripted = ({ method }, path) =>
      method === 'POST' && path.endsWith('/end') ? { status, json: {} } : undefined;
    await using world = await asking((asked, path) => ending(asked, path) ?? listing(WITH_HER)(asked, path));
    expect(await world.placeholders.release({ key: KEY }, call)).toMatchObject(expected);
  });
});
