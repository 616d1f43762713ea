// The tour with made-up lessons behind it: node dev/tour.js [--port N]
// [--lessons FILE], where FILE holds lessons.json of a real tour. It is the server
// that asyncio tour --web has, as far as the page can tell, but nothing is compiled:
// what the answer to an edit is depends on a word in the code (ANSWERS).

import http from 'node:http'
import { mkdtemp, cp, rename, writeFile, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { lessons, run } from './lessons.js'

export const DIST = fileURLToPath(new URL('../../../cmd/asyncio/internal/tourweb/dist', import.meta.url))
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

/** What edit answers if the code has such a word in it. */
const ANSWERS = {
  wrong: (code) => ({ output: '', errors: [{ line: code.split('\n').findIndex((l) => l.includes('wrong')) + 1, column: 2, text: 'undefined: wrong' }] }),
  forever: () => ({ output: 'A starts\n', errors: [], error: 'The program ran for more than 10 s, and was stopped.' }),
}

/** Serves the tour; answers {url, close, asked}: asked are the bodies of what was posted.
 * With a folder, it serves that, as any web server does. */
export async function serveTour({ port = 0, token = '', tour = lessons(), slow = 0, folder = '' } = {}) {
  const asked = []
  const server = http.createServer(async (req, res) => {
    const json = (value, status = 200) => res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    const { pathname } = new URL(req.url, 'http://x')
    if (pathname.startsWith('/tour/')) {
      if (token && req.headers.authorization !== `Bearer ${token}`) return json({ error: 'The tour wants the token of its address.' }, 401)
      if (pathname === '/tour/lessons.json') return json(tour)
      if (req.headers['x-asyncio'] !== '1') return json({ error: 'Send a POST with the header X-Asyncio: 1.' }, 403)
      let text = ''
      for await (const chunk of req) text += chunk
      const body = JSON.parse(text)
      asked.push({ path: pathname, ...body })
      await new Promise((done) => setTimeout(done, slow))
      if (pathname === '/tour/run') return Object.values(body.values).includes('yes') ? json({ ...run(body.lesson, body.values) }) : json(run(body.lesson, body.values))
      const word = Object.keys(ANSWERS).find((w) => body.code.includes(w))
      return json(word ? ANSWERS[word](body.code) : { recording: run('gather', { A: '3s' }), output: 'A starts\nB starts\n', errors: [] })
    }
    try {
      const name = pathname === '/' ? 'index.html' : path.basename(pathname)
      const body = await readFile(path.join(folder || DIST, name))
      if (folder) return res.writeHead(200, { 'Content-Type': TYPES[path.extname(name)] ?? 'application/octet-stream' }).end(body)
      res.writeHead(200, { 'Content-Type': TYPES[path.extname(name)] ?? 'text/plain', 'Content-Security-Policy': "default-src 'self'", 'X-Content-Type-Options': 'nosniff' }).end(body)
    } catch {
      json({ error: 'There is no such path.' }, 404)
    }
  })
  await new Promise((done) => server.listen(port, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    asked,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Writes a static site, as asyncio tour --export does, but without wasm; answers its folder. */
export async function exportTour(tour = lessons({ canEdit: false, canEditWhy: 'The code cannot be edited here: nothing can compile it. Run: asyncio tour --web' })) {
  const folder = await mkdtemp(path.join(tmpdir(), 'tour-'))
  await cp(DIST, folder, { recursive: true })
  await rename(path.join(folder, 'export.html'), path.join(folder, 'index.html'))
  await writeFile(path.join(folder, 'lessons.js'), `globalThis.asyncioLessons = ${JSON.stringify(tour)};\n`)
  return folder
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '7071' }, lessons: { type: 'string' } } })
  const tour = values.lessons && JSON.parse(await readFile(values.lessons, 'utf8'))
  console.log((await serveTour({ port: Number(values.port), ...(tour ? { tour } : {}) })).url)
}
