// Owns the page `/c/{token}`: the link's token is exchanged for a session and leaves the address bar, then the conversation is shown, or why
// there is none and what can be done.

import { ChatLine, type Ended } from './chat-line.ts';
import { type Asked, comeBack, type Entry, enter, type FileRules, type Help, sendFile } from './chat-service.ts';
import { ChatView } from './chat-view.ts';
import { Conversation } from './conversation.ts';
import { helpView } from './help-view.ts';
import { textsFor } from './texts.ts';

/** What stands in the address bar instead of a token. */
const NEUTRAL = 'chat';
const DEVICE = 'throughline-device';
const TRY_AGAIN_MS = 3_000;

const { language, texts } = textsFor(navigator.languages);
const page = document.querySelector('#page') as HTMLElement;
const token = decodeURIComponent(location.pathname.split('/').at(-1) ?? '');
const hasToken = token !== '' && token !== NEUTRAL;
let known: Help = { fresh: true };

document.documentElement.lang = language;
document.title = texts.title;

/** The browser's own name, and nobody's else: so that a refresh comes back to the same conversation. */
function device(): string {
  try {
    const kept = localStorage.getItem(DEVICE) ?? crypto.randomUUID();
    localStorage.setItem(DEVICE, kept);
    return kept;
  } catch {
    return unkept;
  }
}
const unkept = newId();

/** Whether this browser has had a chat with us before: then there is something to come back to. */
function wasHere(): boolean {
  try {
    return localStorage.getItem(DEVICE) !== null;
  } catch {
    return false;
  }
}
const isNew = !wasHere();

/** `randomUUID` is for secure pages only, and a page tried out on a machine of one's own need not be one. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function start(ask: () => Promise<Entry>, move?: () => void): Promise<void> {
  const entry = await ask();
  if (entry.kind === 'unreachable') {
    help('unreachable');
    setTimeout(() => void start(ask, move), TRY_AGAIN_MS);
    return;
  }
  // From here on the token is this page's alone: neither history nor a look over the shoulder has it.
  if (hasToken) history.replaceState(null, '', `/c/${NEUTRAL}`);
  if (entry.kind === 'open') return converse(entry.files);
  known = entry.help;
  help(entry.code, entry.code === 'claim-already-active' ? move : undefined);
}

function claim(move: boolean): void {
  void start(
    () => enter({ token, device: device(), move }),
    () => claim(true),
  );
}

function begin(): void {
  sessionStorageCleared();
  const asked: Asked = { fresh: true, device: device() };
  void start(() => enter(asked));
}

/** Without a link: the chat that is open here, or, for who was never here, one that begins. */
async function arrive(): Promise<Entry> {
  await looked();
  const entry = await comeBack();
  if (!isNew || entry.kind !== 'help' || entry.code !== 'no-session') return entry;
  const begun = await enter({ fresh: true, device: device() });
  return begun.kind === 'help' && !begun.help.fresh ? { ...begun, code: 'no-session' } : begun;
}

/** Once somebody sees the page: what a browser fetches ahead, or opens behind, begins nothing. */
function looked(): Promise<void> {
  if (document.visibilityState === 'visible') return Promise.resolve();
  return new Promise((resolve) => document.addEventListener('visibilitychange', () => resolve(), { once: true }));
}

/** What was left unsent belongs to the conversation before. */
function sessionStorageCleared(): void {
  try {
    sessionStorage.clear();
  } catch {
    // There is none.
  }
}

function help(code: string, here?: () => void): void {
  const label = code === 'other-tab' ? texts.useHere : texts.continueHere;
  const ways = { fresh: begin, ...(here && { here: { label, act: here } }) };
  const view = helpView(code, code === 'unreachable' ? { ...known, fresh: false } : known, texts, ways);
  page.replaceChildren(view);
  view.querySelector('h1')?.focus();
}

function converse(files: FileRules | null): void {
  const conversation = new Conversation();
  const show = () => view.show(conversation, line.state);
  const ended = (why: Ended) => {
    if (why === 'other-tab') help(why, () => void start(comeBack));
    else help(why);
  };
  const line = new ChatLine(conversation, show, ended);
  const view: ChatView = new ChatView(
    texts,
    language,
    {
      say: (text) => line.say({ id: newId(), text }),
      writing: () => line.writing(),
      again: ({ text }) => line.say({ id: newId(), text }),
      end: () => line.end(),
      fresh: () => {
        line.close();
        begin();
      },
      attach: (file) => void attach(file),
    },
    files,
  );
  const attach = async (file: File) => {
    if (files && file.size > files.largestBytes) return view.notice(texts.fileTooLarge);
    view.notice(texts.uploading);
    const sent = await sendFile(file);
    if ('refused' in sent) return view.notice(texts[sent.refused]);
    view.notice('');
    line.say({ id: newId(), text: '', attachments: [sent.ref] });
  };
  page.replaceChildren(view.root);
  show();
  line.open();
  view.focus();
}

if (hasToken) claim(false);
else void start(arrive);
