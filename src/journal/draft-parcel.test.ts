import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Draft, Written } from './draft.ts';
import { type Parcel, packDrafts, packWritten, unpackDrafts, unpackWritten } from './draft-parcel.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const number = fc.double({ noNaN: true });
const bytes = fc.uint8Array({ maxLength: 70 }).map((piece) => new Uint8Array(piece));
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { maxLength: 3 });
const leg = fc.record({ platform: text, external: text });
const message = fc.record({ sender: text, messageId: text });

const draft = fc.record({
  interactionId: text,
  expectedVersion: fc.nat(),
  wrappedKey: orNull(bytes),
  previous: bytes,
  events: list(fc.record({ type: text, at: number, actor: text, clear: text })),
  bodies: orNull(text),
  snapshot: orNull(text),
  summary: fc.record({
    channel: text,
    platform: orNull(text),
    phase: orNull(text),
    holder: text,
    outcome: orNull(text),
    openedAt: number,
    endedAt: orNull(number),
    deadLetters: fc.nat(),
  }),
  dueAt: orNull(number),
  lease: fc.oneof(
    fc.constant(null),
    fc.constant('keep'),
    // An owner may be called anything.
    fc.record({ owner: fc.oneof(text, fc.constant('keep')), until: number }),
  ),
  attach: list(leg),
  detach: list(leg),
  subjects: list(bytes),
  messages: list(message),
  blobs: list(fc.record({ ref: text, content: text, expiresAt: number })),
  erase: fc.boolean(),
  forget: list(text),
}) as unknown as fc.Arbitrary<Draft>;

const written = fc.oneof(
  fc.record({ kind: fc.constant('appended'), hash: bytes, wrappedKey: orNull(bytes) }),
  fc.record({ kind: fc.constant('version-conflict') }),
  fc.record({ kind: fc.constant('leg-taken'), interactionId: text, leg }),
  fc.record({ kind: fc.constant('duplicate'), messages: list(message) }),
) as unknown as fc.Arbitrary<Written>;

/** As the other thread gets it. */
const carried = (parcel: Parcel): Parcel => structuredClone(parcel, { transfer: [parcel.bytes.buffer] });

describe('what travels between the threads', () => {
  it('arrives as it was sent: drafts', () => {
    fc.assert(
      fc.property(fc.array(draft, { maxLength: 5 }), (batch) => {
        expect(unpackDrafts(carried(packDrafts(batch)))).toEqual(batch);
      }),
    );
  });

  it('arrives as it was sent: what became of them', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 5 }), (batch) => {
        expect(unpackWritten(carried(packWritten(batch)))).toEqual(batch);
      }),
    );
  });
});
