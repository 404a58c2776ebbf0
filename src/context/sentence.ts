// Owns the one form in which a known fact is told to an agent: `Label: value.`, on one line.

/** Printable ASCII with single spaces within it, as nearly every value is. */
const ONE_LINE = /^[!-~]+(?: [!-~]+)*$/;

/** The fact as a sentence, or nothing when it is not known. Line breaks become spaces; a value that ends a sentence itself gets no second stop. */
export function sentence(label: string, value: string | undefined): string {
  const text = oneLine(value ?? '');
  if (text === '') return '';
  return /[.!?…]["”]?$/u.test(text) ? `${label}: ${text}` : `${label}: ${text}.`;
}

/** The sentences that say something, in one line. */
export function paragraph(sentences: readonly string[]): string {
  return sentences.filter((one) => one !== '').join(' ');
}

function oneLine(text: string): string {
  if (ONE_LINE.test(text)) return text;
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
