import { readFileSync } from 'node:fs'
import { defineConfig } from 'vite'

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8')

// The tour is one classic script, since browsers load no module from a file:// address.
// Two documents begin it: index.html asks the server that it came from for the lessons;
// export.html, which a static site calls index.html, finds them in lessons.js beside it.
const documents = {
  name: 'documents',
  generateBundle() {
    const html = read('./tour.html')
    const emit = (fileName, source) => this.emitFile({ type: 'asset', fileName, source })
    emit('index.html', html.replace('<!-- lessons -->\n', ''))
    emit('export.html', html.replace('<!-- lessons -->', '<script defer src="lessons.js"></script>'))
    emit('worker.js', read('./src/tour/worker.js'))
    emit('lzma.js', read('./src/tour/lzma.js'))
    emit('icon.svg', read('./icon.svg'))
  },
}

export default defineConfig({
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [documents],
  build: {
    outDir: '../../cmd/asyncio/internal/tourweb/dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: {
      input: 'src/tour/main.jsx',
      output: { format: 'iife', entryFileNames: 'tour.js', assetFileNames: 'tour[extname]' },
    },
  },
})
