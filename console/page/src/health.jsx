// How the loop is: the five figures at the top, and the charts of the last ten minutes.

import { useEffect, useRef, useState } from 'preact/hooks'
import { beside, shown, LATE } from './model.js'
import { spark, chart, indexAt } from './chart.js'
import { dark } from './theme.js'
import { count, duration, many, percent, power } from './format.js'

const MINUTE = 60

const ms = (ns) => {
  const x = ns / 1e6
  return x < 10 ? (Math.round(x * 100) / 100).toString() : count(Math.round(x))
}

const FIGURES = [
  { title: 'Passes a second', of: (h) => h.rate, color: 'run', text: (h) => count(Math.round(h.rate)), note: (h) => `busy ${Math.round(h.busy * 100)} %` },
  { title: 'Lag p50', of: (h) => h.p50, color: 'ink3', text: (h) => ms(h.p50), note: () => 'ms' },
  { title: 'Lag p99', of: (h) => h.p99, color: 'ready', text: (h) => ms(h.p99), note: () => `ms, limit ${LATE / 1e6}`, limit: LATE },
  { title: 'Ready', of: (h) => h.ready, color: 'ready', text: (h) => count(h.ready), note: (h, all) => `now, ${count(Math.max(...all.map((x) => x.ready)))} at most` },
  {
    title: 'Live tasks',
    of: (h) => h.live,
    color: 'ink3',
    base: true,
    text: (h) => count(h.live),
    note: (h, all) => {
      const d = h.live - all[0].live
      return d ? `${d > 0 ? '+' : '−'}${count(Math.abs(d))} in ${all.length} s` : 'no change'
    },
  },
]

export function Figures() {
  const { health } = beside.value
  const minute = health.slice(-MINUTE)
  const last = minute.at(-1)
  return (
    <div class="figures" role="group" aria-label="Health of the loop">
      {FIGURES.map((f) => (
        <div key={f.title}>
          <h2>{f.title}</h2>
          <div class="n">
            {last ? f.text(last) : '–'} <small>{last ? f.note(last, minute) : ''}</small>
          </div>
          <Spark values={minute.map(f.of)} {...f} />
        </div>
      ))}
    </div>
  )
}

/** A canvas that is drawn anew with each rendering, each size and each theme. */
function useCanvas(draw) {
  const canvas = useRef(null)
  const latest = useRef(draw)
  latest.current = draw
  dark.value
  useEffect(() => latest.current(canvas.current))
  useEffect(() => {
    const size = new ResizeObserver(() => canvas.current && latest.current(canvas.current))
    size.observe(canvas.current)
    return () => size.disconnect()
  }, [])
  return canvas
}

function Spark({ values, ...how }) {
  return <canvas ref={useCanvas((c) => spark(c, values, how))} aria-hidden="true" />
}

const CHARTS = [
  { title: 'Passes a second', lines: [{ label: 'passes', of: (h) => h.rate, color: 'run' }], text: (v) => count(Math.round(v)) },
  { title: 'Lag', lines: [{ label: 'p50', of: (h) => h.p50, color: 'ink3' }, { label: 'p99', of: (h) => h.p99, color: 'ready' }], text: (v) => (v ? duration(v) : '0'), limit: LATE },
  { title: 'Tasks', lines: [{ label: 'ready', of: (h) => h.ready, color: 'ready' }, { label: 'live', of: (h) => h.live, color: 'ink2' }], text: (v) => count(Math.round(v)) },
]

export function Health() {
  const state = shown.value
  const { stats, pools, timers, now } = state
  return (
    <section class="health" tabIndex={0} aria-label="Health of the loop">
      <div class="bar">
        <h2>Health</h2>
        <span class="q grow">{stats ? `${count(stats.passes)} passes, busy ${percent(stats.busy)} of the last second, ${many(stats.workers, 'worker')}, ${many(stats.timers, 'timer')}, ${many(stats.watched, 'descriptor')} watched` : ''}</span>
      </div>
      {CHARTS.map((c) => (
        <Chart key={c.title} chart={c} health={state.health} now={now} />
      ))}
      <div class="below">
        <Lag lag={stats?.lag} />
        <Pools pools={pools} now={now} />
        <Timers timers={timers} now={now} tasks={state.tasks} />
      </div>
    </section>
  )
}

function Chart({ chart: { title, lines, text, limit }, health, now }) {
  const [at, point] = useState(-1)
  const times = health.map((h) => (h.at - now) / 1e9)
  const canvas = useCanvas((c) => chart(c, times, lines.map((l) => ({ values: health.map(l.of), color: l.color })), { text, limit, at }))
  const h = health[at] ?? health.at(-1)
  return (
    <figure class="chart">
      <figcaption>
        {title}{' '}
        {h && lines.map((l) => (
          <span key={l.label} class={l.color}>
            <i /> {l.label} {text(l.of(h))}
          </span>
        ))}
        {limit ? <span>limit {text(limit)}</span> : ''}
        {health[at] && <span>{duration(now - h.at)} ago</span>}
      </figcaption>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${title} over the last ten minutes`}
        onPointerMove={(e) => point(indexAt(e.currentTarget, times, e.offsetX))}
        onPointerLeave={() => point(-1)}
      />
    </figure>
  )
}

/** The lag of the last 10 s, in powers of two. */
function Lag({ lag }) {
  const last = lag ? lag.findLastIndex((n) => n > 0) : -1
  if (last < 0) return null
  const first = Math.min(lag.findIndex((n) => n > 0), Math.max(0, last - 7))
  const most = Math.max(...lag)
  return (
    <table class="plain bars">
      <caption>Waits for a turn, in the last 10 s</caption>
      <tbody>
        {lag.slice(first, last + 1).map((n, i) => (
          <tr key={i}>
            <th scope="row" class="num">under {power(first + i)}</th>
            <td>
              <svg width="120" height="9" aria-hidden="true"><rect class={2 ** (first + i - 1) * 1000 >= LATE ? 'late' : ''} width={n ? Math.max(1, (n / most) * 120) : 0} height="9" /></svg>
            </td>
            <td class="num">{count(n)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Pools({ pools, now }) {
  if (pools.length === 0) return null
  return (
    <table class="plain">
      <caption>Executors</caption>
      <thead>
        <tr>
          {['Name', 'Busy', 'Workers', 'Queued', 'Oldest waits'].map((h, i) => (
            <th key={h} scope="col" class={i ? 'num' : ''}>{h}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {pools.map((p) => (
          <tr key={p.name}>
            <td>{p.name}</td>
            <td class="num">{count(p.busy)}</td>
            <td class="num">{count(p.workers)}{p.size ? ` of ${count(p.size)}` : ''}</td>
            <td class="num">{count(p.queued)}</td>
            <td class="num">{p.oldest ? duration(now - p.oldest) : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Timers({ timers, now, tasks }) {
  if (timers.length === 0) return null
  return (
    <table class="plain">
      <caption>Next timers{timers.length > 10 ? `: 10 of ${count(timers.length)}` : ''}</caption>
      <tbody>
        {timers.slice(0, 10).map((t, i) => (
          <tr key={i}>
            <td class="num">{t.at > now ? `in ${duration(t.at - now)}` : `due for ${duration(now - t.at)}`}</td>
            <td>{t.for}</td>
            <td>{t.task ? tasks.get(t.task)?.name ?? `task ${t.task}` : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
