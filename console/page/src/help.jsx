import { useEffect, useRef } from 'preact/hooks'
import { help, source } from './model.js'
import { KEYS } from './keys.js'
import { KeyList } from './keytable.jsx'
import { Mark } from './marks.jsx'

const MARKS = [
  ['run', 'running: it has the loop'],
  ['brief', 'short steps: as high as their share of time'],
  ['ready', 'ready, but not its turn'],
  ['wait', 'waiting'],
  ['done', 'done'],
  ['held', 'held back by the limit of its group'],
  ['busy', 'beside the loop: a thread, or a worker with a remote job'],
  ['bad', 'in a deadlock'],
  ['behind', 'waits behind a deadlock'],
]

/** All keys, and what the marks mean. */
export function Help() {
  const box = useRef(null)
  useEffect(() => {
    const before = document.activeElement
    box.current.showModal()
    return () => before?.focus?.()
  }, [])
  return (
    <dialog class="help" ref={box} aria-label="All keys" onClose={() => (help.value = false)} onClick={(e) => e.target === box.current && box.current.close()}>
      <div>
        <section>
          <h2>Keys</h2>
          <KeyList table={KEYS} />
        </section>
        <section>
          <h2>Marks</h2>
          <ul>
            {MARKS.map(([kind, text]) => (
              <li key={kind}><Mark kind={kind} width={kind === 'bad' ? 14 : 22} /> {text}</li>
            ))}
            <li><i class="edge" /> a step of more than 100 ms</li>
            <li><i class="due" /> a deadline was reached</li>
          </ul>
          <p>A curve with a head is a wake: dark into the selected task, dashed to those that it woke. With [ and ] the chain that led to a step is grey.</p>
          <p>Hosts of a test are bands, shaded where they were down. Their messages are straight arrows from the line of one to that of another; a red cross is the end of one that was lost.</p>
          <p>Figures of states come from snapshots, once a second; events draw the timeline alone. So an event that is lost leaves a hole in the picture, marked red, and no wrong state.</p>
          {source.recording && (
            <p>
              {source.live ? 'The last minute' : 'The recording'} as a file: <a href={source.recording('perfetto')} download="asyncio.perfetto-trace">for Perfetto</a>, <a href={source.recording('json')} download="asyncio.json">as JSON</a>.
            </p>
          )}
          <button autofocus onClick={() => box.current.close()}>Close</button>
        </section>
      </div>
    </dialog>
  )
}
