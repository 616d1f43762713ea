// The source of a recording: all of it is told once, by a server that has read the file.

import { get, VERSION } from './live.js'

/** @returns {import('./source.js').Source} */
export function recording() {
  let listener = () => {}
  let hello = null
  let loop = 0
  let turn = 0 // what an earlier run tells no longer counts

  async function tell() {
    const own = ++turn
    try {
      hello ??= await get('v1/hello')
      if (hello.v !== VERSION) throw new Error(`This page reads version ${VERSION} of the format, the command writes version ${hello.v}.`)
      loop ||= hello.loops[0]?.id ?? 0
      source.length = hello.length
      if (own !== turn) return
      listener({ type: 'hello', hello })
      for await (const line of lines(await fetch(`v1/recording?loop=${loop}`))) {
        if (own !== turn) return
        listener(JSON.parse(line))
      }
    } catch (error) {
      if (own === turn) listener({ type: 'lost', text: error instanceof TypeError ? 'The command that shows the recording has ended.' : error.message, final: true })
    }
  }

  const source = {
    live: false,
    length: 0,
    subscribe(to) {
      listener = to
      tell()
      return () => turn++
    },
    parameters() {
      const choices = (hello?.loops ?? []).map((l) => ({ value: l.id, label: l.name }))
      return choices.length > 1 ? [{ name: 'loop', label: 'Loop', value: loop, choices }] : []
    },
    run(values) {
      loop = Number(values.loop)
      tell()
    },
    detail: (task) => get(`v1/task/${task}?loop=${loop}`),
    recording: (format) => `v1/trace?format=${format}`,
  }
  return source
}

/** The lines of an answer, as they come. */
async function* lines(response) {
  if (!response.ok) throw new Error((await response.json()).error)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const whole = (rest + value).split('\n')
    rest = whole.pop()
    yield* whole
  }
}
