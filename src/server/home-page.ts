// Owns the page at `/`: what this is and where to go from here. A public shell without data.

import { html } from 'hono/html';
import { page } from './page.ts';

export function homePage(version: string) {
  return page(
    'Throughline',
    html`<h1>Throughline</h1>
<p class="lead">One customer, one conversation. The open handoff layer for contact centers.</p>
<p>It moves a live conversation from a bot to a person and loses nothing on the way: not the caller, not the context, not the
record. Every move is prepared, checked on both sides, and settled; if it cannot be made, the customer stays where somebody
answers.</p>
<ul class="cards">
<li><h3><a href="/docs">The API</a></h3><p>Every path, every field, every problem and what to do about it.</p></li>
<li><h3><a href="/openapi.json">OpenAPI 3.1</a></h3><p>The same for machines, from the schemas that validate.</p></li>
<li><h3><a href="/schemas/handoff-manifest.json">Handoff manifest</a></h3><p>What the bot tells the agent, as JSON Schema; and the
<a href="/schemas/interaction-context.json">context</a>.</p></li>
<li><h3><a href="/readyz">Readiness</a></h3><p>Whether it may be given work, and if not, why.</p></li>
</ul>
<h2>In three calls</h2>
<pre>POST /v1/interactions                 the customer has come
POST /v1/interactions/{id}/handoffs   a person should take over
GET  /v1/interactions/{id}/journal    what happened, and the proof</pre>
<p class="soft">Version ${version}. Calls carry <code>Authorization: Bearer KEY</code>.</p>`,
  );
}
