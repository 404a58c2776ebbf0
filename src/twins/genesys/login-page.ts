// Owns the page on which one says which virtual agent one is. It stands for the vendor's login page and looks like none of theirs.

import type { TwinResponse } from '../exchange.ts';
import type { Agent, PublicClient } from './organisation.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh}
main{max-width:20rem;padding:1.5rem}h1{font-size:1.2rem}button{display:block;width:100%;margin:.5rem 0;padding:.6rem;font:inherit}`;

/** One button for every agent; what was asked goes along unchanged. */
export function loginPage(
  client: PublicClient,
  asked: Readonly<Record<string, string | undefined>>,
  agents: readonly Agent[],
): TwinResponse {
  const hidden = Object.entries(asked).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value ?? '')}">`,
  );
  const buttons = agents.map(
    ({ id, name }) => `<button type="submit" name="agent" value="${escaped(id)}">${escaped(name)}</button>`,
  );
  const choice = buttons.length > 0 ? buttons.join('') : '<p>There are no agents. Add one with POST /twin/agents.</p>';
  const form = `<form method="post" action="/oauth/authorize">${hidden.join('')}${choice}</form>`;
  return page(200, `<h1>Sign in to ${escaped(client.name)}</h1><p>Who are you?</p>${form}`);
}

/** For what must not be redirected. */
export function refusedPage(why: string): TwinResponse {
  return page(400, `<h1>Sign-in is not possible</h1><p>${escaped(why)}</p>`);
}

function page(status: number, content: string): TwinResponse {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in</title><style>${STYLE}</style>`;
  const html = `<!doctype html><html lang="en"><head>${head}</head><body><main>${content}</main></body></html>`;
  return { status, headers: { 'Cache-Control': 'no-store' }, html };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
