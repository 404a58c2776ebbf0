// Owns the page at `/docs`: the API's description and the registry of problems, as people read them.

import { html } from 'hono/html';
import type { ApiDescription } from './openapi.ts';
import { type Html, page } from './page.ts';
import { PROBLEMS } from './problems.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

type Operation = {
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly body: unknown;
};

export function docsPage(api: ApiDescription) {
  const operations = operationsIn(api);
  return page(
    'Throughline API',
    html`<h1>The API</h1>
<p class="lead">JSON in UTF-8, times in RFC 3339, errors as RFC 9457 problem documents.</p>
<p>Calls carry <code>Authorization: Bearer KEY</code>. Unknown fields are refused, except inside attributes and manifests. The same
description for machines: <a href="/openapi.json">openapi.json</a>.</p>
${(api.tags ?? []).map(({ name, description }) => sectionOf(name, description ?? '', operations))}
<h2 id="problems">Problems</h2>
<table>
<thead><tr><th>Code</th><th>Status</th><th>Meaning and what to do</th></tr></thead>
<tbody>
${Object.entries(PROBLEMS).map(
  ([code, { status, title, help }]) =>
    html`<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${prose(title)}. <span class="soft">${prose(help)}</span></td></tr>
`,
)}
</tbody>
</table>
<h2 id="schemas">Shapes</h2>
${Object.entries(api.components?.schemas ?? {}).map(
  ([name, schema]) => html`<article id="schema-${name}"><details><summary><code>${name}</code></summary>
<pre>${JSON.stringify(schema, null, 2)}</pre></details></article>
`,
)}`,
  );
}

function sectionOf(tag: string, description: string, operations: readonly Operation[]): Html {
  return html`<h2>${tag}</h2>
<p class="soft">${prose(description)}</p>
${operations.filter((operation) => operation.tag === tag).map(articleOf)}`;
}

function articleOf({ method, path, summary, description, body }: Operation): Html {
  return html`<article>
<h3><span class="method">${method.toUpperCase()}</span> <code>${path}</code></h3>
<p>${prose(summary)}. <span class="soft">${prose(description)}</span></p>
${body === undefined ? '' : html`<details><summary>Body</summary><pre>${JSON.stringify(body, null, 2)}</pre></details>`}
</article>
`;
}

/** The one piece of Markdown that descriptions use: a word of code between backticks. Everything is escaped. */
function prose(text: string): Html {
  const parts = text.split(/`([^`]+)`/);
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

function operationsIn(api: ApiDescription): readonly Operation[] {
  return Object.entries(api.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const { tags = [], summary = '', description = '', requestBody } = operation;
      const content = requestBody && 'content' in requestBody ? Object.values(requestBody.content) : [];
      return [{ method, path, tag: tags[0] ?? '', summary, description, body: content.at(-1)?.schema }];
    }),
  );
}
