// Tests how a script of the tenant's is started that calls a customer at once: what it is told, and what is believed of the answer (H5).

import { describe, expect, it } from 'vitest';
import { call, queue, type Scripted, scriptedCxone } from '../../../test/contract/scripted-cxone.ts';
import type { CallbackOrder } from '../platform.ts';

const ORDER: CallbackOrder = {
  queue,
  phone: '+14155550177',
  data: { correlationId: 'interaction-1', accountId: 'ACC-1' },
  pattern: 'bridged',
};
const BY_ID = { script: { id: '9006' }, skillId: '4001' } as const;
const answers =
  (status: number, json?: object): Scripted =>
  ({ method }, path) =>
    method === 'POST' && path.startsWith('/scripts/start')
      ? { status, ...(json !== undefined && { json }) }
      : undefined;

describe('a script that calls a customer at once', () => {
  it.each([
    [{ script: { path: 'Prod\\Calls' }, skillId: '4001' } as const, 'scriptPath', 'Prod\\Calls'],
    [BY_ID, 'scriptId', '9006'],
  ])(
    'is told whom to call, for which queue, and by what they are known to us: %j',
    async (callbackScript, name, value) => {
      const callbackScreenPopUrl = 'https://handoff.example.com/card?a|b={interactionId}';
      await using world = await scriptedCxone(answers(200, { contactId: 701 }), {
        callbackScript,
        callbackScreenPopUrl,
      });
      expect(await world.platform.bookCallback(ORDER, call)).toEqual({ kind: 'done', value: { externalId: '701' } });
      const asked = world.api().filter((one) => one.includes('/scripts/start'));
      expect(asked).toHaveLength(1);
      const query = new URLSearchParams(asked[0]?.split('?')[1]);
      expect(Object.fromEntries(query)).toEqual({
        skillId: '4001',
        [name]: value,
        Parameters: '+14155550177|1001|interaction-1|https://handoff.example.com/card?a%7Cb=interaction-1',
      });
    },
  );

  it('has nothing to show its agent where no page is configured', async () => {
    await using world = await scriptedCxone(answers(200, { contactId: '701' }), { callbackScript: BY_ID });
    await world.platform.bookCallback(ORDER, call);
    const asked = world.api().find((one) => one.includes('/scripts/start'));
    expect(new URLSearchParams(asked?.split('?')[1]).get('Parameters')).toBe('+14155550177|1001|interaction-1|');
  });

  it('has been started where the answer does not say which contact it made (H5)', async () => {
    for (const odd of [answers(200, { started: true }), answers(200)]) {
      await using world = await scriptedCxone(odd, { callbackScript: BY_ID });
      expect(await world.platform.bookCallback(ORDER, call)).toMatchObject({ kind: 'ambiguous' });
    }
  });

  it('is refused where the tenant has none, and for a later hour', async () => {
    await using without = await scriptedCxone();
    expect(await without.platform.bookCallback(ORDER, call)).toMatchObject({ kind: 'rejected', code: 'bad-request' });
    await using world = await scriptedCxone(answers(200, { contactId: 701 }), { callbackScript: BY_ID });
    expect(await world.platform.bookCallback({ ...ORDER, at: 1 }, call)).toMatchObject({ code: 'bad-request' });
    expect([...without.api(), ...world.api()]).toEqual([]);
  });

  it('that the tenant does not know is refused', async () => {
    await using world = await scriptedCxone(answers(404, { error: 'not_found' }), { callbackScript: BY_ID });
    expect(await world.platform.bookCallback(ORDER, call)).toMatchObject({ kind: 'rejected', code: 'not-found' });
  });
});
