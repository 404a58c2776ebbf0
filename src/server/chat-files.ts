// Owns files that go along in a conversation: how large and of which kinds they may be, that they are looked at by a configured scanner before
// anybody sees them, that they are kept sealed under a key of their own, and that a link to one is short-lived.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Instant, InteractionId, ManifestRef } from '../ids.ts';
import type { Journal } from '../journal/journal.ts';
import type { Attachment } from '../protocols/chat.ts';

export type FileLimits = {
  readonly largestBytes: number;
  /** Media types, each as it is named: `image/png`, `application/pdf`. */
  readonly types: readonly string[];
  readonly keepMs: number;
  readonly linkMs: number;
};

/** `clean`, or why not; `unavailable` where it could not be looked at, which is no clean bill either. */
export type Scan = (file: {
  readonly name: string;
  readonly mime: string;
  readonly content: Uint8Array;
}) => Promise<'clean' | 'infected' | 'unavailable'>;

export type FileRefusal = 'file-too-large' | 'file-type-refused' | 'file-infected' | 'file-not-scanned';

export type KeptFile = { readonly mime: string; readonly name: string; readonly content: Uint8Array };

type Parts = {
  readonly journal: Pick<Journal, 'putBlob' | 'readBlob'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly limits: FileLimits;
  readonly scan: Scan;
  /** Signs links. */
  readonly secret: Uint8Array;
};

type Sealed = Attachment & { readonly interactionId: InteractionId; readonly base64: string };

/** Beginnings by which a file shows its kind: what it says of itself is not believed. */
const SIGNATURES: readonly (readonly [mime: string, at: number, bytes: readonly number[]])[] = [
  ['image/png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', 0, [0xff, 0xd8, 0xff]],
  ['image/gif', 0, [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', 8, [0x57, 0x45, 0x42, 0x50]],
  ['application/pdf', 0, [0x25, 0x50, 0x44, 0x46, 0x2d]],
];
const LONGEST_NAME = 120;

export class ChatFiles {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get limits(): FileLimits {
    return this.#parts.limits;
  }

  /** Takes a file in: limits, kind, scan, and only then is it kept. Under a `ref` of the caller's it is kept once, however often it comes. */
  async take(
    interactionId: InteractionId,
    name: string,
    content: Uint8Array,
    ref = this.#parts.newId(),
  ): Promise<Attachment | { readonly refused: FileRefusal }> {
    const { limits, scan, journal, clock } = this.#parts;
    if (content.length > limits.largestBytes) return { refused: 'file-too-large' };
    const mime = kindOf(content);
    if (mime === undefined || !limits.types.includes(mime)) return { refused: 'file-type-refused' };
    const safe = safeName(name);
    const verdict = await scan({ name: safe, mime, content });
    if (verdict === 'infected') return { refused: 'file-infected' };
    if (verdict !== 'clean') return { refused: 'file-not-scanned' };
    const file: Attachment = { ref, name: safe, mime, bytes: content.length };
    const sealed: Sealed = { ...file, interactionId, base64: Buffer.from(content).toString('base64') };
    const expiresAt = clock.now() + limits.keepMs;
    await journal.putBlob({ ref: file.ref as ManifestRef, content: JSON.stringify(sealed), expiresAt });
    return file;
  }

  /** What is known of a file that was taken in for this conversation. */
  async find(interactionId: InteractionId, ref: string): Promise<Attachment | null> {
    const found = await this.#read(ref);
    if (!found || found.interactionId !== interactionId) return null;
    const { name, mime, bytes } = found;
    return { ref, name, mime, bytes };
  }

  /** The file of a conversation, whole. */
  async open(interactionId: InteractionId, ref: string): Promise<KeptFile | null> {
    const found = await this.#read(ref);
    return found && found.interactionId === interactionId ? fileOf(found) : null;
  }

  /** Path and query of a link that whoever has it can open for a short while: for a platform that fetches what it is told of. */
  link(ref: string): string {
    const until = this.#parts.clock.now() + this.#parts.limits.linkMs;
    return `/c/files/${ref}?until=${until}&sign=${this.#sign(ref, until)}`;
  }

  async openLink(ref: string, until: Instant, sign: string): Promise<KeptFile | null> {
    const offered = Buffer.from(sign);
    const wanted = Buffer.from(this.#sign(ref, until));
    const good = offered.length === wanted.length && timingSafeEqual(offered, wanted);
    if (!good || until <= this.#parts.clock.now()) return null;
    const found = await this.#read(ref);
    return found && fileOf(found);
  }

  async #read(ref: string): Promise<Sealed | null> {
    const blob = await this.#parts.journal.readBlob(ref as ManifestRef, this.#parts.clock.now());
    if (!blob) return null;
    const read = JSON.parse(blob.content) as Partial<Sealed>;
    // Manifests are kept in the same place, and are none of these.
    return typeof read.base64 === 'string' && read.ref === ref ? (read as Sealed) : null;
  }

  #sign(ref: string, until: Instant): string {
    return createHmac('sha256', this.#parts.secret).update(`file ${ref} ${until}`).digest('base64url');
  }
}

function fileOf({ name, mime, base64 }: Sealed): KeptFile {
  return { name, mime, content: new Uint8Array(Buffer.from(base64, 'base64')) };
}

/** By its own bytes; undefined for what is none of the known kinds. */
function kindOf(content: Uint8Array): string | undefined {
  return SIGNATURES.find(([, at, bytes]) => bytes.every((byte, index) => content[at + index] === byte))?.[0];
}

/** Fit for a header, a screen and a disk: no path, nothing that is not seen. */
function safeName(name: string): string {
  const plain = name
    .normalize('NFC')
    .replace(/[\p{C}/\\:*?"<>|]+/gu, '_')
    .trim();
  return plain.slice(-LONGEST_NAME) || 'file';
}
