// Owns the search of raw files: every byte of every file below a folder, for a text in any form in which it could have got there.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export function filesBelow(folder: string): readonly { readonly name: string; readonly content: Buffer }[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((name) => contentOf(name));
}

/** A running server removes files of its own between our seeing them and our reading them. */
function contentOf(name: string): readonly { readonly name: string; readonly content: Buffer }[] {
  try {
    return [{ name, content: readFileSync(name) }];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** A text as bytes may hold it: in UTF-8 and UTF-16, percent-encoded, in hexadecimal, and in Base64 at each of its three alignments. */
export function formsOf(text: string): readonly Buffer[] {
  const utf8 = Buffer.from(text, 'utf8');
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  const plain = [text, text.toLowerCase(), text.toUpperCase()].map((one) => Buffer.from(one));
  const hex = utf8.toString('hex');
  const coded = [encodeURIComponent(text), hex, hex.toUpperCase(), ...inBase64(utf8)];
  return [...plain, little, big, ...coded.map((one) => Buffer.from(one))];
}

/** The part of the encoding that is the same whatever stands before and after. */
function inBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const inner = encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3) - 1);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** Which of the texts are in the content, in any form. */
export function foundIn(content: Buffer, texts: readonly string[]): readonly string[] {
  return texts.filter((text) => formsOf(text).some((form) => content.includes(form)));
}
