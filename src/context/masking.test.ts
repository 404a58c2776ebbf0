import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEALTH_WORDS, mask } from './masking.ts';

const VISA = '4111111111111111';
const HIDDEN = '************1111';
const pci = (value: unknown) => mask(value, ['pci_dss']);
const hipaa = (value: unknown) => mask(value, ['hipaa']);

describe('mask under pci_dss', () => {
  it('keeps the last four digits of a card anywhere, and names every path (H4)', () => {
    const { value, loss } = pci({
      context: { dtmfSequence: [VISA, '123'], attributes: { Note: `card ${VISA}` } },
      manifest: { slots_collected: { card: 4111111111111111, ok: 'ACC-1' }, history: [{ said: [VISA] }] },
    });
    expect(value).toEqual({
      context: { dtmfSequence: [HIDDEN, '***'], attributes: { Note: `card ${HIDDEN}` } },
      manifest: { slots_collected: { card: HIDDEN, ok: 'ACC-1' }, history: [{ said: [HIDDEN] }] },
    });
    expect(loss.map(({ field }) => field)).toEqual([
      'context.dtmfSequence',
      'context.attributes.Note',
      'manifest.slots_collected.card',
      'manifest.history.0.said.0',
    ]);
    expect(loss[0]).toEqual({ field: 'context.dtmfSequence', limit: 'pci_dss', carriedBy: 'masked' });
  });

  it("keeps seed 002 §1's menu choices and its phone", () => {
    const seed = {
      customer: { phone: '+14155551234' },
      context: { dtmfSequence: ['1', '3', '0'], holdDurationSec: 42 },
    };
    expect(pci(seed)).toEqual({ value: seed, loss: [] });
  });

  it.each([
    'cvv',
    'CVV',
    'cvv2',
    'cardCvv',
    'card_cvv',
    'cvvCode',
    'cvc',
    'CVC2',
    'security_code',
    'securityCode',
    'SecurityCode',
    'card_security_code',
    'cardsecuritycode',
    'card_code',
    'cardCode',
    'pin',
    'PIN',
    'card_pin',
    'pin_number',
  ])('hides the field %s whatever it holds', (name) => {
    for (const secret of ['123', 123, { digits: '123' }, ['1', '2', '3'], 'unclear']) {
      expect(pci({ [name]: secret })).toMatchObject({
        value: { [name]: '***' },
        loss: [{ field: name, limit: 'pci_dss', carriedBy: 'masked' }],
      });
    }
    expect(pci({ [name]: null, n: '' }).loss).toEqual([]);
  });

  it.each(['shipping', 'opinion', 'spin', 'pin_code', 'promo_code', 'cvvs_seen', 'postal_code', 'scoped'])(
    'keeps the field %s',
    (name) => {
      expect(pci({ [name]: '123' }).value).toEqual({ [name]: '123' });
    },
  );

  it('hides a cid only where it looks like a code', () => {
    expect(pci({ cid: '1234', card_cid: 123 }).value).toEqual({ cid: '***', card_cid: '***' });
    expect(pci({ cid: 'gen-cid-99a2b3c4', CID: 12 }).loss).toEqual([]);
  });

  it('reads keys recorded as one text, and under any spelling of the name', () => {
    expect(pci({ dtmf: `1#${VISA}#123#` }).value).toEqual({ dtmf: `1#${HIDDEN}#***#` });
    expect(pci({ dtmf_sequence: Array.from(VISA) }).value).toEqual({ dtmf_sequence: Array.from(HIDDEN) });
  });

  it.each(['16１9111111111111110 9111111111111110xcode', 'pin  #887 9111111111111110１１'])(
    'keys as one text are masked to the end at once: %j',
    (dtmf) => {
      const once = pci({ dtmf });
      expect(once.loss).toHaveLength(1);
      expect(pci(once.value)).toEqual({ value: once.value, loss: [] });
    },
  );

  it('keeps health data: that is another flag', () => {
    expect(pci({ diagnosis: 'flu' }).loss).toEqual([]);
  });
});

describe('mask under hipaa', () => {
  it('withholds fields named as health data, whatever they hold, and says so (H4)', () => {
    const { value, loss } = hipaa({
      customer: { dateOfBirth: '1980-01-01', name: 'Ada' },
      manifest: { slots_collected: { current_medications: ['a', 'b'], Diagnosis_Code: { icd: 'J10' }, amount: 3 } },
    });
    expect(value).toEqual({
      customer: { dateOfBirth: '[withheld: hipaa]', name: 'Ada' },
      manifest: {
        slots_collected: { current_medications: '[withheld: hipaa]', Diagnosis_Code: '[withheld: hipaa]', amount: 3 },
      },
    });
    expect(loss.map(({ field }) => field)).toEqual([
      'customer.dateOfBirth',
      'manifest.slots_collected.current_medications',
      'manifest.slots_collected.Diagnosis_Code',
    ]);
    expect(loss[0]).toEqual({ field: 'customer.dateOfBirth', limit: 'hipaa', carriedBy: 'withheld' });
  });

  it.each(HEALTH_WORDS)('knows %s in snake and camel case', (words) => {
    const snake = words.replaceAll(' ', '_');
    const camel = words.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
    expect(hipaa({ [snake]: 'x', [`patient_${snake}`]: 'x', [camel]: 'x' }).value).toEqual({
      [snake]: '[withheld: hipaa]',
      [`patient_${snake}`]: '[withheld: hipaa]',
      [camel]: '[withheld: hipaa]',
    });
  });

  it.each(['air_conditioner', 'retreatment', 'doberman', 'intent'])('keeps the field %s', (name) => {
    expect(hipaa({ [name]: 'x' }).loss).toEqual([]);
  });

  it('keeps card data, and fields that say nothing', () => {
    expect(hipaa({ card: VISA, cvv: '123', dob: null, mrn: '' }).loss).toEqual([]);
  });
});

describe('mask', () => {
  it('does nothing without a flag that it acts on, and knows flags in any spelling', () => {
    const value = { card: VISA, diagnosis: 'flu' };
    expect(mask(value, ['gdpr', ''])).toEqual({ value, loss: [] });
    expect(mask(value, ['PCI-DSS', 'HIPAA']).loss.map(({ field }) => field)).toEqual(['card', 'diagnosis']);
  });

  it('copies: the given value is not changed, key order is kept, odd keys stay data', () => {
    const json = `{"z":"${VISA}","__proto__":{"cvv":"123"},"a":{"diagnosis":"x","b":null,"t":true}}`;
    const given = JSON.parse(json);
    const { value } = mask(given, ['pci_dss', 'hipaa']);
    expect(JSON.stringify(given)).toBe(json);
    expect(JSON.stringify(value)).toBe(
      `{"z":"${HIDDEN}","__proto__":{"cvv":"***"},"a":{"diagnosis":"[withheld: hipaa]","b":null,"t":true}}`,
    );
  });

  it('masking what is masked changes nothing and names nothing', () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('cvv', 'pin', 'diagnosis', 'dob', 'dtmfSequence', 'dtmf', 'cid', 'note', '__proto__'),
    );
    const leaf = fc.oneof(
      fc.string(),
      fc.constantFrom(VISA, '4111 1111 1111 1111 123', 'cvv 123', '+14155551234', ''),
      fc.double(),
      fc.constantFrom(4111111111111111, 1234, null, true),
      fc.array(fc.oneof(fc.nat(9).map(String), fc.constantFrom(VISA, '123', '#')), { maxLength: 24 }),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, leaf, fc.dictionary(key, tie('tree')), fc.array(tie('tree'))),
    }));
    fc.assert(
      fc.property(tree, fc.subarray(['pci_dss', 'hipaa', 'other']), (value, flags) => {
        const once = mask(value, flags);
        expect(mask(once.value, flags)).toEqual({ value: once.value, loss: [] });
      }),
      { numRuns: 1000 },
    );
  });
});
