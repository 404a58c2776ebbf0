// Owns what a journey's page says of its newest handoff: where to, how it went, what did not travel as it was (H4), and what the
// agent has been shown.

import { mayUse } from './session.ts';
import { codeWords, durationWords, isTrouble, platformWords, standingWords } from './words.ts';

export type HandoffView = {
  readonly id: string;
  readonly kind: string;
  readonly phase: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  /** Null where the handoff is for an agent. */
  readonly queue: { readonly name: string; readonly because: string } | null;
  /** Of a transfer to another platform; null or absent otherwise. */
  readonly to?: { readonly platform: string; readonly agentId?: string; readonly queue?: string } | null;
  readonly transferType?: string | null;
  readonly offer?: LinkView | { readonly kind: 'native' | 'entry-script' } | null;
  readonly reconciliation?: { readonly reconciliationCycle: CycleView; readonly past: readonly CycleView[] } | null;
  readonly attempts: number;
  readonly loss: readonly { readonly field: string; readonly limit: string; readonly carriedBy: string }[];
  readonly timing: { readonly totalMs: number; readonly vendorMs: number; readonly ownMs: number };
  readonly contextCompleteness?: number | null;
  /** Absent for those who may not read it. */
  readonly receipt?: { readonly renderedFields: readonly string[]; readonly renderedAt: string } | null;
};

/** What stands for the customer of a deflection. */
type LinkView = { readonly kind: 'link'; readonly smsStatus: string; readonly claimed: boolean };

type CycleView = {
  readonly sourceState: string;
  readonly destinationState: string;
  readonly expectedState: string;
  readonly status: string;
};

function LinkFigure({ handoff: { offer } }: { readonly handoff: HandoffView }) {
  if (offer?.kind !== 'link') return null;
  return (
    <div>
      <dt>Text message</dt>
      <dd>
        {codeWords(offer.smsStatus)} <small>{offer.claimed ? 'link opened' : 'link not opened'}</small>
      </dd>
    </div>
  );
}

export function HandoffPart({ handoff }: { readonly handoff: HandoffView }) {
  const { kind, phase, outcome, reason, queue, to, timing, attempts } = handoff;
  const trouble = phase === 'settled' && isTrouble(outcome);
  return (
    <section class="part" aria-labelledby="handoff-heading">
      <header>
        <h3 id="handoff-heading">{codeWords(kind)}</h3>
        <span class={trouble ? 'trouble' : 'soft'}>
          {standingWords(phase, outcome)}
          {reason && ` · ${reason}`}
        </span>
      </header>
      <dl class="figures">
        <LinkFigure handoff={handoff} />
        <div hidden={kind === 'deflection'}>
          <dt>{queue ? 'Queue' : 'Agent'}</dt>
          <dd>
            {queue?.name ?? to?.agentId} <small>{to ? platformWords(to.platform) : queue?.because}</small>
          </dd>
        </div>
        <SidesFigure handoff={handoff} />
        <div>
          <dt>Took</dt>
          <dd>
            {durationWords(timing.totalMs)} <small>{durationWords(timing.ownMs)} ours</small>
          </dd>
        </div>
        <div>
          <dt>Transfers tried</dt>
          <dd>{attempts}</dd>
        </div>
        <ReceiptFigure handoff={handoff} />
      </dl>
      <Losses of={handoff.loss} />
    </section>
  );
}

/** Of a transfer: how its two sides were last seen to stand. */
function SidesFigure({ handoff: { reconciliation, transferType } }: { readonly handoff: HandoffView }) {
  if (!transferType) return null;
  const cycle = reconciliation?.reconciliationCycle;
  return (
    <div>
      <dt>{codeWords(transferType)}: the two sides</dt>
      <dd>
        {cycle ? `${codeWords(cycle.sourceState)} – ${codeWords(cycle.destinationState).toLowerCase()}` : '–'}{' '}
        <small>{cycle ? codeWords(cycle.status).toLowerCase() : 'not looked at yet'}</small>
      </dd>
    </div>
  );
}

function ReceiptFigure({ handoff: { receipt, contextCompleteness: share } }: { readonly handoff: HandoffView }) {
  const shown = typeof share === 'number' ? `${Math.round(share * 100)}%` : null;
  return (
    <div>
      <dt>Shown to the agent</dt>
      <dd>
        {shown ?? (receipt ? `${receipt.renderedFields.length} fields` : '–')}{' '}
        <small>
          {receipt ? (
            <span title={receipt.renderedFields.join('\n')}>{receipt.renderedFields.length} fields</span>
          ) : (
            shown === null && (mayUse('manifests') ? 'no receipt yet' : 'needs the scope “manifests”')
          )}
        </small>
      </dd>
    </div>
  );
}

function Losses({ of }: { readonly of: HandoffView['loss'] }) {
  if (of.length === 0) return <p class="soft">Everything travelled as it was.</p>;
  return (
    <table class="losses">
      <caption>What did not travel as it was</caption>
      <tbody>
        {of.map(({ field, limit, carriedBy }) => (
          <tr key={`${field} ${limit}`}>
            <th scope="row">
              <code>{field}</code>
            </th>
            <td>{limit}</td>
            <td class={carriedBy === 'reference' ? 'soft' : ''}>
              {carriedBy === 'reference' ? 'by reference' : carriedBy}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
