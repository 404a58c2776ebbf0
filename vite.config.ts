// Owns how the pages are built: three documents without inline script or style, so that the strictest policy serves them.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const web = fileURLToPath(new URL('src/web/', import.meta.url));

export default defineConfig({
  root: web,
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    outDir: fileURLToPath(new URL('dist/web/', import.meta.url)),
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        console: `${web}console/index.html`,
        card: `${web}card/index.html`,
        claim: `${web}claim/index.html`,
      },
    },
  },
});
