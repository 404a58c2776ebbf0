// Owns the measuring and cutting of text in UTF-8 bytes, the unit of vendors' limits.

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The bytes that the text takes in UTF-8. A lone surrogate counts as U+FFFD, three bytes, as encoders write it. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // A pair of surrogates is two units and four bytes.
    const pair = unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    bytes += unit < 0x800 ? 1 : 2;
    if (pair) at += 1;
  }
  return bytes;
}

/** Whether the text takes at most `limitBytes` in UTF-8; a text that is far too long or surely short enough is not encoded. */
export function fitsBytes(text: string, limitBytes: number): boolean {
  if (text.length > limitBytes) return false;
  return text.length * 3 <= limitBytes || utf8Bytes(text) <= limitBytes;
}

/**
 * The longest start of the text that takes at most `limitBytes` and ends where a reader sees a character end (seed 004 §2
 * cuts the briefing at 256). A single character longer than the limit is cut between code points, never within one.
 */
export function cutToBytes(text: string, limitBytes: number): string {
  if (fitsBytes(text, limitBytes)) return text;
  // Every character takes a byte or more, so what lies beyond the limit (and one long cluster more) cannot matter.
  const reach = text.slice(0, limitBytes * 2 + 2);
  const cut = longestStart(
    Array.from(graphemes.segment(reach), ({ segment }) => segment),
    limitBytes,
  );
  return cut === '' ? longestStart(Array.from(reach), limitBytes) : cut;
}

function longestStart(pieces: readonly string[], limitBytes: number): string {
  let bytes = 0;
  const kept: string[] = [];
  for (const piece of pieces) {
    bytes += utf8Bytes(piece);
    if (bytes > limitBytes) break;
    kept.push(piece);
  }
  return kept.join('');
}
