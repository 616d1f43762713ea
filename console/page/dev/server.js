// The page with a made-up program behind it: node dev/server.js [--port N] [--dist]
// [--tasks N --rate N] [--deadlock] [--ring N] [--slow] [--stuck] [--drop] [--churn N]
// [--loops N] [--hosts N] [--remote N] [--past N [--known N]] [--actions]. Without --dist, vite serves the sources.

import http from 'node:http'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Program } from './program.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' }
const POLICY = "default-src 'self'"

/** Serves a made-up program; answers {url, close, program}. The policy is the console's. */
export async function serve(how = {}) {
  const programs = Array.from({ length: how.loops ?? 1 }, (_, i) => new Program(i === 0 ? how : { deadlock: false }))
  const streams = new Set()
  const vite = how.sources && (await (await import('vite')).createServer({ root, server: { middlewareMode: true }, appType: 'spa' }))
  const server = http.createServer(async (req, res) => {
    const url = new URL(req.url, 'http://x')
    const loop = Number(url.searchParams.get('loop')) || 1
    const program = programs[loop - 1]
    const json = (value, status = 200) => res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    if (how.token && url.pathname.startsWith('/v1/') && !(req.headers.cookie ?? '').includes(`asyncio_token_${req.socket.localPort}=${encodeURIComponent(how.token)}`)) return json({ error: 'The console wants a token: open the page as its address, "#" and the token.' }, 401)
    if (url.pathname === '/v1/hello') {
      return json({ v: how.version ?? 1, pid: 48213, program: 'shop-api', go: 'go1.27', loops: programs.map((_, i) => ({ id: i + 1, name: `loop ${i + 1}` })), epoch: programs[0].epoch, limits: { history: 8 << 20, seconds: 60, ended: 10000, records: 2000, clients: 16 }, actions: !!how.actions })
    }
    if (!program) return json({ error: `There is no loop ${loop}.` }, 404)
    if (url.pathname === '/v1/snapshot') return program.run(), json(program.snapshot())
    if (url.pathname.startsWith('/v1/task/')) {
      const detail = program.detail(Number(url.pathname.slice(9)))
      return detail ? json(detail) : json({ error: 'There is no such task: it has ended more than a minute ago.' }, 404)
    }
    if (url.pathname === '/v1/cancel') {
      if (req.method !== 'POST' || req.headers['x-asyncio'] !== '1') return json({ error: 'Send a POST with the header X-Asyncio: 1.' }, 403)
      return json({})
    }
    if (url.pathname === '/v1/live') return live(program, res, streams, url.searchParams.has('past'))
    if (vite) return vite.middlewares(req, res)
    try {
      const file = url.pathname === '/' ? 'index.html' : path.basename(url.pathname)
      const body = await readFile(path.join(how.dist ?? path.join(root, '../../internal/consolepage/dist'), file))
      res.writeHead(200, { 'Content-Type': TYPES[path.extname(file)] ?? 'text/plain', 'Content-Security-Policy': POLICY, 'X-Content-Type-Options': 'nosniff' }).end(body)
    } catch {
      json({ error: 'There is no such path.' }, 404)
    }
  })
  await new Promise((done) => server.listen(how.port ?? 0, '127.0.0.1', done))
  const { port } = server.address()
  return {
    url: `http://127.0.0.1:${port}/`,
    programs,
    hangUp: () => streams.forEach((s) => s.destroy()),
    close: async () => {
      streams.forEach((s) => s.destroy())
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      await vite?.close?.()
    },
  }
}

// One observer at a time reads a made-up program: frames are handed out once.
function live(program, res, streams, past) {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  streams.add(res)
  const send = (event, value) => res.write(`event: ${event}\nid: ${value.n ?? 0}\ndata: ${JSON.stringify(value)}\n\n`)
  if (past) for (const f of program.past()) send('frame', f)
  program.run()
  send('state', program.state(true))
  let i = 0
  const timer = setInterval(() => {
    send('frame', program.frame())
    if (++i % 10 === 0) send('state', program.state(false))
  }, 100)
  res.on('close', () => {
    clearInterval(timer)
    streams.delete(res)
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const number = { type: 'string' }
  const yes = { type: 'boolean' }
  const { values } = parseArgs({ options: { port: number, tasks: number, rate: number, ring: number, churn: number, past: number, known: number, loops: number, hosts: number, remote: number, token: number, dist: yes, deadlock: yes, slow: yes, stuck: yes, drop: yes, actions: yes } })
  for (const key of ['port', 'tasks', 'rate', 'ring', 'churn', 'loops', 'hosts', 'remote', 'past', 'known']) if (values[key]) values[key] = Number(values[key])
  const { dist, ...how } = values
  const { url } = await serve({ port: 7070, ...how, sources: !dist })
  console.log(url)
}
