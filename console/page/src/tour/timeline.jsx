// The timeline and what moves it: a canvas, the same as a table of text, the slider over
// the events, and the buttons.

import { useEffect, useRef, useState } from 'preact/hooks'
import { lesson, story, place, clock, open, turn, playing, speed, SPEEDS, stopIndex, moveToStop, step, nextSwitch, play, pick } from './model.js'
import { context } from '../chart.js'
import { dark } from '../theme.js'
import { Glyph } from './glyph.jsx'
import { paint, rowsOf, beside, TOP } from './paint.js'
import { at, lastWords, linkWords, waitWords } from './words.js'

const LEGEND = [['run', 'running'], ['ready', 'ready, but not its turn'], ['wait', 'waiting'], ['timer', 'timer due'], ['over', 'done'], ['wake', 'wakes']]

/** What the legend explains besides, where it is to be seen. */
function legendOf(story) {
  const tasks = [...story.tasks.values()]
  const more = []
  if (beside(story).length) more.push(['busy', 'a thread, beside the loop'])
  if (tasks.some((task) => ['failed', 'panicked'].includes(task.done?.how))) more.push(['bad', 'failed'])
  return [...LEGEND, ...more]
}

export function Timeline() {
  return (
    <section class="timeline" aria-label="Timeline">
      <div class="legendbar">
        <h2>Timeline</h2>
        <span class="grow" />
        <span class="legend">
          {legendOf(story.value).map(([kind, word]) => (
            <span key={kind}>
              <Glyph kind={kind} width={kind === 'timer' || kind === 'over' ? 14 : 22} /> {word}
            </span>
          ))}
        </span>
      </div>
      <Picture />
      <AsText />
      <Transport />
    </section>
  )
}

/** The size of an element, and a new one when it changes. */
function useWidth(ref) {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const watch = new ResizeObserver(() => setWidth(ref.current?.clientWidth ?? 0))
    watch.observe(ref.current)
    return () => watch.disconnect()
  }, [])
  return width
}

/** How high a row is: so that all fit, if they can. */
function pitchOf(rows) {
  const room = innerWidth <= 1000 ? 260 : Math.max(180, Math.min(320, innerHeight - 622))
  return Math.max(24, Math.min(56, Math.floor(room / rows)))
}

function Picture() {
  const canvas = useRef(null)
  const hits = useRef([])
  const width = useWidth(canvas)
  const s = story.value
  const l = lesson.value
  const rows = rowsOf(s, l).length
  const pitch = pitchOf(rows)
  const height = TOP + rows * pitch + 8
  dark.value
  const how = { place: place.value, clock: clock.value, future: open.value, turn: turn.value, lesson: l }
  useEffect(() => {
    if (!width) return
    const c = canvas.current
    c.style.height = `${height}px`
    hits.current = paint(context(c, width, height), s, { ...how, width, pitch })
  })
  const click = (e) => {
    const box = canvas.current.getBoundingClientRect()
    const [x, y] = [e.clientX - box.left, e.clientY - box.top]
    const hit = hits.current.findLast(([hx, hy, w, h]) => x >= hx - 2 && x <= hx + w + 2 && y >= hy - 4 && y <= hy + h + 4)
    if (hit) pick(hit[4])
  }
  return (
    <div class="rows">
      <canvas class="picture" ref={canvas} onClick={click} role="img" aria-label="Timeline of the lesson; the table after it says the same" />
    </div>
  )
}

const MOST = 200 // turns that are told

/** The timeline for those who do not see it: what has happened so far, a row for each turn. */
function AsText() {
  const s = story.value
  const n = place.value
  if (playing.value) return null
  const turns = s.turns.filter((t) => t.ev < n).slice(-MOST)
  return (
    <div class="sr">
      <table>
        <caption>The timeline as text, as far as it has come</caption>
        <thead>
          <tr>
            <th>turn</th>
            <th>ready since</th>
            <th>ran</th>
            <th>because</th>
            <th>then</th>
          </tr>
        </thead>
        <tbody>
          {turns.map((t) => (
            <tr key={t.id}>
              <th>
                {t.name}
                {t.task ? `, step ${t.step}` : ''}
              </th>
              <td>{t.ready ? at(t.ready.t) : ''}</td>
              <td>{t.last < n ? (t.to > t.from ? `${at(t.from)} to ${at(t.to)}` : `at ${at(t.from)}`) : `from ${at(t.from)}, now`}</td>
              <td>{becauseOf(s, t)}</td>
              <td>{t.last < n ? endOf(s, t) : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function becauseOf(s, t) {
  return t.cause && t.cause.kind !== 'loop' ? linkWords(s, { ...t.cause, of: t }).filter(Boolean).join(', ') : ''
}

function endOf(s, t) {
  const e = s.events[t.last]
  const task = s.tasks.get(t.task)
  if (task?.done?.turn === t.id) return `it ${task.done.how}${task.done.error ? `: ${task.done.error}` : ''}`
  return e.how === 'waits' ? `it ${waitWords(e.wait, e.t, s)}` : e.how === 'yields' ? 'it is ready again' : ''
}

function Transport() {
  const s = story.value
  const i = stopIndex.value
  const last = s.stops.length - 1
  return (
    <div class="transport" role="toolbar" aria-label="Move through the recording">
      <button onClick={() => step(-1)} disabled={i === 0} title="Step back (←)">
        ◂ step
      </button>
      <button onClick={() => step(1)} disabled={i === last} title="Step (→)">
        step ▸
      </button>
      <button onClick={nextSwitch} disabled={i === last} title="To the next switch of task (N)">
        next switch
      </button>
      <button class="strong" id="play" onClick={play} title="Play (space)">
        {playing.value ? 'Pause' : i === last ? 'Again' : 'Play'}
      </button>
      <select aria-label="Speed" value={speed.value} onChange={(e) => (speed.value = Number(e.currentTarget.value))}>
        {SPEEDS.map((x) => (
          <option key={x} value={x} selected={x === speed.value}>
            {x === 0.25 ? '¼' : x === 0.5 ? '½' : x}×
          </option>
        ))}
      </select>
      <input type="range" id="slider" min="0" max={last} value={i} aria-label="Event" aria-valuetext={`event ${i} of ${last}, ${lastWords(s, place.value)}`} onInput={(e) => moveToStop(Number(e.currentTarget.value))} />
      <span class="at">
        event {i} of {last} · {at(Math.round(clock.value / 1e8) * 1e8 === clock.value ? clock.value : Math.round(clock.value / 1e7) * 1e7)}
      </span>
    </div>
  )
}

