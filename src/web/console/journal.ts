// Owns what one journey's journal says, event by event without anything personal: who held the customer and when, which handoffs
// there were, and whether each event's hash names the one before.

export type JournalEvent = {
  readonly version: number;
  readonly type: string;
  readonly at: string;
  readonly actor: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly hash: string;
  readonly prevHash: string;
};

/** Who held the customer, from when to when; `to` is null for who holds them now. */
export type Holding = {
  readonly holder: string;
  readonly epoch: number;
  readonly from: number;
  readonly to: number | null;
};

export type HandoffMark = {
  readonly id: string;
  readonly kind: string;
  readonly askedAt: number;
  readonly settledAt: number | null;
  readonly outcome: string | null;
  readonly reason: string | null;
};

/** Oldest first. A contact begins with the bot (epoch 1), and ends when the journal says so. */
export function holdingsIn(events: readonly JournalEvent[]): readonly Holding[] {
  const holdings: Holding[] = [];
  const close = (at: number) => {
    const open = holdings.pop();
    if (open) holdings.push({ ...open, to: open.to ?? at });
  };
  for (const { type, at, body } of events) {
    const when = Date.parse(at);
    if (type === 'InteractionOpened') holdings.push({ holder: 'bot', epoch: 1, from: when, to: null });
    if (type === 'InteractionEnded') close(when);
    if (type !== 'HolderChanged') continue;
    close(when);
    if (body.holder !== 'none') {
      holdings.push({ holder: String(body.holder), epoch: Number(body.epoch), from: when, to: null });
    }
  }
  return holdings;
}

export function handoffsIn(events: readonly JournalEvent[]): readonly HandoffMark[] {
  const marks = new Map<string, HandoffMark>();
  for (const { type, at, body } of events) {
    const id = String(body.handoffId);
    if (type === 'EscalationRequested' || type === 'TransferRequested') {
      const kind = String(body.kind ?? 'handoff');
      marks.set(id, { id, kind, askedAt: Date.parse(at), settledAt: null, outcome: null, reason: null });
    }
    const known = marks.get(id);
    if (type === 'HandoffSettled' && known) {
      const reason = typeof body.reason === 'string' ? body.reason : null;
      marks.set(id, { ...known, settledAt: Date.parse(at), outcome: String(body.outcome), reason });
    }
  }
  return [...marks.values()];
}

/** The version of the first event that does not name the one before it; null when every one does. */
export function firstBrokenLink(events: readonly JournalEvent[]): number | null {
  const broken = events.find(({ prevHash }, index) => index > 0 && prevHash !== events[index - 1]?.hash);
  return broken?.version ?? null;
}
