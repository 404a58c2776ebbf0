// Owns the frame of the console: who is signed in, which page is open, and how the line to the service is.

import { useEffect } from 'preact/hooks';
import { DeadLettersPage } from './dead-letters-page.tsx';
import { connection, follow, forgetOldSettled } from './journeys.ts';
import { JourneysPage } from './journeys-page.tsx';
import type { Connection } from './live-stream.ts';
import { Mark } from './mark.tsx';
import { Loading } from './notice.tsx';
import { PlatformsPage } from './platforms-page.tsx';
import { ReportsPage } from './reports-page.tsx';
import { type Route, route } from './route.ts';
import { session, signOut } from './session.ts';
import { SignInPage } from './sign-in-page.tsx';
import { now } from './words.ts';

const PAGES = [
  ['journeys', 'Journeys'],
  ['reports', 'Reports'],
  ['platforms', 'Platforms'],
  ['dead-letters', 'Dead letters'],
] as const;

export function App() {
  if (session.value === undefined) return <Loading title="One moment…" />;
  return session.value === null ? <SignInPage /> : <Console name={session.value.name} />;
}

function Console({ name }: { readonly name: string }) {
  useEffect(() => {
    const leaving = new AbortController();
    follow(leaving.signal);
    const ticking = setInterval(() => {
      now.value = Date.now();
      forgetOldSettled();
    }, 1_000);
    return () => {
      leaving.abort();
      clearInterval(ticking);
    };
  }, []);
  const { page } = route.value;
  return (
    <>
      <header class="bar">
        <a class="brand" href="#/journeys">
          <Mark />
          <span>Throughline</span>
        </a>
        <nav aria-label="Pages">
          {PAGES.map(([to, words]) => (
            <a key={to} href={`#/${to}`} aria-current={to === page ? 'page' : undefined}>
              {words}
            </a>
          ))}
        </nav>
        <Line now={connection.value} />
        <span class="who" title="The key’s name">
          {name}
        </span>
        <button type="button" class="button quiet" onClick={() => void leave()}>
          Sign out
        </button>
      </header>
      <main>
        <Page of={route.value} />
      </main>
    </>
  );
}

/** What this page has in memory leaves with it. */
async function leave(): Promise<void> {
  await signOut();
  location.reload();
}

function Page({ of }: { readonly of: Route }) {
  if (of.page === 'reports') return <ReportsPage />;
  if (of.page === 'platforms') return <PlatformsPage />;
  if (of.page === 'dead-letters') return <DeadLettersPage />;
  return <JourneysPage journey={of.journey} />;
}

function Line({ now: of }: { readonly now: Connection }) {
  return (
    <span class={`line ${of.kind}`} role="status" data-line={of.kind}>
      <i aria-hidden="true" />
      {LINE_WORDS[of.kind]}
    </span>
  );
}

const LINE_WORDS: Readonly<Record<Connection['kind'], string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Reconnecting…',
  refused: 'Not live: needs the scope “interactions”',
};
