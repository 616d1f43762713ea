// What opens over the page: all keys and marks, and the list of the lessons.

import { useEffect, useRef } from 'preact/hooks'
import { help, listing, tour, lesson, goTo } from './model.js'
import { KEYS } from './keys.js'
import { KeyList } from '../keytable.jsx'
import { Glyph } from './glyph.jsx'

const MARKS = [
  ['run', 'running: it has the loop. The number says which step of the task it is'],
  ['ready', 'ready, but not its turn'],
  ['wait', 'waiting'],
  ['held', 'held back by the limit of its group'],
  ['timer', 'a timer was due'],
  ['over', 'done'],
  ['bad', 'failed; small and in the color of its task: asked to end'],
  ['busy', 'a thread, beside the loop'],
  ['wake', 'wakes: dark into the step that is chosen, grey what led to that, dashed what it wakes'],
]

function Dialog({ label, close, children }) {
  const box = useRef(null)
  useEffect(() => {
    const before = document.activeElement
    box.current.showModal()
    return () => before?.isConnected && before.focus()
  }, [])
  return (
    <dialog class="help" ref={box} aria-label={label} onClose={close} onClick={(e) => e.target === box.current && box.current.close()}>
      {children}
    </dialog>
  )
}

export function Help() {
  return (
    <Dialog label="All keys" close={() => (help.value = false)}>
      <div>
        <section>
          <h2>Keys</h2>
          <KeyList table={KEYS} />
        </section>
        <section>
          <h2>Marks</h2>
          <ul>
            {MARKS.map(([kind, text]) => (
              <li key={kind}>
                <Glyph kind={kind} width={22} /> <span>{text}</span>
              </li>
            ))}
          </ul>
          <p>What has not happened yet is pale. A red edge: the step has blocked the loop. A red line with ticks: a deadlock.</p>
          <p>Most steps take no time on the virtual clock. Each is drawn as wide as can be seen, so that their order is seen as well; all else is as long as it takes.</p>
          <button autofocus onClick={() => (help.value = false)}>
            Close
          </button>
        </section>
      </div>
    </Dialog>
  )
}

export function List() {
  return (
    <Dialog label="All lessons" close={() => (listing.value = false)}>
      <nav class="lessons" aria-label="All lessons">
        <h2>All lessons</h2>
        <ol>
          {tour.value.lessons.map((l, i) => (
            <li key={l.name}>
              <a
                href={`#tour/${l.name}`}
                autofocus={l === lesson.value}
                aria-current={l === lesson.value ? 'page' : undefined}
                onClick={(e) => {
                  e.preventDefault()
                  goTo(i)
                }}
                onKeyDown={(e) => along(e)}
              >
                <span class="q num">{l.number}</span> {l.title}
              </a>
            </li>
          ))}
        </ol>
      </nav>
    </Dialog>
  )
}

/** The arrows go through the list, as Tab does. */
function along(e) {
  const d = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[e.key]
  if (!d) return
  e.preventDefault()
  e.currentTarget.parentElement[d]?.firstElementChild.focus()
}
