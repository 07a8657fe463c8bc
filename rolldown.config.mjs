// How the program is built: each process it starts gets a file of the same name in dist/, and what they share is in
// dist/src/chunks/. A process that loads 10 files instead of 800 starts in two thirds of the processor time (docs/decisions/0022).
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { defineConfig } from 'rolldown';
import { INCLUDED } from './scripts/ready/included.mjs';

const { files } = JSON.parse(readFileSync(new URL('tsconfig.build.json', import.meta.url), 'utf8'));

export default defineConfig({
  input: Object.fromEntries(files.map((file) => [file.replace(/\.ts$/, ''), file])),
  platform: 'node',
  // Without what writes PNGs: the program draws its codes itself.
  resolve: { alias: { qrcode: 'qrcode/lib/browser.js' } },
  tsconfig: 'tsconfig.json',
  external: (id) =>
    !id.startsWith('.') && !isAbsolute(id) && !INCLUDED.some((name) => id === name || id.startsWith(`${name}/`)),
  output: {
    format: 'esm',
    entryFileNames: '[name].js',
    // The depth of src/platform/, from which the program finds the migrations.
    chunkFileNames: 'src/chunks/[name]-[hash].js',
    sourcemap: true,
  },
});
