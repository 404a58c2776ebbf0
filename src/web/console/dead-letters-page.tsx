// Owns the page of the dead letters: handoffs whose fate a person must settle. What may have happened already is not repeated by a
// slip: each deed asks once more, and a transfer is gone on with only after a look at both sides.

import { useSignal } from '@preact/signals';
import { shortId } from './journey.ts';
import { Empty, Loading, Trouble } from './notice.tsx';
import { useReading } from './reading.ts';
import { journeyHref } from './route.ts';
import { Refused, send } from './service.ts';
import { ageWords, clockWords, codeWords, now, platformWords } from './words.ts';

type DeadLetter = {
  readonly id: string;
  readonly interactionId: string;
  /** Set aside as a whole, or one handoff whose fate is unknown; of these a transfer can be gone on with, after a look (H5). */
  readonly kind: 'quarantine' | 'handoff';
  readonly reason: string;
  readonly at: string;
  readonly platform?: string | null;
  /** Of a transfer: how both sides were last seen to stand. */
  readonly transfer?: { readonly cycle?: number; readonly source: Side; readonly destination: Side };
};
type Side = { readonly platform: string; readonly externalId?: string; readonly state: string };
type Page = { readonly entities: readonly DeadLetter[]; readonly nextCursor?: string };
type Deed = 'retry' | 'resolve';

const KINDS = { quarantine: 'A journey that was set aside', handoff: 'A handoff' } as const;

export function DeadLettersPage() {
  const { value, trouble, again } = useReading<Page>('/v1/dead-letters?limit=200');
  if (!value) return trouble ? <Trouble of={trouble} again={again} /> : <Loading title="Reading the dead letters…" />;
  if (value.entities.length === 0) {
    return (
      <Empty title="No dead letters">
        <p>Every handoff has settled by itself. One whose fate only a person can tell would wait here.</p>
      </Empty>
    );
  }
  return (
    <div class="page">
      <h1>Dead letters</h1>
      <p class="lead">
        These wait for a person. Look at the conversation on the platform, see to the customer, then mark it as settled.
      </p>
      <ul class="letters">
        {value.entities.map((letter) => (
          <Letter key={letter.id} letter={letter} settled={again} />
        ))}
      </ul>
      {value.nextCursor !== undefined && <p class="soft">There are more; these are of the newest journeys.</p>}
    </div>
  );
}

function Letter({ letter, settled }: { readonly letter: DeadLetter; readonly settled: () => void }) {
  const asking = useSignal<Deed | null>(null);
  const said = useSignal('');
  const { id, interactionId, kind, reason, at, platform, transfer } = letter;
  const act = (deed: Deed) => {
    asking.value = null;
    said.value = '';
    const done = () => {
      // It waits here until the new transfer has let the customer go.
      if (deed === 'retry' && transfer)
        said.value = 'A new transfer looks at both sides; its journey shows what comes of it.';
      settled();
    };
    send('POST', `/v1/dead-letters/${encodeURIComponent(id)}/${deed}`).then(done, (error: unknown) => {
      said.value = error instanceof Refused ? error.message : 'That did not work.';
    });
  };
  return (
    <li class="part letter">
      <div>
        <h2>
          {codeWords(reason)} <small>{KINDS[kind]}</small>
        </h2>
        <p class="soft">
          <a href={journeyHref(interactionId)}>
            Journey <code>{shortId(interactionId)}</code>
          </a>
          {platform ? ` · ${platformWords(platform)}` : ''} · <time dateTime={at}>{clockWords(at)}</time>,{' '}
          {ageWords(Date.parse(at), now.value)} ago
        </p>
        {transfer && (
          <ul class="soft">
            <SideLine side={transfer.source} />
            <SideLine side={transfer.destination} />
          </ul>
        )}
        <p role="status" class="trouble">
          {said.value}
        </p>
      </div>
      {asking.value === null ? (
        <div class="deeds">
          {(kind === 'quarantine' || transfer) && (
            <button type="button" class="button" onClick={() => (asking.value = 'retry')}>
              {transfer ? 'Look again and go on' : 'Go on with it'}
            </button>
          )}
          <button type="button" class="button" onClick={() => (asking.value = 'resolve')}>
            Mark as settled
          </button>
        </div>
      ) : (
        <Confirmation deed={asking.value} looks={transfer !== undefined} act={act} not={() => (asking.value = null)} />
      )}
    </li>
  );
}

/** Which conversation to look at on the platform. */
function SideLine({ side: { platform, externalId, state } }: { readonly side: Side }) {
  return (
    <li>
      {platformWords(platform)} {externalId !== undefined && <code>{externalId}</code>}:{' '}
      {codeWords(state).toLowerCase()}
    </li>
  );
}

type ConfirmationParts = {
  readonly deed: Deed;
  readonly looks: boolean;
  readonly act: (deed: Deed) => void;
  readonly not: () => void;
};

function Confirmation({ deed, looks, act, not }: ConfirmationParts) {
  return (
    <fieldset class="deeds">
      <legend class="unseen">Are you sure?</legend>
      <span>{deed === 'resolve' ? 'Seen to by a person?' : looks ? 'Transfer anew?' : 'Go on where it stopped?'}</span>
      <button type="button" class="button main" onClick={() => act(deed)}>
        {deed === 'retry' ? 'Yes, go on' : 'Yes, settled'}
      </button>
      <button type="button" class="button" onClick={not}>
        No
      </button>
    </fieldset>
  );
}
