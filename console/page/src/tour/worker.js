// Runs lessons in a Worker: Go's own loop, compiled to WebAssembly. It is loaded when a
// parameter is changed for the first time; the recordings of the page need none of it.
//
// The page sends {wasm: ArrayBuffer}, tour.wasm packed, and then {id, request}, each
// of which is answered by {id, answer} or {id, error}. The Go program calls
// asyncioTour(run) when it is up; run(request, done) takes JSON, and gives JSON to done.

importScripts('wasm_exec.js', 'lzma.js')

const up = new Promise((resolve) => (globalThis.asyncioTour = resolve))

async function start(packed) {
  const go = new Go()
  const { instance } = await WebAssembly.instantiate(unpack(new Uint8Array(packed)), go.importObject)
  await Promise.race([up, go.run(instance).then(() => Promise.reject(new Error('the program of the tour has ended')))])
}

let started = null

onmessage = async ({ data }) => {
  if (data.wasm) {
    started = start(data.wasm)
    started.catch(() => {}) // who asks is told
    return
  }
  try {
    await started
    const run = await up
    run(JSON.stringify(data.request), (answer) => postMessage({ id: data.id, answer }))
  } catch (error) {
    postMessage({ id: data.id, error: String(error.message ?? error) })
  }
}
