// Owns the custom element `<throughline-card>`: which state it is in, when it asks again, and the agent's sign-in. Attributes:
// `platform`, `conversation-id`, `manifest-ref`, `theme` (`light`, `dark`), `lang`.

import type { Briefing, CardAddress, CardState } from './briefing.ts';
import { briefingView, triggerOf } from './briefing-view.ts';
import css from './card.css?inline';
import { type Asking, openSession, readBriefing, sendReceipt, signInPlace } from './card-service.ts';
import { copyButton } from './copy-button.ts';
import { element } from './markup.ts';
import { type Attempt, beginSignIn, keepForRedirect, type Returned, redeemCode, returnedBy } from './sign-in.ts';
import { type Deed, stateView } from './state-view.ts';
import { textsFor } from './texts.ts';
import { onWaitingLine } from './waiting-line.ts';

const WAIT_FIRST_MS = 1_000;
const WAIT_LONGEST_MS = 8_000;
const RECEIPT_TRIES = 4;
/** A service that held its answer this long is asked on at once. */
const HELD_MS = 1_000;

export class ThroughlineCard extends HTMLElement {
  static readonly observedAttributes = ['platform', 'conversation-id', 'manifest-ref', 'lang'];

  readonly #body = element('div', {});
  readonly #status = element('div', { class: 'unseen', role: 'status' });
  #run = new AbortController();
  #waitMs = WAIT_FIRST_MS;
  /** Made ahead, so that the click itself can open the window: browsers block those that come later. */
  #attempt: Promise<Attempt> | null = null;
  /** The platform's token: here and nowhere else. */
  #userToken: string | null = null;
  /** What the desktop opened this card with, until the service has answered for it. */
  #reference: string | null = null;
  #moveFocus = false;
  /** The state that is shown. */
  #onCard = '';
  /** What the briefing on the card names, for its receipt. */
  #fields = new Set<string>();

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    root.append(this.#status, this.#body);
    this.#show({ kind: 'loading' });
  }

  connectedCallback(): void {
    this.#readdressed();
  }

  disconnectedCallback(): void {
    this.#run.abort();
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (this.isConnected && before !== after) this.#readdressed();
  }

  get address(): CardAddress {
    const of = (name: string) => this.getAttribute(name) ?? '';
    return { platform: of('platform'), conversationId: of('conversation-id'), ref: of('manifest-ref') };
  }

  /** Opens it with a reference of the desktop's script, which is good for once. */
  open(reference: string): void {
    this.#reference = reference;
    this.#readdressed();
  }

  /** Goes on with a sign-in that the browser has come back from. */
  async resume(attempt: Attempt, returned: Returned): Promise<void> {
    this.#run.abort();
    this.#run = new AbortController();
    this.#show({ kind: 'signing-in' });
    await this.#redeem(attempt, returned, this.#run.signal);
  }

  /** Attributes are set one by one; what they name together is asked for once. */
  #readdressed(): void {
    const { signal } = this.#run;
    queueMicrotask(() => {
      if (!signal.aborted && this.isConnected) this.#restart();
    });
  }

  #restart(): void {
    this.#run.abort();
    this.#run = new AbortController();
    this.#waitMs = WAIT_FIRST_MS;
    const addressed = this.address.conversationId !== '';
    this.#show({ kind: addressed ? 'loading' : 'unaddressed' });
    if (addressed) void this.#load(this.#run.signal);
  }

  async #load(signal: AbortSignal): Promise<void> {
    const state = await this.#answer({ signal, waits: false });
    if (!signal.aborted) await this.#goOn(state, signal);
  }

  async #goOn(state: CardState, signal: AbortSignal): Promise<void> {
    this.#show(state);
    if (state.kind === 'ready') this.#shown(state.briefing, signal);
    if (state.kind === 'signed-out') await this.#prepareSignIn(signal);
    if (state.kind === 'waiting') await this.#wait(signal);
    if (state.kind === 'failed') this.#askAgain(signal);
  }

  /** The service answers when the bot hands over; one that does not wait is asked again later. */
  async #wait(signal: AbortSignal): Promise<void> {
    for (;;) {
      const since = performance.now();
      const state = await onWaitingLine((waits) => this.#answer({ signal, waits }));
      if (signal.aborted) return;
      if (state.kind !== 'waiting') return void (await this.#goOn(state, signal));
      if (performance.now() - since < HELD_MS) return this.#askAgain(signal);
    }
  }

  /** With a token of this page's own, a session that has ended is opened again before the agent is asked for anything. */
  async #answer(asking: Asking): Promise<CardState> {
    try {
      if (this.#reference !== null) return await this.#opened(this.#reference, asking);
      const state = await readBriefing(this.address, asking);
      if (state.kind !== 'signed-out' && state.kind !== 'not-yours') return state;
      if (this.#userToken === null) return state;
      return (
        (await openSession(this.address, { userToken: this.#userToken })) ?? (await readBriefing(this.address, asking))
      );
    } catch {
      return { kind: 'failed' };
    }
  }

  /**
   * What could not be asked is asked again. A desktop that shows its page once more brings the same reference again: then the session
   * that it opened is what counts, and that it is spent only where there is none.
   */
  async #opened(reference: string, asking: Asking): Promise<CardState> {
    const refused = await openSession(this.address, { reference });
    if (refused?.kind === 'failed') return refused;
    this.#reference = null;
    const state = await readBriefing(this.address, asking);
    return refused && (state.kind === 'unopened' || state.kind === 'signed-out') ? refused : state;
  }

  /** Each time a little later, by a little chance: a desktop full of cards does not knock in step. */
  #askAgain(signal: AbortSignal): void {
    const after = this.#waitMs * (0.85 + Math.random() * 0.3);
    this.#waitMs = Math.min(this.#waitMs * 1.6, WAIT_LONGEST_MS);
    const timer = setTimeout(() => void this.#load(signal), after);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  async #prepareSignIn(signal: AbortSignal): Promise<void> {
    try {
      this.#attempt = signInPlace(this.address.platform).then(beginSignIn);
      await this.#attempt;
    } catch {
      if (signal.aborted) return;
      this.#show({ kind: 'failed' });
      this.#askAgain(signal);
    }
  }

  #act(deed: Deed): void {
    this.#moveFocus = true;
    if (deed === 'sign-in' && this.#attempt) void this.#signIn(this.#attempt, this.#run.signal);
    else this.#restart();
  }

  /** In a frame the platform's login page may not stand: it gets a window. A page of its own goes there itself. */
  async #signIn(prepared: Promise<Attempt>, signal: AbortSignal): Promise<void> {
    const attempt = await prepared.catch(() => null);
    if (!attempt || signal.aborted) return;
    if (window.top === window) {
      keepForRedirect({ attempt, address: this.address, theme: this.getAttribute('theme') });
      return location.assign(attempt.url);
    }
    const popup = window.open(attempt.url, '', 'popup,width=480,height=680');
    if (!popup) return this.#show({ kind: 'signed-out', because: 'no-window' });
    this.#show({ kind: 'signing-in' });
    const returned = await returnedBy(popup, attempt.state, signal);
    popup.close();
    if (signal.aborted) return;
    if (!returned) return this.#restart();
    await this.#redeem(attempt, returned, signal);
  }

  async #redeem(attempt: Attempt, { code }: Returned, signal: AbortSignal): Promise<void> {
    const state = await this.#sessionFrom(attempt, code).catch((): CardState => ({ kind: 'failed' }));
    if (signal.aborted) return;
    if (state === null) return void (await this.#load(signal));
    this.#show(state);
    if (state.kind === 'signed-out') await this.#prepareSignIn(signal);
    if (state.kind === 'failed') this.#askAgain(signal);
  }

  async #sessionFrom(attempt: Attempt, code: string | null): Promise<CardState | null> {
    this.#userToken = code === null ? null : await redeemCode(attempt, code);
    if (this.#userToken === null) return { kind: 'signed-out', because: 'refused' };
    return await openSession(this.address, { userToken: this.#userToken });
  }

  #show(state: CardState): void {
    // Trying again must not take the button from under the agent's finger, nor say the same words twice.
    const same = JSON.stringify(state);
    if (same === this.#onCard && !this.#moveFocus) return;
    this.#onCard = same;
    const { language, texts } = this.#language();
    const announce = (words: string) => {
      this.#status.textContent = words;
    };
    this.dataset.state = state.kind;
    this.#body.lang = language;
    if (state.kind === 'ready') {
      this.#fields = new Set();
      const copy = (what: string, value: string, label?: string) => copyButton({ what, value, label }, texts, announce);
      const shown = (field: string) => this.#fields.add(field);
      const how = { texts, language, now: new Date(), copy, shown };
      this.#body.replaceChildren(briefingView(state.briefing, how));
      announce(texts.ready(triggerOf(state.briefing, texts)));
    } else {
      const { view, title } = stateView(state, texts, (deed) => this.#act(deed));
      this.#body.replaceChildren(view);
      announce(title);
    }
    // Only after the agent has pressed something: a card that loads by itself takes the focus from nobody.
    if (this.#moveFocus && state.kind !== 'loading' && state.kind !== 'signing-in') {
      this.#moveFocus = false;
      this.#body.querySelector('h1')?.focus();
    }
  }

  /** The receipt is sent once the browser has painted what it names. */
  #shown({ ref, expiresAt }: Briefing, signal: AbortSignal): void {
    const fields = [...this.#fields];
    const paint = () => setTimeout(() => void this.#receipt(ref, fields, new Date().toISOString(), signal));
    requestAnimationFrame(paint);
    const left = Date.parse(expiresAt) - Date.now();
    if (!(left < 2 ** 31)) return;
    const expiry = setTimeout(() => this.#show({ kind: 'expired' }), Math.max(left, 0));
    signal.addEventListener('abort', () => clearTimeout(expiry), { once: true });
  }

  async #receipt(ref: string, fields: readonly string[], at: string, signal: AbortSignal): Promise<void> {
    for (let tried = 0; tried < RECEIPT_TRIES && !signal.aborted; tried += 1) {
      if (await sendReceipt(ref, fields, at)) {
        this.dataset.receipt = 'sent';
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, WAIT_FIRST_MS * 2 ** tried));
    }
  }

  #language() {
    const asked = this.closest('[lang]')?.getAttribute('lang');
    return textsFor(this.hasAttribute('lang') && asked ? [asked] : navigator.languages);
  }
}
