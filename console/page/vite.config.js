import { defineConfig } from 'vite'

// Files with fixed names: package internal/consolepage embeds them, and the console serves
// them with an ETag of their content, so a hash in a name would only make each build a rename.
export default defineConfig({
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../internal/consolepage/dist',
    emptyOutDir: true,
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
