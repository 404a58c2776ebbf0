// Owns a customer's page on one device: it exchanges a link for a session, keeps what was written until it is acknowledged and sends it again
// under its first id after a loss, reads on from the newest line it has, and steps back where it is told to. It believes what it is shown.

import type { SimNode } from '../node.ts';
import { verdictOf } from '../reach/deflect-desk.ts';
import type { World } from '../world.ts';
import type { ChatLine } from './chat-line.ts';
import type { ChatOracle, Hello, ShownLine, Talk } from './chat-oracle.ts';

/** As `server/chat-frames.ts` closes. */
const GIVES_UP: ReadonlySet<number | null> = new Set([4001, 4002, 4003, 4004]);
const LATEST_RETURN_MS = 4_000;

type Said = { readonly id: string; readonly text: string; at: number };
type Frame = {
  readonly type: string;
  readonly lines?: readonly ShownLine[];
  readonly id?: string;
  readonly seq?: number;
  readonly code?: string;
  readonly retryAfterMs?: number;
};

/** How it comes to a conversation: by a link, or without one. */
export type Entry = { readonly token: string } | { readonly fresh: true };

export class Device {
  readonly name: string;
  readonly talk: Talk;
  readonly entry: Entry;
  readonly #world: World;
  readonly #oracle: ChatOracle;
  #cookie: string | null = null;
  #line: ChatLine | null = null;
  #seen = 0;
  #hello: Hello | null = null;
  readonly #outbox = new Map<string, Said>();
  #written = 0;
  #asking = false;
  /** It was told that the conversation is not its any more, or is over. */
  isRetired = false;

  constructor(world: World, oracle: ChatOracle, { name, talk, entry }: Pick<Device, 'name' | 'talk' | 'entry'>) {
    this.#world = world;
    this.#oracle = oracle;
    this.name = name;
    this.talk = talk;
    this.entry = entry;
  }

  get hasSession(): boolean {
    return this.#cookie !== null;
  }

  get isConnected(): boolean {
    return this.#line?.isUp === true;
  }

  /** Asks for a session; `move`: here, although it may be open elsewhere. */
  async enter(move: boolean): Promise<void> {
    const { chance, nodes, reach, clock } = this.#world;
    const node = chance.pick(nodes.filter((one) => one.takesRequests));
    if (!node || this.#asking) return;
    this.#asking = true;
    const device = this.name;
    const body = 'token' in this.entry ? { token: this.entry.token, device, move } : { fresh: true, device };
    const claim = 'token' in this.entry ? reach.claims.asking({ token: this.entry.token, by: device, move }) : null;
    if (move) this.talk.moved = null;
    if (move) this.talk.asking.add(this.name);
    this.#tell(`asks ${node.name} for a session${move ? ', to move here' : ''}`);
    const answer = await this.#post(node, body);
    this.#asking = false;
    if (!answer) return;
    if (move) this.talk.asking.delete(this.name);
    this.#tell(`is answered ${answer.status} ${answer.code}`);
    const verdict = verdictOf(answer.status, answer.code);
    if (claim && verdict) reach.claims.answered(claim, verdict);
    if (verdict !== 'yours') return;
    this.#cookie = answer.cookie;
    this.isRetired = false;
    // Of two who ask at once nobody can say from outside who was last.
    if (move) this.talk.moved = this.talk.asking.size > 0 ? null : { to: this.name, at: clock.now() };
    this.connect();
  }

  async #post(node: SimNode, body: object) {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await node.serve(new Request('http://throughline.sim/c/session', init));
    if (!response) return undefined;
    const told = (await response.json()) as { readonly code?: string };
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    return { status: response.status, code: told.code ?? '', cookie };
  }

  /** To any node. */
  connect(): void {
    const { chance, nodes, clock } = this.#world;
    const node = this.#isPoisoned ? undefined : chance.pick(nodes.filter((one) => one.takesRequests));
    if (this.#cookie === null || this.isRetired || this.isConnected) return;
    if (!node) return void this.#comeBack();
    const line = node.talk(this.#cookie, {
      onFrame: (text) => this.#heard(line, JSON.parse(text) as Frame),
      onClosed: (code) => this.#closed(line, code),
    });
    if (line === 'no-session') {
      this.isRetired = true;
      return;
    }
    if (line === undefined) return void this.#comeBack();
    this.#tell(`is connected with ${node.name}`);
    this.#line = line;
    this.#hello = { seen: this.#seen, at: clock.now(), newestAcked: this.talk.newestAcked };
    line.say({ type: 'hello', seen: this.#seen });
  }

  say(text: string): void {
    this.#written += 1;
    const said = { id: `${this.name}-said-${this.#written}`, text, at: this.#world.clock.now() };
    this.#outbox.set(said.id, said);
    this.#send(said);
  }

  end(): void {
    this.#line?.say({ type: 'end' });
  }

  drop(): void {
    if (!this.#line?.isUp) return;
    this.#tell('loses its line');
    this.#line.lose();
  }

  /** Closes the page for good: another will read all of it again. */
  forget(): void {
    this.drop();
    this.#seen = 0;
  }

  #send(said: Said): void {
    if (!this.#line?.isUp) return;
    said.at = this.#world.clock.now();
    this.#line.say({ type: 'say', id: said.id, text: said.text });
  }

  #heard(line: ChatLine | 'no-session' | undefined, frame: Frame): void {
    if (line !== this.#line) return;
    const { type, lines = [], id = '', seq = 0 } = frame;
    if (type === 'welcome' && this.#hello) {
      this.#oracle.welcomed(this.talk, this.name, this.#hello, lines);
      this.#seen = lines.at(-1)?.seq ?? this.#seen;
      this.#tell(`is shown lines to ${this.#seen}`);
      for (const said of this.#outbox.values()) this.#send(said);
    }
    if (type === 'lines') this.#seen = this.#oracle.lines(this.talk, this.name, this.#seen, lines);
    const said = this.#outbox.get(id);
    if (type === 'ack' && said) {
      this.#tell(`has ${id} acknowledged as ${seq}`);
      this.#oracle.acked(this.talk, this.name, said, seq);
      this.#outbox.delete(id);
    }
    if (type === 'refused' && said) void this.#refused(said, frame);
  }

  /** What may be said again is; what never will be taken is let go. */
  async #refused(said: Said, { code = '', retryAfterMs }: Frame): Promise<void> {
    this.#tell(`has ${said.id} refused: ${code}`);
    if (retryAfterMs === undefined) {
      this.#outbox.delete(said.id);
      return;
    }
    await this.#world.clock.sleep(retryAfterMs);
    if (this.#outbox.has(said.id)) this.#send(said);
  }

  #closed(line: ChatLine | 'no-session' | undefined, code: number | null): void {
    if (line !== this.#line) return;
    this.#tell(`is cut off (${code ?? 'lost'})`);
    this.#line = null;
    if (GIVES_UP.has(code)) this.isRetired = true;
    else void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    const { clock, chance } = this.#world;
    await clock.sleep(chance.between(200, LATEST_RETURN_MS));
    this.connect();
  }

  /** Nobody asks for what ends whoever reads it. */
  get #isPoisoned(): boolean {
    const { reach, poisoned } = this.#world;
    return 'token' in this.entry && poisoned.has(reach.interactionOf(this.entry.token).id ?? '');
  }

  #tell(text: string): void {
    const { trace, reach } = this.#world;
    const id = 'token' in this.entry ? reach.interactionOf(this.entry.token).id : undefined;
    trace.tell(`${this.name} ${text}`, id ?? this.name);
  }
}
