import { describe, expect, it } from 'vitest';
import { isPersonalLeg, looksPersonal } from './personal-id.ts';

const on = (platform: string) => (externalId: string) => isPersonalLeg({ platform, externalId });

describe('an id', () => {
  it.each(['+14155551234', '4155551234', '415.555.1234', 'tel:+14155551234', 'ana@example.com', 'sip:ana@pbx.example'])(
    'that may be a number or an address is personal on every platform that does not count its own: %s',
    (id) => {
      expect([looksPersonal(id), on('genesys_cloud')(id), on('acme')(id)]).toEqual([true, true, true]);
    },
  );

  it.each(['nice_cxone', 'cxone', 'nice_cxone_emea'])(
    'of digits alone is a contact’s at %s, and nothing else is',
    (name) => {
      expect(on(name)('700000000077')).toBe(false);
      for (const id of ['+14155551234', '(415) 555-1234', 'ana@example.com']) expect(on(name)(id)).toBe(true);
    },
  );

  it.each(['conv-1', 'b139d141-38b1-409a-8a9e-1e0677715f8a', 'five9-1001'])(
    'of the platform’s own is not: %s',
    (id) => {
      expect([looksPersonal(id), on('genesys_cloud')(id)]).toEqual([false, false]);
    },
  );
});
