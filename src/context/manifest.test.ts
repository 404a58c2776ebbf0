import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEED_MANIFEST as seed } from '../../test/seed-examples.ts';
import { parseManifest } from './manifest.ts';

describe('parseManifest', () => {
  it("takes seed 004 §1's manifest bare and under handoff_manifest", () => {
    expect(parseManifest(seed)).toEqual({ ok: true, manifest: seed });
    expect(parseManifest({ handoff_manifest: seed })).toEqual({ ok: true, manifest: seed });
    expect(parseManifest({})).toEqual({ ok: true, manifest: {} });
  });

  it('lets the manifest travel verbatim: unknown fields, their order and any JSON in slots are kept (H4)', () => {
    const json =
      '{"zeta":1,"trigger":"x","intents_detected":[{"why":[1,{"__proto__":2}],"intent":"a"}],"slots_collected":{"n":null,"o":{"p":[1]},"__proto__":3},"alpha":{"b":null}}';
    const parsed = parseManifest(JSON.parse(json));
    expect(parsed.ok && JSON.stringify(parsed.manifest)).toBe(json);
  });

  it('hands back the very object for any unknown JSON fields', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().map((name) => `x-${name}`),
          fc.jsonValue({ maxDepth: 4 }),
        ),
        (extra) => {
          const parsed = parseManifest(extra);
          expect(parsed.ok && parsed.manifest).toBe(extra);
        },
      ),
    );
  });

  it.each([
    [{ bot_confidence_at_exit: 1.2 }, 'bot_confidence_at_exit'],
    [{ session_duration_seconds: -1 }, 'session_duration_seconds'],
    [{ intents_detected: [{ intent: 'a' }, { confidence: 1 }] }, 'intents_detected.1.intent'],
    [{ trigger: null }, 'trigger'],
    [{ slots_collected: ['a'] }, 'slots_collected'],
    [{ handoff_manifest: { trigger: 7 } }, 'handoff_manifest.trigger'],
    [{ handoff_manifest: null }, 'handoff_manifest'],
    [{ handoff_manifest: {}, trigger: 'beside it' }, ''],
    ['text', ''],
    [null, ''],
    [[], ''],
  ])('refuses %j and names %s', (input, path) => {
    const parsed = parseManifest(input);
    expect(parsed.ok ? [] : parsed.errors.map((error) => error.path)).toEqual([path]);
  });

  it('names every fault, each with a message', () => {
    const parsed = parseManifest({ trigger: 1, recommended_queue: 2 });
    expect(parsed).toMatchObject({ ok: false, errors: [{ path: 'trigger' }, { path: 'recommended_queue' }] });
    expect(!parsed.ok && parsed.errors.every(({ message }) => message !== '')).toBe(true);
  });

  it('refuses hostile nesting instead of exhausting the stack', () => {
    const nested = (levels: number) => JSON.parse(`{"x":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    expect(parseManifest(nested(200_000))).toEqual({
      ok: false,
      errors: [{ path: '', message: 'is nested deeper than 64 levels' }],
    });
    expect(parseManifest(nested(64)).ok).toBe(true);
    expect(parseManifest(nested(65)).ok).toBe(false);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(typeof parseManifest(input).ok).toBe('boolean');
      }),
    );
  });
});
