// Owns what stands where there is nothing to show: empty, on its way, refused.

import type { ComponentChildren } from 'preact';
import type { Refused } from './service.ts';

type NoticeParts = { readonly title: string; readonly children?: ComponentChildren };

export function Empty({ title, children }: NoticeParts) {
  return (
    <div class="notice">
      <svg class="notice-mark" viewBox="0 0 64 24" aria-hidden="true">
        <path d="M6 12h52" />
        <circle cx="8" cy="12" r="4" />
        <circle cx="32" cy="12" r="4" />
        <circle cx="56" cy="12" r="4" />
      </svg>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading({ title }: { readonly title: string }) {
  return (
    <div class="notice" role="status">
      <div class="spinner" aria-hidden="true" />
      <p>{title}</p>
    </div>
  );
}

export function Trouble({ of, again }: { readonly of: Refused; readonly again: () => void }) {
  if (of.scope) {
    return (
      <Empty title={`This needs the scope “${of.scope}”`}>
        <p>Your key may not read it. Sign in with a key that has the scope, or ask who keeps the keys.</p>
      </Empty>
    );
  }
  return (
    <div class="notice" role="alert">
      <h2>{of.status === 404 ? 'There is no such thing here' : 'That did not work'}</h2>
      <p>{of.message}</p>
      <button type="button" class="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}
