// The console's source: /v1 of a process, over HTTP and server-sent events.

export const VERSION = 1
const RETRY = [500, 1000, 2000, 5000]
/** After so long without a state the page asks for one: a loop that is stuck sends none. */
const SILENCE = 2500

/** The token of the address (#token) becomes a cookie, and leaves the address. A cookie belongs to
 * a host and not to a port, so the port is in its name: a machine may have several consoles. */
export function takeToken() {
  let token = location.hash.slice(1)
  if (!token) return
  try {
    token = decodeURIComponent(token)
  } catch {
    // it is not escaped
  }
  const name = location.port ? `asyncio_token_${location.port}` : 'asyncio_token'
  document.cookie = `${name}=${encodeURIComponent(token)}; SameSite=Strict; Path=/`
  history.replaceState(null, '', location.pathname + location.search)
}

/** @returns {import('./source.js').Source} */
export function live() {
  let listener = () => {}
  let hello = null // the last one
  let loop = 0 // the loop asked for; 0: the first
  let events = null // EventSource
  let timer = 0
  let tries = 0
  let stopped = false
  let silence = 0 // timer
  let fed = false // frames have come

  async function connect() {
    clearTimeout(timer)
    try {
      const next = await get('v1/hello')
      if (stopped) return
      if (next.v !== VERSION) {
        const text = `This page reads version ${VERSION} of the console's format, the program speaks version ${next.v}. Open the page that the program itself serves.`
        return listener({ type: 'lost', text, final: true })
      }
      const again = hello !== null && hello.pid === next.pid && hello.epoch === next.epoch
      hello = next
      fed &&= again
      source.cancel = next.actions ? cancel : undefined
      if (!next.loops.some((l) => l.id === loop)) loop = next.loops[0]?.id ?? 0
      listener({ type: 'hello', hello: next, again })
      listen()
    } catch (error) {
      lost(sentence(error))
    }
  }

  function listen() {
    events?.close()
    const own = (events = new EventSource(`v1/live?loop=${loop}${fed ? '' : '&past=60'}`))
    own.addEventListener('frame', (e) => {
      tries = 0
      fed = true
      listener({ type: 'frame', frame: JSON.parse(e.data) })
    })
    own.addEventListener('state', (e) => {
      tries = 0
      // A state comes together with a frame, and is long: the frame is drawn first.
      setTimeout(() => own === events && listener({ type: 'state', state: JSON.parse(e.data) }), 40)
      wait(own)
    })
    wait(own)
    own.onerror = () => {
      if (own === events) lost('The connection to the program is lost.')
    }
  }

  function wait(own) {
    clearTimeout(silence)
    silence = setTimeout(async () => {
      try {
        const snapshot = await get(`v1/snapshot?loop=${loop}`)
        if (own === events) listener({ type: 'state', state: { ...snapshot, full: true, gone: [] } })
      } catch {
        // The connection says what is wrong.
      }
      if (own === events) wait(own)
    }, SILENCE)
  }

  // EventSource would connect again by itself, but not after an answer that is an
  // error, and without asking whether it is still the same process.
  function lost(text) {
    clearTimeout(silence)
    events?.close()
    events = null
    if (stopped) return
    listener({ type: 'lost', text })
    clearTimeout(timer)
    timer = setTimeout(connect, RETRY[Math.min(tries++, RETRY.length - 1)])
  }

  async function cancel(task) {
    await get('v1/cancel', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Asyncio': '1' },
      body: JSON.stringify({ loop, task }),
    })
  }

  const source = {
    live: true,
    subscribe(to) {
      listener = to
      stopped = false
      connect()
      return () => {
        stopped = true
        clearTimeout(timer)
        clearTimeout(silence)
        events?.close()
      }
    },
    parameters() {
      const loops = hello?.loops ?? []
      const choices = loops.map((l) => ({ value: l.id, label: l.name }))
      return loops.length > 1 ? [{ name: 'loop', label: 'Loop', value: loop, choices }] : []
    },
    run(values) {
      loop = Number(values.loop)
      hello = null
      connect()
    },
    detail: (task) => get(`v1/task/${task}?loop=${loop}`),
    cancel: undefined,
    recording: (format) => `v1/trace?loop=${loop}&seconds=60&format=${format}`,
  }
  return source
}

/** Errors of the console are sentences; those of the browser are not. */
class Refused extends Error {}

export async function get(path, options) {
  const response = await fetch(path, options)
  if (response.ok) return response.json()
  const body = await response.json().catch(() => null)
  if (response.status === 401 && !body?.error) throw new Refused('The console wants a token: open the page as its address, "#" and the token.')
  throw new Refused(body?.error ?? `The console answers ${response.status} ${response.statusText}.`)
}

function sentence(error) {
  return error instanceof Refused ? error.message : 'The program does not answer: it has ended, or its console is off.'
}
