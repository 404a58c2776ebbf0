#!/usr/bin/env node
// The command `throughline` for whoever has an older Node: it runs src/main.ts on the Node that came with the dependencies, as the npm
// scripts do, or on its own where that is new enough. Runs on any Node >= 20, so it imports nothing but Node.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LEAST_MAJOR = 24;
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const own = Number(process.versions.node.split('.')[0]) >= LEAST_MAJOR ? [process.execPath] : [];
const node = [...own, ...['node', 'node.exe'].map((name) => at(`node_modules/node/bin/${name}`))].find(existsSync);
if (node === undefined) {
  console.error(`Throughline runs on Node ${LEAST_MAJOR}, which comes with its dependencies: run npm install first.`);
  process.exit(1);
}
const child = spawn(node, [at('src/main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
// A terminal tells both; who ends only this process means the command.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
child.once('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
