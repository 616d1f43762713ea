// The three boxes: what is ready, which timers are set, and what runs. They are lists with
// times, since order and how long is what one needs.

import { story, state, place, lesson } from './model.js'
import { colorClass } from './colors.js'
import { Glyph } from './glyph.jsx'
import { at, itemName, lastWords, span } from './words.js'

export function Boxes() {
  return (
    <div class="boxes">
      <section aria-label="Ready queue">
        <h2>
          Ready queue <small>first in, first out</small>
        </h2>
        <Ready />
      </section>
      <section aria-label="Timers">
        <h2>
          Timers <small>earliest first</small>
        </h2>
        <Timers />
      </section>
      <section aria-label="Running now">
        <h2>
          Running now <small>one at a time</small>
        </h2>
        <Running />
      </section>
    </div>
  )
}

function Ready() {
  const s = state.value
  const st = story.value
  if (s.ready.length === 0) {
    return (
      <>
        <p class="none">empty</p>
        <p class="w">{afterwards(s, st)}</p>
      </>
    )
  }
  return (
    <ol>
      {s.ready.map((item) => (
        <li key={item.slot}>
          <Glyph kind={item.kind === 'timer' ? 'timer' : item.kind === 'end' ? 'over' : 'ready'} color={item.task ? colorClass(st, item.task) : ''} />
          <span class="name">{itemName(item, st)}</span>
          <span class="r">{s.t > item.since ? `for ${span(s.t - item.since)}` : 'just now'}</span>
        </li>
      ))}
    </ol>
  )
}

/** What follows from an empty queue. */
function afterwards(s, st) {
  if (place.value === st.events.length) return 'The program has ended.'
  if (place.value === 0) return 'The program has not begun.'
  const first = s.timers[0]
  const name = st.loopName || 'the loop'
  const loop = s.running ? `After this step ${name}` : name[0].toUpperCase() + name.slice(1)
  const sleeps = st.loopName ? 'waits' : 'sleeps'
  if (first && (s.running || s.sleeping)) return first.at <= s.t ? `${loop} sees that a timer is due.` : `${loop} ${sleeps} until ${at(first.at)}${first.task ? `, when the timer of ${st.name(first.task)} is due` : ''}.`
  if (s.sleeping) return `${loop} ${sleeps} until something comes from outside.`
  return ''
}

function Timers() {
  const s = state.value
  const st = story.value
  if (s.timers.length === 0) return <p class="none">none set</p>
  return (
    <ol>
      {s.timers.map((timer) => (
        <li key={timer.id}>
          <Glyph kind="timer" color={timer.task ? colorClass(st, timer.task) : ''} />
          <span class="name">{timer.task ? st.name(timer.task) : timer.for || 'a callback'}</span>
          {timer.for && timer.for !== 'sleep' && timer.task ? <span class="q">{timer.for}</span> : null}
          <span class="r">{timer.at < s.t ? `due since ${span(s.t - timer.at)}` : timer.at === s.t ? 'due now' : `at ${at(timer.at).replace(' s', '')}, in ${span(timer.at - s.t)}`}</span>
        </li>
      ))}
    </ol>
  )
}

function Running() {
  const s = state.value
  const st = story.value
  const r = s.running
  const nobody = s.sleeping ? (lesson.value.loopName ? 'nobody' : 'the loop sleeps') : 'nobody'
  return (
    <>
      <p class="big">
        {r?.task ? <Glyph kind="run" width={16} color={colorClass(st, r.task)} /> : null}
        <span class={r ? '' : 'q'}>{r ? (r.task ? st.name(r.task) : 'a callback') : nobody}</span>
      </p>
      <p class="w">{[r?.task && `step ${r.step}`, s.pass > 0 && `pass ${s.pass} of the loop`].filter(Boolean).join(', ')}</p>
      <p class="w">{r?.callback ? r.callback : lastWords(st, place.value)}</p>
    </>
  )
}
