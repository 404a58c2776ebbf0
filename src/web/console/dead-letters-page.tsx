// Owns the page of the dead letters: handoffs whose fate a person must settle. What may have happened already is not repeated by a
// slip: each deed asks once more.

import { useSignal } from '@preact/signals';
import { shortId } from './journey.ts';
import { Empty, Loading, Trouble } from './notice.tsx';
import { useReading } from './reading.ts';
import { journeyHref } from './route.ts';
import { Refused, send } from './service.ts';
import { ageWords, clockWords, codeWords, now } from './words.ts';

type DeadLetter = {
  readonly id: string;
  readonly interactionId: string;
  readonly kind: string;
  readonly reason: string;
  readonly at: string;
  readonly platform?: string | null;
};
type Deed = 'retry' | 'resolve';

export function DeadLettersPage() {
  const { value, trouble, again } = useReading<{ readonly entities: readonly DeadLetter[] }>('/v1/dead-letters');
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
        What became of these is unknown. Look at the conversation on the platform, then try again or settle it.
      </p>
      <ul class="letters">
        {value.entities.map((letter) => (
          <Letter key={letter.id} letter={letter} settled={again} />
        ))}
      </ul>
    </div>
  );
}

function Letter({ letter, settled }: { readonly letter: DeadLetter; readonly settled: () => void }) {
  const asking = useSignal<Deed | null>(null);
  const said = useSignal('');
  const { id, interactionId, kind, reason, at, platform } = letter;
  const act = (deed: Deed) => {
    asking.value = null;
    send('POST', `/v1/dead-letters/${encodeURIComponent(id)}/${deed}`).then(settled, (error: unknown) => {
      said.value = error instanceof Refused ? error.message : 'That did not work.';
    });
  };
  return (
    <li class="part letter">
      <div>
        <h2>
          {codeWords(reason)} <small>{codeWords(kind)}</small>
        </h2>
        <p class="soft">
          <a href={journeyHref(interactionId)}>
            Journey <code>{shortId(interactionId)}</code>
          </a>
          {platform ? ` · ${codeWords(platform)}` : ''} · <time dateTime={at}>{clockWords(at)}</time>,{' '}
          {ageWords(Date.parse(at), now.value)} ago
        </p>
        <p role="status" class="trouble">
          {said.value}
        </p>
      </div>
      {asking.value === null ? (
        <div class="deeds">
          <button type="button" class="button" onClick={() => (asking.value = 'retry')}>
            Try again
          </button>
          <button type="button" class="button" onClick={() => (asking.value = 'resolve')}>
            Mark as settled
          </button>
        </div>
      ) : (
        <Confirmation deed={asking.value} act={act} not={() => (asking.value = null)} />
      )}
    </li>
  );
}

type ConfirmationParts = { readonly deed: Deed; readonly act: (deed: Deed) => void; readonly not: () => void };

function Confirmation({ deed, act, not }: ConfirmationParts) {
  return (
    <fieldset class="deeds">
      <legend class="unseen">Are you sure?</legend>
      <span>{deed === 'retry' ? 'Start it once more?' : 'Seen to by a person?'}</span>
      <button type="button" class="button main" onClick={() => act(deed)}>
        {deed === 'retry' ? 'Yes, try again' : 'Yes, settled'}
      </button>
      <button type="button" class="button" onClick={not}>
        No
      </button>
    </fieldset>
  );
}
