/* Builds web/ into web/dist, which is embedded in the binary: few files, hashed names. Also the unit tests' setup. */
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/* Tells the service worker which files make up the shell, and names that set by its hash. */
function shellList(): Plugin {
  return {
    name: 'shell-list',
    apply: 'build',
    generateBundle(_options, bundle) {
      const hash = createHash('sha256');
      const files = ['/', '/icon.svg', '/manifest.webmanifest'];
      for (const [name, file] of Object.entries(bundle)) {
        if (name !== 'sw.js') {
          hash.update(name).update(file.type === 'chunk' ? file.code : file.source);
        }
        // The reader of QR codes is large: it is kept when somebody first scans.
        if (name.startsWith('assets/') && !name.endsWith('.wasm')) {
          files.push(`/${name}`);
        }
      }
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') {
        throw new Error('the service worker is missing from the build');
      }
      const list = JSON.stringify({ version: hash.digest('hex').slice(0, 16), files });
      worker.code = worker.code.replaceAll('__SHELL__', list);
    },
  };
}

export default defineConfig({
  root: 'web',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [shellList()],
  server: { proxy: { '/api': process.env.LIANFANG_URL ?? 'http://127.0.0.1:8080' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    rolldownOptions: {
      input: { main: 'web/index.html', sw: 'web/src/sw/sw.ts' },
      output: {
        // What the first page needs in one file, however many later screens share parts of it.
        codeSplitting: { groups: [{ name: 'first', tags: ['$initial'], test: /^(?!.*src\/sw\/)/ }] },
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
  },
});
