// Tests what is asked of the ACD about a call: real paths, real bodies, and what each answer becomes.

import { describe, expect, it } from 'vitest';
import { outlast } from '../../../test/contract/manual-clock.ts';
import {
  call,
  contact,
  inScript,
  over,
  phone,
  queue,
  script,
  scriptedCxone,
  withAgent,
} from '../../../test/contract/scripted-cxone.ts';
import type { Answer } from '../../../test/contract/scripted-server.ts';
import type { ExternalId, ParticipantId } from '../../ids.ts';
import type { Call } from '../platform.ts';

describe('cxonePlatform: calls', () => {
  it('costs two calls to attach and two to transfer, by signals in JSON', async () => {
    let touched = 0;
    await using world = await scriptedCxone((asked, path) => {
      if (path.endsWith('/signal')) touched += 1;
      return asked.method === 'GET' && path === '/contacts/700'
        ? { status: 200, json: { ...inScript, lastUpdateTime: `t${touched}` } }
        : undefined;
    });
    const { platform } = world;
    const context = {
      customer: '700.customer' as ParticipantId,
      attributes: { intent: 'billing', 'a=%': '=1' },
      tag: 'our-id',
    };
    const attached = await outlast(world.clock, platform.attachContext(phone, context, call));
    expect(attached).toEqual({ kind: 'done', value: null });
    expect(await outlast(world.clock, platform.transferToQueue(phone, { leaving: script, queue }, call))).toMatchObject(
      {
        kind: 'done',
      },
    );
    expect(world.signalled()).toEqual([
      { p1: 'Context', p2: 'interactionId=our-id', p3: 'intent=billing', p4: 'a%3D%25==1' },
      { p1: 'Escalate', p2: '1001' },
    ]);
    expect(world.api()).toEqual([
      'GET /contacts/700',
      'POST /interactions/700/signal',
      'GET /contacts/700',
      'GET /contacts/700',
      'POST /interactions/700/signal',
    ]);
  });

  it('holds a second signal to a contact back until the first has shown an effect, or has had its time', async () => {
    await using world = await scriptedCxone();
    const { platform, clock } = world;
    const tell = () => platform.overwriteContext(phone, { what: 'tag' }, call);
    await tell();
    const startedAt = clock.monotonic();
    expect(await outlast(clock, tell())).toMatchObject({ kind: 'done' });
    expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(5_000);
    expect(world.signalled()).toHaveLength(2);
    // Looks in between are few: each is twice as far from the one before.
    expect(world.api().filter((one) => one.startsWith('GET')).length).toBeLessThanOrEqual(8);
    await clock.advance(5_000);
    const before = clock.monotonic();
    await tell();
    expect(clock.monotonic()).toBe(before);
  });

  it('sends no two signals to a contact at once, whoever asks, and does not make contacts wait for each other', async () => {
    await using world = await scriptedCxone((asked, path) =>
      asked.method === 'GET' && path === '/contacts/701'
        ? { status: 200, json: { ...inScript, contactId: 701 } }
        : undefined,
    );
    const { platform, clock, server } = world;
    const other = { ...phone, externalId: '701' as ExternalId };
    const posted = () =>
      server.asked.filter(({ path }) => path.endsWith('/signal')).map(({ path }) => path.split('/').at(-2));
    const tell = (conversation: typeof phone) => platform.overwriteContext(conversation, { what: 'tag' }, call);
    const all = Promise.all([tell(phone), tell(phone), tell(other)]);
    while (posted().length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(posted().toSorted()).toEqual(['700', '701']);
    const startedAt = clock.monotonic();
    expect((await outlast(clock, all)).map(({ kind }) => kind)).toEqual(['done', 'done', 'done']);
    expect(posted().at(-1)).toBe('700');
    expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(5_000);
  });

  it('has written context only once it has shown an effect, or has had its time, so that what is urgent does not wait', async () => {
    await using world = await scriptedCxone();
    const { platform, clock } = world;
    const context = { customer: script, attributes: { intent: 'billing' }, tag: 't' };
    await outlast(clock, platform.attachContext(phone, context, call));
    const before = clock.monotonic();
    expect(before).toBeGreaterThanOrEqual(5_000);
    await platform.transferToQueue(phone, { leaving: script, queue }, call);
    expect(clock.monotonic()).toBe(before);
  });

  it('does not take somebody who answers meanwhile for the effect of what was written', async () => {
    let glances = 0;
    await using world = await scriptedCxone((asked, path) => {
      if (asked.method !== 'GET' || path !== '/contacts/700') return undefined;
      glances += 1;
      const json = glances === 1 ? inScript : { ...withAgent, lastUpdateTime: glances < 4 ? 'answered' : 'written' };
      return { status: 200, json };
    });
    const context = { customer: '700.customer' as ParticipantId, attributes: { intent: 'billing' }, tag: 'our-id' };
    expect(await outlast(world.clock, world.platform.attachContext(phone, context, call))).toMatchObject({
      kind: 'done',
    });
    // The first shows who answered, the second the same again.
    expect(glances).toBe(4);
  });

  it('waits as well after a signal whose answer was lost, and not after one that was refused', async () => {
    let status: number | undefined;
    await using world = await scriptedCxone((_, path) =>
      path.endsWith('/signal') && status !== undefined ? { status } : undefined,
    );
    const { platform, clock } = world;
    const tell = () => platform.overwriteContext(phone, { what: 'tag' }, call);
    status = 400;
    expect(await tell()).toMatchObject({ kind: 'rejected' });
    status = 500;
    const before = clock.monotonic();
    expect(await tell()).toMatchObject({ kind: 'ambiguous', code: 'vendor-error' });
    expect(clock.monotonic()).toBe(before);
    status = undefined;
    expect(await outlast(clock, tell())).toMatchObject({ kind: 'done' });
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(5_000);
  });

  it('gives up the waiting with its caller, and sends nothing', async () => {
    await using world = await scriptedCxone();
    const { platform } = world;
    const tell = (change: Partial<Call> = {}) =>
      platform.overwriteContext(phone, { what: 'tag' }, { ...call, ...change });
    await tell();
    const leaving = new AbortController();
    await world.clock.advance(1);
    const second = tell({ signal: leaving.signal });
    // The contact has been read, and what sleeps now is the waiting.
    while (platform.health().lastAnswerAt !== world.clock.now() || world.clock.sleepers() !== 1)
      await new Promise((resolve) => setTimeout(resolve, 1));
    leaving.abort();
    expect(await second).toEqual({ kind: 'transient', code: 'not-sent' });
    expect(world.signalled()).toHaveLength(1);
  });

  it('asks to queue again where a queue or an agent has the customer', async () => {
    await using world = await scriptedCxone(contact(withAgent));
    const transfer = { leaving: '700.agent.4492' as ParticipantId, queue };
    expect(await world.platform.transferToQueue(phone, transfer, call)).toMatchObject({ kind: 'done' });
    expect(world.signalled()).toEqual([{ p1: 'Requeue', p2: '1001' }]);
  });

  it('follows a contact that was transferred to the one in which the customer goes on', async () => {
    await using world = await scriptedCxone((asked, path) => {
      if (path === '/contacts/700/hierarchy') {
        const childContacts = [
          { contactId: 700, endTime: '2026-11-20T10:00:00Z' },
          { contactId: 701, endTime: '2026-11-20T10:01:00Z' },
          { contactId: 702, endTime: '' },
          { contactId: 703 },
        ];
        return { status: 200, json: { masterContactId: 700, childContacts } };
      }
      if (path === '/contacts/703') return { status: 200, json: { ...withAgent, contactId: 703 } };
      return contact(over)(asked, path);
    });
    const view = await world.platform.look(phone, call);
    expect(view).toMatchObject({ kind: 'done', value: { ended: false } });
    expect(view.kind === 'done' && view.value.parties.map((party) => party.id)).toEqual([
      '700.customer',
      '703.script',
      '703.agent.4492',
    ]);
    await world.platform.overwriteContext(phone, { what: 'tag' }, call);
    expect(world.api().at(-1)).toBe('POST /interactions/703/signal');
  });

  it('shows a contact that is over as over, when nobody goes on or the ACD tells of none', async () => {
    for (const answer of [{ status: 404 }, { status: 200, json: { childContacts: [{ contactId: 700 }] } }]) {
      await using world = await scriptedCxone((asked, path) =>
        path.endsWith('/hierarchy') ? answer : contact(over)(asked, path),
      );
      expect(await world.platform.look(phone, call)).toMatchObject({ kind: 'done', value: { ended: true } });
    }
    await using world = await scriptedCxone((asked, path) =>
      path.endsWith('/hierarchy') ? { status: 503 } : contact(over)(asked, path),
    );
    expect(await world.platform.look(phone, call)).toMatchObject({ kind: 'transient', code: 'unavailable' });
  });

  it('carries no more values than a signal has room for, and says so', async () => {
    await using world = await scriptedCxone();
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`f${index}`, 'x']));
    const customer = '700.customer' as ParticipantId;
    expect(world.platform.limits).toMatchObject({ attributeValueBytes: 256, attributeCount: 7, idApart: true });
    for (const outcome of [
      await world.platform.attachContext(phone, { customer, attributes: many, tag: 't' }, call),
      await world.platform.overwriteContext(phone, { what: 'attributes', customer, names: Object.keys(many) }, call),
    ]) {
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    }
    expect(world.api()).toEqual([]);
  });

  it('tells our id in a place of its own, and seven values beside it', async () => {
    await using world = await scriptedCxone();
    const seven = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`f${index}`, 'x']));
    const customer = '700.customer' as ParticipantId;
    const attributes = { interactionId: 't', ...seven };
    const written = world.platform.attachContext(phone, { customer, attributes, tag: 't' }, call);
    expect(await outlast(world.clock, written)).toMatchObject({ kind: 'done' });
    expect(world.signalled()).toMatchObject([{ p1: 'Context', p2: 'interactionId=t', p3: 'f0=x', p9: 'f6=x' }]);
  });

  it('overwrites the variables of a script that runs', async () => {
    const customer = '700.customer' as ParticipantId;
    await using world = await scriptedCxone();
    const names = ['intent', 'account'];
    expect(await world.platform.overwriteContext(phone, { what: 'attributes', customer, names }, call)).toMatchObject({
      kind: 'done',
    });
    expect(world.signalled()).toEqual([{ p1: 'Context', p2: 'intent=', p3: 'account=' }]);
  });

  it('says of a contact that has ended whether anything was left behind, as it can only be read', async () => {
    const customer = '700.customer' as ParticipantId;
    const names = ['intent', 'account'];
    const overwrite = async (answer: Answer) => {
      await using world = await scriptedCxone((asked, path) => {
        if (path.endsWith('/hierarchy')) return { status: 404 };
        return path.endsWith('/custom-data') ? answer : contact(over)(asked, path);
      });
      const outcome = await world.platform.overwriteContext(phone, { what: 'attributes', customer, names }, call);
      expect(world.signalled()).toEqual([]);
      return outcome;
    };
    const rows = (...contactCustomData: object[]) => ({ status: 200, json: { contactCustomData } });
    const done = { kind: 'done', value: null };
    expect(await overwrite({ status: 204 })).toEqual(done);
    expect(await overwrite({ status: 404 })).toEqual(done);
    expect(await overwrite(rows())).toEqual(done);
    expect(await overwrite(rows({ name: 'intent', value: '' }, { name: 'theirs', value: 'x' }))).toEqual(done);
    const kept = { ContactCustomData: [{ Name: 'account', Value: '12' }] };
    expect(await overwrite({ status: 200, json: kept })).toMatchObject({ kind: 'rejected', code: 'conflict' });
    expect(await overwrite({ status: 503 })).toMatchObject({ kind: 'transient' });
  });

  it('writes nothing to a contact that has ended', async () => {
    await using late = await scriptedCxone((asked, path) =>
      path.endsWith('/hierarchy') ? { status: 404 } : contact(over)(asked, path),
    );
    const context = { customer: '700.customer' as ParticipantId, attributes: {}, tag: 't' };
    expect(await late.platform.attachContext(phone, context, call)).toMatchObject({
      kind: 'rejected',
      code: 'conflict',
    });
    expect(late.signalled()).toEqual([]);
  });

  it('ends a contact, and takes one that has ended for ended', async () => {
    await using world = await scriptedCxone();
    expect(await world.platform.closeLeg(phone, call)).toEqual({ kind: 'done', value: null });
    expect(world.api().at(-1)).toBe('POST /contacts/700/end');
    await using late = await scriptedCxone((asked, path) =>
      path.endsWith('/hierarchy') ? { status: 404 } : contact(over)(asked, path),
    );
    expect(await late.platform.closeLeg(phone, call)).toEqual({ kind: 'done', value: null });
    expect(late.api().some((one) => one.startsWith('POST'))).toBe(false);
  });

  it('takes a contact for ended that ended while it was being ended, and only then', async () => {
    for (const hasEnded of [true, false]) {
      let asked = false;
      await using world = await scriptedCxone((request, path) => {
        if (path.endsWith('/hierarchy')) return { status: 404 };
        if (path.endsWith('/end')) {
          asked = true;
          return { status: 409 };
        }
        return asked && hasEnded ? contact(over)(request, path) : undefined;
      });
      const outcome = await world.platform.closeLeg(phone, call);
      expect(outcome).toMatchObject(hasEnded ? { kind: 'done' } : { kind: 'rejected', code: 'conflict' });
    }
  });
});
