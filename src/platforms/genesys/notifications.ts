// Owns our ear at the Notifications API: one channel, one WebSocket, the given topics, kept alive until closed. Genesys replays
// nothing, so what is missed while the socket is away is found by looks; here we only come back quickly and never in a storm.

import type { Clock } from '../../clock.ts';
import type { Outcome } from '../../outcome.ts';
import type { Credential } from '../credential.ts';
import { readJson } from '../http.ts';
import type { Call } from '../platform.ts';
import type { PlatformLog } from '../platform-log.ts';
import { readAs } from '../read-as.ts';
import { backoffMs } from '../retry-timing.ts';
import type { SocketConstructor } from '../socket.ts';
import { type WireTopic, wireChannel } from './genesys-wire.ts';

export type Notifications = AsyncDisposable & {
  connected(): boolean;
  /** How long it has been away, in milliseconds; 0 while it is connected. It is kept so by a ping and its answer. */
  awayMs(): number;
  /** Resolves when the socket is closed and nothing is under way any more. */
  close(): Promise<void>;
};

export type NotificationsOptions = {
  readonly credential: Pick<Credential, 'send'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: PlatformLog;
  readonly topics: (call: Call) => Promise<Outcome<readonly string[]>>;
  /** Given each frame that is about a topic of ours, parsed. */
  readonly onFrame: (frame: unknown) => void;
  readonly socket?: SocketConstructor;
};

/** Genesys dev-center notifications: 1,000 topics per channel; a channel lives 24 h from its last subscription. */
const MAX_TOPICS = 1_000;
const RESUBSCRIBE_MS = 12 * 3_600_000;
/** How soon a new queue is listened to. */
const TOPICS_MS = 15 * 60_000;
const PING_MS = 30_000;
const SILENCE_MS = 75_000;
const OPEN_MS = 10_000;
const SOCKET_URI = /^wss?:\/\//;
const BACKOFF = { baseMs: 1_000, capMs: 60_000 };

/** Why a session ended: Genesys asked us to come back now, or it is to be tried again after a while. */
type End = { readonly kind: 'asked' } | { readonly kind: 'lost'; readonly wasOpen: boolean; readonly why: string };
type Channel = { readonly id: string; readonly connectUri: string; readonly topics: readonly string[] };

/** Starts at once and runs until closed. */
export function notifications(options: NotificationsOptions): Notifications {
  const { clock, random, log } = options;
  const closing = new AbortController();
  let open = false;
  let awaySince = clock.monotonic();

  const run = async () => {
    let failures = 0;
    while (!closing.signal.aborted) {
      const channel = await openChannel(options, closing.signal);
      const end: End =
        channel.kind === 'done'
          ? await listen(channel.value, options, closing.signal, (now) => {
              if (open && !now) awaySince = clock.monotonic();
              open = now;
            })
          : { kind: 'lost', wasOpen: false, why: channel.code };
      if (closing.signal.aborted || end.kind === 'asked') continue;
      failures = end.wasOpen ? 1 : failures + 1;
      log({ level: 'warn', code: 'notifications-lost', detail: end.why });
      // Half of the wait is sure: a whole fleet comes back spread, none of it at once.
      await clock.sleep(backoffMs(failures, 0.5 + random() / 2, BACKOFF), closing.signal);
    }
  };
  const running = run();

  const close = () => {
    closing.abort();
    return running;
  };
  const awayMs = () => (open ? 0 : clock.monotonic() - awaySince);
  return { connected: () => open, awayMs, close, [Symbol.asyncDispose]: close };
}

function quietCall(signal: AbortSignal): Call {
  return { signal, mayStart: () => true, priority: 'report' };
}

async function openChannel(options: NotificationsOptions, signal: AbortSignal): Promise<Outcome<Channel>> {
  const call = quietCall(signal);
  const topics = await wantedTopics(options, call);
  if (topics.kind !== 'done') return topics;
  const made = await options.credential.send({ method: 'POST', path: '/api/v2/notifications/channels' }, call);
  const read = readAs(wireChannel, made);
  if (read.kind !== 'done') return read;
  const { id, connectUri } = read.value;
  if (id == null || connectUri == null || !SOCKET_URI.test(connectUri) || !URL.canParse(connectUri)) {
    return { kind: 'transient', code: 'unexpected-answer', detail: 'the channel has no id or no WebSocket address' };
  }
  const subscribed = await subscribe(options.credential, id, topics.value, call);
  return subscribed.kind === 'done' ? { kind: 'done', value: { id, connectUri, topics: topics.value } } : subscribed;
}

async function wantedTopics(options: NotificationsOptions, call: Call): Promise<Outcome<readonly string[]>> {
  const topics = await options.topics(call);
  if (topics.kind !== 'done' || topics.value.length <= MAX_TOPICS) return topics;
  const detail = `${topics.value.length} topics, the first ${MAX_TOPICS} are listened to`;
  options.log({ level: 'warn', code: 'too-many-topics', detail });
  return { kind: 'done', value: topics.value.slice(0, MAX_TOPICS) };
}

/** One forbidden topic would fail them all without `ignoreErrors`. */
function subscribe(credential: Pick<Credential, 'send'>, id: string, topics: readonly string[], call: Call) {
  const path = `/api/v2/notifications/channels/${encodeURIComponent(id)}/subscriptions?ignoreErrors=true`;
  return credential.send({ method: 'PUT', path, body: topics.map((topic): WireTopic => ({ id: topic })) }, call);
}

async function listen(
  channel: Channel,
  options: NotificationsOptions,
  closing: AbortSignal,
  tell: (open: boolean) => void,
): Promise<End> {
  if (closing.aborted) return { kind: 'lost', wasOpen: false, why: 'closed by us' };
  const { clock, onFrame, socket: SocketOf = globalThis.WebSocket as SocketConstructor } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([closing, over.signal]);
  let heardAt = clock.monotonic();
  let wasOpen = false;
  const socket = new SocketOf(channel.connectUri);

  const ended = new Promise<End>((resolve) => {
    const lose = (why: string) => resolve({ kind: 'lost', wasOpen, why });
    closing.addEventListener('abort', () => lose('closed by us'), { once: true, signal: over.signal });
    socket.addEventListener('error', () => lose('the socket failed'));
    socket.addEventListener('close', () => lose('the socket closed'));
    socket.addEventListener('open', () => {
      wasOpen = true;
      heardAt = clock.monotonic();
      tell(true);
    });
    socket.addEventListener('message', ({ data }) => {
      heardAt = clock.monotonic();
      const frame = readJson(typeof data === 'string' ? data : undefined);
      const topic = topicOf(frame);
      if (topic === 'v2.system.socket_closing') resolve({ kind: 'asked' });
      else if (topic !== undefined && topic !== 'channel.metadata') onFrame(frame);
    });
    void clock.sleep(OPEN_MS, signal).then(() => {
      if (!wasOpen) lose('the socket did not open in time');
    });
    void beat(signal, clock, () => {
      if (!wasOpen) return;
      if (clock.monotonic() - heardAt > SILENCE_MS) lose('silence');
      else socket.send('{"message":"ping"}');
    });
  });
  void keepSubscribed(channel, options, signal);
  const end = await ended;
  over.abort();
  tell(false);
  socket.close();
  return end;
}

async function beat(signal: AbortSignal, clock: Clock, pulse: () => void): Promise<void> {
  for (;;) {
    await clock.sleep(PING_MS, signal);
    if (signal.aborted) return;
    pulse();
  }
}

/** Subscribes again when the queues have changed, and in time for the channel not to expire. */
async function keepSubscribed(channel: Channel, options: NotificationsOptions, signal: AbortSignal): Promise<void> {
  const { clock, credential } = options;
  let current = channel.topics;
  let renewedAt = clock.monotonic();
  for (;;) {
    await clock.sleep(TOPICS_MS, signal);
    if (signal.aborted) return;
    const call = quietCall(signal);
    const wanted = await wantedTopics(options, call);
    if (wanted.kind !== 'done') continue;
    const due = clock.monotonic() - renewedAt >= RESUBSCRIBE_MS;
    if (!due && sameTopics(current, wanted.value)) continue;
    const subscribed = await subscribe(credential, channel.id, wanted.value, call);
    if (subscribed.kind !== 'done') continue;
    current = wanted.value;
    renewedAt = clock.monotonic();
  }
}

function sameTopics(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((topic) => right.includes(topic));
}

function topicOf(frame: unknown): string | undefined {
  if (typeof frame !== 'object' || frame === null || !('topicName' in frame)) return undefined;
  return typeof frame.topicName === 'string' ? frame.topicName : undefined;
}
