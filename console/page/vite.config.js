import { defineConfig } from 'vite'

// Three files with fixed names: the Go side embeds dist/ and serves it with an ETag of
// its content, so a hash in a name would only make each build a rename.
export default defineConfig({
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    modulePreload: false,
    assetsDir: '.',
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    rolldownOptions: {
      output: { entryFileNames: 'page.js', assetFileNames: 'page[extname]' },
    },
  },
})
