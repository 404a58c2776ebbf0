// Owns which page the address names: after the hash, so that a reload stays where it was and the server serves one document.

import { signal } from '@preact/signals';

export type Route =
  | { readonly page: 'journeys'; readonly journey: string | null }
  | { readonly page: 'reports' }
  | { readonly page: 'platforms' }
  | { readonly page: 'dead-letters' };

export function routeOf(hash: string): Route {
  const [page = '', id = ''] = hash.replace(/^#\/?/, '').split('/');
  if (page === 'reports' || page === 'platforms' || page === 'dead-letters') return { page };
  return { page: 'journeys', journey: /^[\w-]{1,64}$/.test(id) ? id : null };
}

export function journeyHref(id: string): string {
  return `#/journeys/${id}`;
}

export const route = signal<Route>(routeOf(globalThis.location?.hash ?? ''));

export function followAddress(): void {
  addEventListener('hashchange', () => {
    route.value = routeOf(location.hash);
  });
}
