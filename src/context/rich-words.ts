// Owns how a message that is more than text reads where the channel has text only: titles, texts, addresses and options, a line each. Vendors'
// shapes differ, and some are published only in part, so it is read by the words that all of them use. Total; nothing readable is left out.

/** As they are read aloud: what it is called, what it says, what more is to be known, and where it leads. */
const WORDS = ['title', 'subtitle', 'text', 'altText', 'label', 'description'] as const;
/** What machines say to each other, and pictures beside an option. */
const UNREAD: ReadonlySet<string> = new Set(['icon', 'data', 'metadata', 'parameters', 'postback', 'style']);
/** What the customer may choose from, or what comes in pairs. */
const LISTED = /(repl(y|ies)|actions?|options?|choices|buttons?|facts)$/i;
const DEEPEST = 16;

type Read = { readonly lines: string[]; readonly key: string; readonly depth: number };
type Fields = Readonly<Record<string, unknown>>;

/** The lines of what such a message contains; empty where there is nothing to read. Options and facts begin with `- `. */
export function richWords(content: unknown): string {
  const lines: string[] = [];
  walk(content, { lines, key: '', depth: 0 });
  return lines.join('\n');
}

function walk(value: unknown, read: Read): void {
  if (typeof value !== 'object' || value === null || read.depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (const one of value) walk(one, { ...read, depth: read.depth + 1 });
    return;
  }
  const fields = value as Fields;
  const words = wordsOf(fields, read.key);
  if (isListed(fields, read.key) && words.length > 0) read.lines.push(`- ${words.join(': ')}`);
  else read.lines.push(...words);
  for (const [key, inner] of Object.entries(fields)) {
    if (!UNREAD.has(key) && textOf(inner) === undefined) walk(inner, { ...read, key, depth: read.depth + 1 });
  }
}

function wordsOf(fields: Fields, key: string): readonly string[] {
  const url = textOf(fields.url);
  // A file is named: what it looks like is nothing that a text could say.
  if (textOf(fields.mimeType) !== undefined) return [`[${textOf(fields.fileName) ?? 'file'}]`];
  const said = WORDS.map((name) => textOf(fields[name])).filter((text) => text !== undefined);
  const value = /facts$/i.test(key) ? textOf(fields.value) : undefined;
  return [...said, ...(value === undefined ? [] : [value]), ...(url === undefined ? [] : [url])];
}

function isListed({ type }: Fields, key: string): boolean {
  return LISTED.test(key) || (typeof type === 'string' && /button/i.test(type));
}

/** A text, or the object that some vendors wrap it in. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'object' && value !== null && 'content' in value) return textOf(value.content);
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? undefined : text;
}
