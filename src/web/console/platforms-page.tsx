// Owns the page of the platforms: whether each answers, how old its token is, and how much of its quota is used.

import { useEffect } from 'preact/hooks';
import { Empty, Loading, Trouble } from './notice.tsx';
import { useReading } from './reading.ts';
import { ageWords, codeWords, durationWords, now, platformWords } from './words.ts';

const EVERY_MS = 5_000;

type Platform = {
  readonly name: string;
  readonly capabilities: {
    readonly reservation: string;
    readonly commit: readonly string[];
    readonly settleMs: number;
  };
  readonly limits: { readonly attributeValueBytes: number; readonly attributeCount: number };
  readonly health: {
    readonly ok: boolean;
    readonly code?: string;
    readonly detail?: string;
    readonly lastAnswerAt?: string;
  };
  readonly token?: { readonly state: string; readonly ageSec: number | null; readonly expiresInSec: number | null };
  readonly governor?: { readonly limitPerMinute: number; readonly usedInLastMinute: number; readonly waiting: number };
};

export function PlatformsPage() {
  const { value, trouble, again } = useReading<{ readonly entities: readonly Platform[] }>('/v1/platforms');
  useEffect(() => {
    const asking = setInterval(again, EVERY_MS);
    return () => clearInterval(asking);
  }, [again]);
  if (!value) return trouble ? <Trouble of={trouble} again={again} /> : <Loading title="Asking the platforms…" />;
  if (value.entities.length === 0) {
    return (
      <Empty title="No platform is configured">
        <p>
          See <code>platforms</code> in the configuration.
        </p>
      </Empty>
    );
  }
  return (
    <div class="page">
      <h1>Platforms</h1>
      <p class="lead">
        Asked every five seconds. The same as data: <a href="/docs">the API</a>.
      </p>
      <ul class="platforms">
        {value.entities.map((platform) => (
          <PlatformCard key={platform.name} platform={platform} />
        ))}
      </ul>
    </div>
  );
}

function PlatformCard({
  platform: { name, health, token, governor, capabilities, limits },
}: {
  readonly platform: Platform;
}) {
  const answered = health.lastAnswerAt && `answered ${ageWords(Date.parse(health.lastAnswerAt), now.value)} ago`;
  return (
    <li class="part">
      <header>
        <h2>{platformWords(name)}</h2>
        <span class={health.ok ? 'pill agent' : 'pill trouble'}>
          {health.ok ? 'Well' : codeWords(health.code ?? 'trouble')}
        </span>
      </header>
      <p class="soft">{[health.detail, answered || 'not asked yet'].filter(Boolean).join(' · ')}</p>
      {governor && (
        <Meter
          words="Calls in the last minute"
          used={governor.usedInLastMinute}
          of={governor.limitPerMinute}
          beside={governor.waiting > 0 ? `${governor.waiting} wait for a turn` : 'none waits'}
        />
      )}
      {token && <Token token={token} />}
      <dl class="figures">
        <div>
          <dt>Reservation</dt>
          <dd>{capabilities.reservation}</dd>
        </div>
        <div>
          <dt>Commits by</dt>
          <dd>{capabilities.commit.join(', ')}</dd>
        </div>
        <div>
          <dt>Settles within</dt>
          <dd>{durationWords(capabilities.settleMs)}</dd>
        </div>
        <div>
          <dt>Attributes</dt>
          <dd>
            {limits.attributeCount} <small>of {limits.attributeValueBytes} bytes</small>
          </dd>
        </div>
      </dl>
    </li>
  );
}

function Token({ token: { state, ageSec, expiresInSec } }: { readonly token: NonNullable<Platform['token']> }) {
  if (ageSec === null || expiresInSec === null) return <p class="soft">Access token: {state}</p>;
  const words = `${codeWords(state)}, ${ageWords(0, ageSec * 1000)} old`;
  return (
    <Meter
      words="Access token"
      used={ageSec}
      of={ageSec + expiresInSec}
      shown={words}
      beside={`good for ${ageWords(0, expiresInSec * 1000)}`}
    />
  );
}

type MeterParts = {
  readonly words: string;
  readonly used: number;
  readonly of: number;
  readonly beside: string;
  readonly shown?: string;
};

function Meter({ words, used, of, beside, shown }: MeterParts) {
  const share = of > 0 ? Math.min(used / of, 1) : 0;
  return (
    <div class="meter">
      <div>
        <span>{words}</span>
        <span>
          {shown ?? (
            <>
              <strong>{used}</strong> of {of}
            </>
          )}{' '}
          <small>{beside}</small>
        </span>
      </div>
      <i aria-hidden="true">
        <b class={share > 0.9 ? 'full' : ''} style={{ width: `${share * 100}%` }} />
      </i>
    </div>
  );
}
