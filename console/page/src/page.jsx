// The frame of the page: head, figures, the view, what stands beside it, and the foot.

import { render } from 'preact'
import { hello, parameters, link, dropped, view, VIEWS, paused, pause, help, shown, running, source, start, redraw, tick, store } from './model.js'
import { TimelineView } from './timeline.jsx'
import { Table } from './table.jsx'
import { Tree } from './tree.jsx'
import { Waits } from './waits.jsx'
import { Health, Figures } from './health.jsx'
import { Warnings, Prose } from './warnings.jsx'
import { Detail } from './detail.jsx'
import { Help } from './help.jsx'
import { KEYS, listenToKeys } from './keys.js'
import { Foot } from './keytable.jsx'
import { dark, followTheme, toggleTheme } from './theme.js'
import { count, duration, many, place } from './format.js'

/** Shows the page in an element, with what a source tells. */
export function showPage(from, element) {
  followTheme(redraw)
  start(from)
  listenToKeys()
  render(<Page />, element)
}

function Page() {
  return (
    <>
      <Head />
      <Notices />
      <main class={`view-${view.value} ${(hello.value, source.live) ? '' : 'recorded'}`}>
        {source.live && <Figures />}
        <div class="middle" id="middle">
          <View />
        </div>
        <aside aria-label="Warnings and the selected task">
          {view.value !== 'warnings' && <Warnings />}
          <Detail />
        </aside>
      </main>
      <Foot table={KEYS} />
      {help.value && <Help />}
    </>
  )
}

function View() {
  switch (view.value) {
    case 'table':
      return <Table key="table" alone />
    case 'tree':
      return <Tree />
    case 'waits':
      return <Waits />
    case 'health':
      return <Health />
    case 'warnings':
      return <Warnings all />
    default:
      return (
        <>
          <TimelineView />
          <Table key="below" />
        </>
      )
  }
}

function Head() {
  const h = hello.value
  return (
    <header>
      <b>
        asyncio <span class="q">for Go</span>
      </b>
      <nav aria-label="Views">
        {VIEWS.map((name, i) => (
          <button key={name} aria-current={view.value === name ? 'page' : undefined} onClick={() => (view.value = name)} title={`${name} (${i + 1})`}>
            {name}
            {name === 'warnings' && <Count />}
          </button>
        ))}
      </nav>
      <span class="ctx">{h && [h.program, h.pid && `pid ${h.pid}`, h.loops.length === 1 && h.loops[0].name, h.go].filter(Boolean).join(' · ')}</span>
      {parameters.value.map((p) => (
        <Parameter key={p.name} parameter={p} />
      ))}
      <span class="grow" />
      <Live />
      {source.live && (
        <button aria-pressed={paused.value} onClick={() => pause()} title="Stops the picture, not the record (space)">
          {paused.value ? 'Go on' : 'Pause'}
        </button>
      )}
      <button onClick={() => toggleTheme(redraw)} title="Light or dark (D)">
        {dark.value ? 'Light' : 'Dark'}
      </button>
    </header>
  )
}

function Count() {
  const n = running(shown.value.warnings).length
  return n ? <i class="count">{n}</i> : null
}

/** A choice or a range: what the source says can be set. */
function Parameter({ parameter: p }) {
  const set = (value) => source.run({ ...Object.fromEntries(parameters.peek().map((q) => [q.name, q.value])), [p.name]: value })
  return (
    <label class="parameter">
      <span class="q">{p.label}</span>
      {p.choices ? (
        <select onChange={(e) => set(p.choices[e.currentTarget.selectedIndex].value)}>
          {p.choices.map((c) => (
            <option key={c.value} value={c.value} selected={c.value === p.value}>
              {c.label}
            </option>
          ))}
        </select>
      ) : (
        <input type="range" min={p.min} max={p.max} step={p.step} value={p.value} onChange={(e) => set(Number(e.currentTarget.value))} />
      )}
    </label>
  )
}

function Live() {
  hello.value // with it, the source may be another one
  const lost = dropped.value
  const word = link.value.state === 'lost' ? 'not connected' : link.value.state !== 'live' ? 'connecting' : !source.live ? 'recorded' : paused.value ? 'paused, still recording' : 'live'
  return (
    <span class="live" role="status">
      {word} · <span class={lost ? 'lost' : ''}>{many(lost, 'event')} dropped</span>
    </span>
  )
}

/** What must not be overlooked: no connection, a loop that does not answer, events lost. */
function Notices() {
  const state = shown.value
  tick.value
  const l = link.value
  return (
    <div class="notices">
      {l.state === 'lost' && (
        <div class="notice">
          <b role="alert">{l.text}</b> {l.final ? '' : hello.value ? `The picture is ${duration((Date.now() - l.at) * 1e6)} old. Trying again.` : 'Trying again.'}
        </div>
      )}
      {state.stuck?.for ? <Stuck stuck={state.stuck} /> : state.stale && <div class="notice"><b role="alert">The loop does not answer.</b> What is shown is its last state.</div>}
      {state.truncated > 0 && <div class="notice quiet">{many(state.truncated, 'task')} left out of {count(state.truncated + state.tasks.size)}.</div>}
    </div>
  )
}

function Stuck({ stuck: s }) {
  return (
    <div class="notice stuck">
      <div>
        {/* Without the time, which would be said anew each second. */}
        <b role="alert">The loop does not answer: {s.task ? `task ${s.name || s.task}` : 'a callback'} is in one step</b>{' '}
        for {duration(s.for)} <span class="q">({s.state})</span>
        {s.advice && (
          <p>
            <Prose text={s.advice} />
          </p>
        )}
      </div>
      <ol>
        {s.stack.slice(0, 6).map((f, i) => (
          <li key={i} title={f.path || f.file}>
            <code>{f.func.replace(/^.*\//, '')}</code> <span class="q">{place(f)}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}

// For the tests and for measuring alone.
globalThis.asyncioPage = { store, showPage }
