// Owns who is connected to which conversation on this node, and that each is told what happens in it, in order and without a gap: what this
// process takes is passed on at once, what others take is read from the journal. Little is kept per connection, since thousands are open.

import type { ExternalId, InteractionId, PlatformName } from '../ids.ts';
import type { Journal } from '../journal/journal.ts';
import type { News, Runner } from '../journal/runner.ts';
import type { Store } from '../journal/store.ts';
import { type Chat, chatOn } from '../protocols/chat.ts';
import { type Interaction, isErased } from '../protocols/interaction.ts';
import type { AgentNaming } from './agent-naming.ts';
import type { ServerFrame } from './chat-frames.ts';
import { type ChatLine, deliveryIn, lineIn, linesOf, type Presence, presenceOf } from './chat-lines.ts';

/** One connection, as the hub sees it. */
export type Listener = {
  readonly interactionId: InteractionId;
  readonly externalId: ExternalId;
  readonly device: string;
  readonly send: (frame: ServerFrame) => void;
  readonly close: (why: 'otherTab' | 'otherDevice' | 'noSession' | 'later') => void;
};

type Connection = {
  readonly listener: Listener;
  /** The newest line it was sent; null until it has said what it has seen. */
  sent: number | null;
  /** It is being read for: news wait. */
  reading: boolean;
  again: boolean;
  presence: string;
};

type Parts = {
  readonly journal: Pick<Journal, 'history'> & { readonly store: Pick<Store, 'onOthersAppended'> };
  readonly runner: Pick<Runner, 'read' | 'onTaken'>;
  readonly anchor: PlatformName;
  readonly naming?: Pick<AgentNaming, 'see'> | undefined;
};

export class ChatHub implements Disposable {
  readonly #parts: Parts;
  readonly #open = new Map<InteractionId, Connection[]>();
  readonly #stops: readonly (() => void)[];
  readonly #onError: (error: unknown) => void;
  #count = 0;

  constructor(parts: Parts, onError: (error: unknown) => void) {
    this.#parts = parts;
    this.#onError = onError;
    this.#stops = [
      parts.runner.onTaken((news) => this.#heard(news)),
      parts.journal.store.onOthersAppended((others) => {
        const ids = others === 'missed' ? [...this.#open.keys()] : others.map(({ id }) => id);
        for (const id of ids) for (const one of this.#open.get(id) ?? []) this.#catchUp(one);
      }),
    ];
  }

  get count(): number {
    return this.#count;
  }

  /** Adds a connection; another tab of the same device is closed. Returns what it can do. */
  join(listener: Listener): { readonly hello: (seen: number) => void; readonly leave: () => void } {
    const connection: Connection = { listener, sent: null, reading: false, again: false, presence: '' };
    const { interactionId, externalId, device } = listener;
    const before = this.#open.get(interactionId) ?? [];
    for (const one of before) {
      if (one.listener.externalId === externalId && one.listener.device === device) one.listener.close('otherTab');
    }
    // Who was closed leaves by itself, and later: it must not take this one along.
    this.#open.set(interactionId, [...(this.#open.get(interactionId) ?? []), connection]);
    this.#count += 1;
    return {
      hello: (seen) => {
        if (connection.sent !== null) return;
        connection.sent = seen;
        this.#catchUp(connection, true);
      },
      leave: () => this.#leave(connection),
    };
  }

  /** Somebody at the far side is writing: told to whoever is here, kept nowhere. */
  typing(interactionId: InteractionId): void {
    for (const { listener } of this.#open.get(interactionId) ?? []) listener.send({ type: 'typing' });
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }

  #leave(connection: Connection): void {
    const { interactionId } = connection.listener;
    const rest = (this.#open.get(interactionId) ?? []).filter((one) => one !== connection);
    if (rest.length === (this.#open.get(interactionId) ?? []).length) return;
    this.#count -= 1;
    if (rest.length > 0) this.#open.set(interactionId, rest);
    else this.#open.delete(interactionId);
  }

  #heard({ id, events, state }: News): void {
    const connections = this.#open.get(id);
    if (!connections) return;
    for (const one of connections) {
      const leg = this.#legOf(one);
      const lines = events.flatMap((event) => lineIn(event, leg) ?? []);
      for (const event of events) {
        const told = deliveryIn(event, leg);
        if (told && one.sent !== null) one.listener.send({ type: 'delivery', id: told.id, delivery: told.delivery });
      }
      this.#pass(one, lines);
      this.#stand(one, isErased(state) ? null : state);
    }
  }

  #legOf({ listener }: Connection): Pick<Chat['leg'], 'platform' | 'externalId'> {
    return { platform: this.#parts.anchor, externalId: listener.externalId };
  }

  /** Lines in order: those it has are left out, and where some are missing they are read. */
  #pass(one: Connection, lines: readonly ChatLine[]): void {
    if (one.sent === null || lines.length === 0) return;
    if (one.reading) {
      one.again = true;
      return;
    }
    const sent = one.sent;
    const fresh = lines.filter(({ seq }) => seq > sent);
    const [first] = fresh;
    if (!first) return;
    if (first.seq !== sent + 1) return void this.#catchUp(one);
    one.sent = fresh.at(-1)?.seq ?? sent;
    one.listener.send({ type: 'lines', lines: fresh });
  }

  /** How things stand, where that is news; and who no longer has the conversation goes. */
  #stand(one: Connection, state: Interaction | null): void {
    const chat = state && chatOn(state, this.#legOf(one));
    if (!state || !chat) return void one.listener.close('noSession');
    if (chat.device !== one.listener.device) return void one.listener.close('otherDevice');
    if (one.sent === null || one.reading) return;
    this.#parts.naming?.see(state, chat);
    this.#present(one, presenceOf(state, chat));
  }

  #present(one: Connection, presence: Presence): void {
    const text = JSON.stringify(presence);
    if (text === one.presence) return;
    one.presence = text;
    one.listener.send({ type: 'presence', presence });
  }

  #catchUp(one: Connection, first = false): void {
    if (one.reading) {
      one.again = true;
      return;
    }
    one.reading = true;
    void this.#read(one, first).catch((error) => {
      one.reading = false;
      // It asks again once the journal can be read: what it has seen it knows itself.
      one.listener.close('later');
      this.#onError(error);
    });
  }

  async #read(one: Connection, first: boolean): Promise<void> {
    let welcome = first;
    do {
      one.again = false;
      const found = await this.#standing(one);
      if (!found) return;
      const { state, chat } = found;
      const seen = one.sent ?? 0;
      const entries = chat.seq > seen ? await this.#parts.journal.history(state.id) : [];
      const lines = linesOf(entries ?? [], chat.leg, seen);
      one.sent = Math.max(seen, lines.at(-1)?.seq ?? 0);
      this.#parts.naming?.see(state, chat);
      this.#tell(one, { lines, presence: presenceOf(state, chat), welcome });
      welcome = false;
    } while (one.again);
    one.reading = false;
  }

  /** The conversation as it stands; null where it is this connection's no more, which is closed. */
  async #standing({ listener }: Connection): Promise<{ readonly state: Interaction; readonly chat: Chat } | null> {
    const found = await this.#parts.runner.read(listener.interactionId);
    const state = found && !isErased(found.state) ? found.state : null;
    const chat = state && chatOn(state, { platform: this.#parts.anchor, externalId: listener.externalId });
    if (state && chat && chat.device === listener.device) return { state, chat };
    listener.close(chat ? 'otherDevice' : 'noSession');
    return null;
  }

  #tell(one: Connection, { lines, presence, welcome }: Told): void {
    if (welcome) {
      one.presence = JSON.stringify(presence);
      one.listener.send({ type: 'welcome', lines, presence });
      return;
    }
    if (lines.length > 0) one.listener.send({ type: 'lines', lines });
    this.#present(one, presence);
  }
}

type Told = { readonly lines: readonly ChatLine[]; readonly presence: Presence; readonly welcome: boolean };
