// Owns how many parts a text takes on the air (3GPP TS 23.038 §6.2.1, TS 23.040 §9.2.3.24.1): 160 septets alone or 153 per part in
// the default alphabet, else 70 UTF-16 units alone or 67 per part. Neither an escaped septet nor a surrogate pair is split. Pure.

export type Segments = {
  readonly alphabet: 'gsm-7' | 'ucs-2';
  readonly count: number;
  /** Septets or UTF-16 units, escapes included. */
  readonly units: number;
};

const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Each takes an escape and a septet. */
const EXTENDED = new Set('\f^{}\\[~]|€');

/** The parts of a text; an empty one takes one. */
export function segmentsOf(text: string): Segments {
  const characters = [...text];
  const isGsm = characters.every((each) => BASIC.has(each) || EXTENDED.has(each));
  if (isGsm) {
    const sizes = characters.map((each) => (EXTENDED.has(each) ? 2 : 1));
    return { alphabet: 'gsm-7', ...packed(sizes, 160, 153) };
  }
  const sizes = characters.map((each) => each.length);
  return { alphabet: 'ucs-2', ...packed(sizes, 70, 67) };
}

function packed(sizes: readonly number[], alone: number, perPart: number): Pick<Segments, 'count' | 'units'> {
  const units = sizes.reduce((sum, size) => sum + size, 0);
  if (units <= alone) return { count: 1, units };
  let count = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > perPart) {
      count += 1;
      used = 0;
    }
    used += size;
  }
  return { count, units };
}
