// Owns how the conversation is shown: the lines, who has it, and the field to write in. Only what is new is added, so that a screen reader
// says each line once and nobody's place is lost.

import type { LineState } from './chat-line.ts';
import type { FileRules } from './chat-service.ts';
import type { Conversation, Line, Presence, Unsent } from './conversation.ts';
import { button, element } from './element.ts';
import type { Texts } from './texts.ts';

export type Deeds = {
  readonly say: (text: string) => void;
  readonly writing: () => void;
  readonly attach: (file: File) => void;
  readonly again: (line: Extract<Line, { kind: 'message' }>) => void;
  readonly end: () => void;
  readonly fresh: () => void;
};

/** How near to the newest line somebody reads who wants to see the next one come. */
const NEAR_PX = 80;

export class ChatView {
  readonly root: HTMLElement;
  readonly #texts: Texts;
  readonly #deeds: Deeds;
  readonly #language: string;
  readonly #who = element('p', { class: 'who', role: 'status' });
  readonly #list = element('ol', { class: 'lines' });
  readonly #waiting = element('ol', { class: 'lines' });
  readonly #typing = element('p', { class: 'typing', hidden: '' });
  readonly #notice = element('p', { class: 'notice', role: 'alert' });
  readonly #form: HTMLFormElement;
  readonly #log: HTMLElement;
  readonly #ending: HTMLElement;
  readonly #shown = new Map<number, string>();
  #waits = '';

  constructor(texts: Texts, language: string, deeds: Deeds, files: FileRules | null) {
    this.#texts = texts;
    this.#deeds = deeds;
    this.#language = language;
    this.#form = this.#writing(files);
    this.#ending = this.#endButton();
    this.#log = element(
      'div',
      { class: 'log', role: 'log', 'aria-label': texts.log, tabindex: '0' },
      this.#list,
      this.#waiting,
      this.#typing,
    );
    this.root = element(
      'section',
      { class: 'chat' },
      element('header', {}, element('h1', {}, texts.heading), this.#ending, this.#who),
      this.#log,
      this.#notice,
      this.#form,
    );
  }

  focus(): void {
    this.#form.querySelector('textarea')?.focus();
  }

  notice(words: string): void {
    if (this.#notice.textContent !== words) this.#notice.textContent = words;
  }

  show({ lines, unsent, presence }: Conversation, state: LineState): void {
    const isNear = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < NEAR_PX;
    for (const line of lines) this.#line(line);
    this.#unsent(unsent, state);
    this.#stand(presence, state);
    if (isNear) this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** A line in its place; one that is there is made anew only when something of it has changed. */
  #line(line: Line): void {
    const same = JSON.stringify(line);
    if (this.#shown.get(line.seq) === same) return;
    const made = line.kind === 'mark' ? this.#mark(line) : this.#message(line);
    made.dataset.seq = String(line.seq);
    const old = this.#list.querySelector(`[data-seq="${line.seq}"]`);
    this.#shown.set(line.seq, same);
    if (old) return void old.replaceWith(made);
    const next = [...this.#list.children].find((child) => Number((child as HTMLElement).dataset.seq) > line.seq);
    this.#list.insertBefore(made, next ?? null);
  }

  #mark({ mark, name }: Extract<Line, { kind: 'mark' }>): HTMLElement {
    const { joined, marks } = this.#texts;
    const words = mark === 'person-joined' && name !== undefined ? joined(name) : (marks[mark] ?? mark);
    return element('li', { class: 'mark' }, element('span', {}, words));
  }

  #message(line: Extract<Line, { kind: 'message' }>): HTMLElement {
    const { from, text, at, delivery, attachments = [] } = line;
    const time = new Date(at).toLocaleTimeString(this.#language, { hour: '2-digit', minute: '2-digit' });
    const files = attachments.map(({ ref, name }) =>
      element('a', { class: 'file', href: `/c/files/${encodeURIComponent(ref)}`, download: '' }, name),
    );
    return element(
      'li',
      { class: `message ${from}` },
      element('span', { class: 'name' }, `${this.#nameOf(line)} · ${time}`),
      text !== '' && element('p', { class: 'text', dir: 'auto' }, text),
      ...files,
      delivery && this.#undelivered(line, delivery),
    );
  }

  #undelivered(line: Extract<Line, { kind: 'message' }>, delivery: 'uncertain' | 'failed'): HTMLElement {
    const again = button(this.#texts.again, () => this.#deeds.again(line), 'plain');
    return element('span', { class: 'delivery' }, `${this.#texts[delivery]} `, again);
  }

  #nameOf({ from, name }: Extract<Line, { kind: 'message' }>): string {
    const { you, bot, agent } = this.#texts;
    if (from === 'customer') return you;
    return from === 'bot' ? bot : (name ?? agent);
  }

  #unsent(unsent: readonly Unsent[], { connected }: LineState): void {
    const same = JSON.stringify([unsent, connected]);
    if (same === this.#waits) return;
    this.#waits = same;
    const words = connected ? this.#texts.sending : this.#texts.waiting;
    const items = unsent.map(({ text }) =>
      element(
        'li',
        { class: 'message customer unsent' },
        element('span', { class: 'name' }, `${this.#texts.you} · ${words}`),
        element('p', { class: 'text', dir: 'auto' }, text),
      ),
    );
    this.#waiting.replaceChildren(...items);
    this.#waiting.hidden = items.length === 0;
  }

  #stand(presence: Presence, { connected, typing, tooFast }: LineState): void {
    const texts = this.#texts;
    const who = whoHas(presence, texts);
    if (this.#who.textContent !== who) this.#who.textContent = who;
    this.root.dataset.holder = presence.over ? 'over' : presence.holder;
    this.root.dataset.connected = String(connected);
    const isTyping = (typing || presence.typing) && !presence.over;
    this.#typing.hidden = !isTyping;
    const writer = presence.holder === 'agent' ? (presence.name ?? texts.agent) : texts.bot;
    this.#typing.textContent = isTyping ? `${writer} ${texts.typing}` : '';
    if (!connected && !presence.over) this.notice(texts.offline);
    else if (tooFast) this.notice(texts.tooFast);
    else if (this.#notice.textContent === texts.offline || this.#notice.textContent === texts.tooFast) this.notice('');
    this.#ending.hidden = presence.over;
    if (presence.over && this.#form.isConnected) {
      this.#form.replaceWith(element('p', { class: 'after' }, button(texts.startFresh, this.#deeds.fresh)));
    }
  }

  #writing(files: FileRules | null): HTMLFormElement {
    const { write, send } = this.#texts;
    const field = element('textarea', { id: 'text', rows: '1', maxlength: '4000', autocomplete: 'off', dir: 'auto' });
    const form = element(
      'form',
      {},
      element('label', { for: 'text', class: 'unseen' }, write),
      files && this.#fileField(files),
      field,
      element('button', { type: 'submit' }, send),
    );
    field.setAttribute('placeholder', write);
    const say = (event: Event) => {
      event.preventDefault();
      const text = field.value.trim();
      if (text === '') return;
      field.value = '';
      this.#deeds.say(text);
      this.#log.scrollTop = this.#log.scrollHeight;
      field.focus();
    };
    form.addEventListener('submit', say);
    field.addEventListener('input', () => this.#deeds.writing());
    field.addEventListener('keydown', (event) => {
      // While a character is being composed, Enter chooses it.
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) say(event);
    });
    return form;
  }

  #fileField({ types }: FileRules): HTMLElement {
    const input = element('input', { type: 'file', id: 'file', class: 'unseen', accept: types.join(',') });
    input.addEventListener('change', () => {
      const [file] = input.files ?? [];
      if (file) this.#deeds.attach(file);
      input.value = '';
    });
    const label = element('label', { for: 'file', class: 'attach', title: this.#texts.attach });
    label.append(
      element('span', { class: 'unseen' }, this.#texts.attach),
      element('span', { 'aria-hidden': 'true' }, '+'),
    );
    return element('span', { class: 'attaching' }, input, label);
  }

  /** Asks once more: what was said by mistake is said again, an ended talk is not. */
  #endButton(): HTMLElement {
    const { end, endSure, endYes, endNo } = this.#texts;
    const dialog = element(
      'dialog',
      { 'aria-label': endSure },
      element('p', {}, endSure),
      button(endNo, () => dialog.close()),
      button(
        endYes,
        () => {
          dialog.close();
          this.#deeds.end();
        },
        'plain',
      ),
    );
    return element(
      'div',
      { class: 'ending' },
      button(end, () => dialog.showModal(), 'plain'),
      dialog,
    );
  }
}

function whoHas({ holder, name, over }: Presence, texts: Texts): string {
  if (over) return texts.over;
  if (holder === 'agent') return name === undefined ? texts.withSomebody : texts.withAgent(name);
  return holder === 'queue' ? texts.withQueue : texts.withBot;
}
