// Try it: the parameters of the lesson, within their bounds; and the same work done in other
// ways, on one axis of time.

import { useEffect, useRef, useState } from 'preact/hooks'
import { lesson, values, set, setBack, canRun, whyNot, refused, waiting, recording, story, open, prepare, program } from './model.js'
import { Story } from './story.js'
import { context } from '../chart.js'
import { dark } from '../theme.js'
import { paintWays, waysHeight } from './paint.js'
import { at, span } from './words.js'

export function Try() {
  const l = lesson.value
  if (!l.params?.length && !l.try) return null
  return (
    <section class="try" aria-label="Try it">
      <h2>
        Try it <small>{program.value ? 'of the lesson, not of the program you have changed' : waiting.value ? 'running…' : l.params?.length && canRun.value ? 'runs again at once, on the virtual clock' : ''}</small>
      </h2>
      {l.try && <p class="w">{l.try}</p>}
      {l.params?.length > 0 && (
        <div class="params" onPointerEnter={prepare} onFocusIn={prepare}>
          {l.params.map((p, i) => (
            <Param key={p.name} p={p} first={i === 0} value={values.value[p.name] ?? p.default} />
          ))}
        </div>
      )}
      {whyNot.value && l.params?.length > 0 && <p class="q reason">{whyNot.value}</p>}
      {Object.keys(values.value).length > 0 && (
        <button class="link" onClick={setBack}>
          as it was
        </button>
      )}
      <p class="error" role="alert">{refused.value}</p>
    </section>
  )
}

const UNITS = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, 'µs': 1e3, us: 1e3, ns: 1 }

/** A duration as Go writes it, in nanoseconds. */
export const nanoseconds = (text) => [...text.matchAll(/([\d.]+)(h|ms|µs|us|ns|m|s)/g)].reduce((sum, [, n, unit]) => sum + Number(n) * UNITS[unit], 0)

function Param({ p, value, first }) {
  const id = first ? 'first-parameter' : `parameter-${p.name}`
  const off = !canRun.value
  const change = (v) => set(p.name, v)
  if (p.kind === 'choice' || p.kind === 'bool') {
    const choices = p.kind === 'bool' ? ['true', 'false'] : p.choices
    const words = p.kind === 'bool' ? { true: 'yes', false: 'no' } : {}
    return (
      <>
        <label for={id}>{p.label}</label>
        <select id={id} disabled={off} value={value} onChange={(e) => change(e.currentTarget.value)}>
          {choices.map((c) => (
            <option key={c} value={c} selected={c === value}>
              {words[c] ?? c}
            </option>
          ))}
        </select>
        <span />
      </>
    )
  }
  const time = p.kind === 'duration'
  const number = (text) => (time ? nanoseconds(text) / 1e6 : Number(text))
  const written = (n) => (time ? (n === number(p.default) ? p.default : `${n}ms`) : String(n))
  return (
    <>
      <label for={id}>{p.label}</label>
      <input id={id} type="range" disabled={off} min={number(p.min)} max={number(p.max)} step={p.step ? number(p.step) : 1} value={number(value)} aria-valuetext={time ? span(number(value) * 1e6) : undefined} onInput={(e) => change(written(Number(e.currentTarget.value)))} />
      <output for={id}>{time ? span(number(value) * 1e6) : value}</output>
    </>
  )
}

/** Sequential, concurrent and parallel, as timelines on one axis of time. */
export function Ways() {
  const made = recording.value
  if (!made.ways?.length) return null
  return (
    <section class="ways" aria-label="The same work in other ways">
      <h2>
        The same, done otherwise <small>{open.value ? 'on one axis of time' : ''}</small>
      </h2>
      {open.value ? <WaysPicture made={made} /> : <p class="none">after your guess</p>}
    </section>
  )
}

const stories = new WeakMap()

function storyOf(recording) {
  if (!stories.has(recording)) stories.set(recording, new Story(recording))
  return stories.get(recording)
}

function WaysPicture({ made }) {
  const canvas = useRef(null)
  const [width, setWidth] = useState(0)
  dark.value
  const ways = [{ name: 'this program', story: story.value, me: true }, ...made.ways.map((way) => ({ name: way.name, story: storyOf(way.recording) }))]
  const height = waysHeight(ways)
  useEffect(() => {
    const watch = new ResizeObserver(() => setWidth(canvas.current?.clientWidth ?? 0))
    watch.observe(canvas.current)
    return () => watch.disconnect()
  }, [])
  useEffect(() => {
    if (!width) return
    canvas.current.style.height = `${height}px`
    paintWays(context(canvas.current, width, height), width, ways, Math.min(116, width * 0.34))
  })
  return (
    <>
      <canvas ref={canvas} class="waysPicture" role="img" aria-label={ways.map((way) => `${way.name}: ${at(way.story.length)}`).join('; ')} />
    </>
  )
}
