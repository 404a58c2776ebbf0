// Owns the frame of the plain pages: one style sheet, no scripts, nothing from elsewhere.

import { html } from 'hono/html';

export type Html = ReturnType<typeof html>;

export function page(title: string, content: Html) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
${content}
</main>
</body>
</html>`;
}

export const STYLE = `
:root { --ink: #16202a; --soft: #55626f; --line: #d9e0e6; --ground: #fbfcfd; --tint: #eef3f7; --accent: #0b6e6e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8edf1; --soft: #a3afba; --line: #2f3a44; --ground: #12181d; --tint: #1b242b; --accent: #5cc8c2; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 system-ui, sans-serif; }
main { max-width: 58rem; margin: 0 auto; padding: 4rem 1.5rem 6rem; }
h1 { font-size: 2.4rem; line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 0.75rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 0; font-weight: 600; }
p { margin: 0 0 1rem; max-width: 42rem; }
.lead { font-size: 1.2rem; color: var(--soft); }
.soft { color: var(--soft); }
a { color: var(--accent); text-underline-offset: 0.2em; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.86em; }
pre { background: var(--tint); border-radius: 6px; padding: 1rem; overflow-x: auto; margin: 0.5rem 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; padding: 0; list-style: none; }
.cards li { border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; }
.cards p { margin: 0.25rem 0 0; color: var(--soft); }
article { border-top: 1px solid var(--line); padding: 1rem 0; }
.method { display: inline-block; min-width: 4.2em; font-weight: 700; color: var(--accent); }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; vertical-align: top; padding: 0.45rem 1rem 0.45rem 0; border-bottom: 1px solid var(--line); }
`;
