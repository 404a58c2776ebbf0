// Owns how arrays and texts travel to PostgreSQL: arrays in its binary format, so that ciphertext is neither spelled out in hexadecimal
// nor escaped, and texts without the one character that PostgreSQL's cannot hold.

const HEADER_BYTES = 20;
const OID = { bool: 16, bytea: 17, int4: 23, text: 25, float8: 701, uuid: 2950 } as const;

/** PostgreSQL's binary array format (`array_send`): dimensions, a flag for nulls, the element's type, then length and bytes of each. */
function encode<Value>(
  oid: number,
  values: readonly (Value | null)[],
  size: (value: Value) => number,
  write: (into: Buffer, value: Value, at: number) => void,
): Buffer {
  const sizes = values.map((value) => (value === null ? -1 : size(value)));
  const total = sizes.reduce((sum, one) => sum + 4 + Math.max(one, 0), HEADER_BYTES);
  const array = Buffer.allocUnsafe(total);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(sizes.includes(-1) ? 1 : 0, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16);
  let at = HEADER_BYTES;
  for (const [index, value] of values.entries()) {
    const length = sizes[index] ?? -1;
    at = array.writeInt32BE(length, at);
    if (value === null) continue;
    write(array, value, at);
    at += length;
  }
  return values.length === 0 ? empty(oid) : array;
}

function empty(oid: number): Buffer {
  const array = Buffer.alloc(12);
  array.writeInt32BE(oid, 8);
  return array;
}

export function ints(values: readonly (number | null)[]): Buffer {
  return encode(
    OID.int4,
    values,
    () => 4,
    (into, value, at) => into.writeInt32BE(value, at),
  );
}

export function doubles(values: readonly (number | null)[]): Buffer {
  return encode(
    OID.float8,
    values,
    () => 8,
    (into, value, at) => into.writeDoubleBE(value, at),
  );
}

export function booleans(values: readonly boolean[]): Buffer {
  return encode(
    OID.bool,
    values,
    () => 1,
    (into, value, at) => into.writeUInt8(value ? 1 : 0, at),
  );
}

export function byteas(values: readonly (Uint8Array | null)[]): Buffer {
  return encode(
    OID.bytea,
    values,
    (value) => value.length,
    (into, value, at) => into.set(value, at),
  );
}

/** Of texts as `writable` makes them. */
export function texts(values: readonly (string | null)[]): Buffer {
  const written = values.map((value) => (value === null ? null : writable(value)));
  return encode(OID.text, written, Buffer.byteLength, (into, value, at) => into.write(value, at));
}

/** Of ids in their canonical form only: see `isUuid`. */
export function uuids(values: readonly string[]): Buffer {
  return encode(
    OID.uuid,
    values,
    () => 16,
    (into, value, at) => into.write(value.replaceAll('-', ''), at, 'hex'),
  );
}

/** What PostgreSQL would give back as it was given: another spelling would be another id to us, and the same one to it. */
export function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id);
}

/** A vendor's id may hold U+0000, which no text of PostgreSQL may. U+0001 stands before what is not meant as it stands. */
export function writable(text: string): string {
  return UNWRITABLE.test(text) ? text.replaceAll('\u0001', '\u0001a').replaceAll('\0', '\u0001b') : text;
}

export function written(text: string): string {
  return text.includes('\u0001') ? text.replaceAll('\u0001b', '\0').replaceAll('\u0001a', '\u0001') : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters it is about
const UNWRITABLE = /[\0\u0001]/;
