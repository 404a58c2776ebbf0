// Owns the making of our ids: UUID v7 (RFC 9562 §5.7), time-ordered so that the journal's index grows at its end.

const VERSION = 0x70;
const VARIANT = 0x80;

/**
 * A source of UUID v7. Ids of the same millisecond are ordered by a 12-bit counter (RFC 9562 §6.2, method 1), which borrows
 * from the next millisecond when it runs over.
 */
export function uuidV7(now: () => number, randomBytes: (size: number) => Uint8Array): () => string {
  let lastMs = 0;
  let counter = 0;
  return () => {
    const nowMs = Math.floor(now());
    if (nowMs > lastMs) {
      lastMs = nowMs;
      counter = 0;
    } else if (++counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
    const random = randomBytes(8);
    const bytes = Buffer.alloc(16);
    bytes.writeUIntBE(lastMs, 0, 6);
    bytes[6] = VERSION | (counter >> 8);
    bytes[7] = counter & 0xff;
    bytes.set(random, 8);
    bytes[8] = VARIANT | ((random[0] ?? 0) & 0x3f);
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}
