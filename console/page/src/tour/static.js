// The source of a static site: the lessons are in lessons.js, a classic script, which also
// works from file://. Go's loop, as WebAssembly, is loaded when it is first wanted.

import { Refused, checked } from './source.js'

const FROM_FILE = 'A page that was opened from a file may not load the loop, so this is the recording with the given values. To change them, serve the folder: python3 -m http.server'
const NO_WASM = 'The loop could not be loaded, so the values cannot be changed here. Load the page again to try once more.'

/** @returns {import('./source.js').Source} */
export function fixed(tour) {
  const source = { lessons: async () => checked(tour) }
  if (location.protocol === 'file:') return { ...source, why: FROM_FILE }
  const loop = theLoop()
  return { ...source, prepare: loop.start, run: loop.run }
}

/** The worker that has the loop, from the first time that it is wanted. */
function theLoop() {
  let up = null
  const waiting = new Map() // id: what the answer settles
  let last = 0

  const start = () => {
    up ??= load()
    up.catch(() => (up = null))
  }

  async function load() {
    const worker = new Worker('worker.js')
    const settle = (id, how, value) => {
      waiting.get(id)?.[how](value)
      waiting.delete(id)
    }
    worker.onmessage = ({ data: { id, answer, error } }) => (error === undefined ? settle(id, 'resolve', answer) : settle(id, 'reject', new Refused(`${NO_WASM} (${error})`)))
    const broken = new Promise((_, reject) => {
      worker.onerror = () => {
        reject(new Refused(NO_WASM))
        for (const id of waiting.keys()) settle(id, 'reject', new Refused(NO_WASM))
      }
    })
    broken.catch(() => {})
    const response = await Promise.race([fetch('tour.wasm.lzma'), broken])
    if (!response.ok) throw new Refused(NO_WASM)
    const wasm = await response.arrayBuffer()
    worker.postMessage({ wasm }, [wasm])
    return worker
  }

  async function run(lesson, values) {
    start()
    let worker
    try {
      worker = await up
    } catch {
      throw new Refused(NO_WASM)
    }
    const id = ++last
    const answer = await new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      worker.postMessage({ id, request: { lesson, values } })
    })
    const recording = JSON.parse(answer)
    if (!recording.events) throw new Refused(recording.error ?? NO_WASM)
    return recording
  }

  return { start, run }
}
