// All there is to say about the selected task.

import { useEffect, useState } from 'preact/hooks'
import { signal } from '@preact/signals'
import { source, store, beside, selected, select, host, selectHost, when, step, tock, paused, knots, taskName, hello, stepBy, LONG_STEP } from './model.js'
import { groupName } from './forest.js'
import { ChosenMessage, HostDetail } from './mail.jsx'
import { State, Mark } from './marks.jsx'
import { Wait, held, lifetime } from './table.jsx'
import { count, duration, many, percent, place, power, words } from './format.js'
import { READY, RUNNING } from './store.js'

const detail = signal(null) // of the selected task: {id, value} or {id, error}

/** Asks for the detail when the selection changes, and again with each state. */
function follow() {
  const id = selected.value
  tock.value
  useEffect(() => {
    if (!id || (paused.peek() && detail.peek()?.id === id)) return
    let over = false
    source.detail(id).then(
      (value) => !over && (detail.value = { id, value }),
      (error) => !over && (detail.value = { id, error: error.message }),
    )
    return () => (over = true)
  }, [id, tock.value])
}

export function Detail({ wide }) {
  follow()
  const id = selected.value
  const state = beside.value
  const task = state.tasks.get(id)
  const own = detail.value?.id === id ? detail.value : null
  const t = task ?? own?.value
  if (!id && host.value) return <HostDetail />
  if (!id) {
    return (
      <section class="detail empty" aria-label="Selected task">
        <h2>No task selected</h2>
        <p class="none">Click a lane or a row, or press ↓.</p>
        <ChosenMessage />
      </section>
    )
  }
  if (!t) {
    return (
      <section class="detail" aria-label="Selected task">
        <h2>Selected: {taskName(id)}</h2>
        <p class="none">{own?.error ?? 'It has ended, and is no longer told of.'}</p>
      </section>
    )
  }
  const d = own?.value
  const group = state.groups.find((g) => g.id === t.group)
  const name = (t2) => taskName(t2)
  return (
    <section class={`detail ${wide ? 'wide' : ''}`} aria-label="Selected task" tabIndex={0}>
      <h2>
        Selected: {t.name}
        <small>
          {many(t.steps, 'step')}
          {t.steps ? `, longest ${duration(t.longest)}` : ''}
        </small>
      </h2>
      <p class="now">
        <State task={t} knots={knots.value} />
        {t.state !== 'done' && t.since ? <span class="q"> for {duration(state.now - t.since)}</span> : ''}
        {t.wait && (
          <>
            {', '}
            <Wait wait={t.wait} />
          </>
        )}
        {t.wait?.until ? <span class="q">, {duration(Math.max(0, t.wait.until - state.now))} to go</span> : ''}
        {t.wait?.by?.length ? (
          <>
            <span class="q">, {held(t.wait)} </span>
            {t.wait.by.slice(0, 3).map((by) => (
              <button key={by} class="link" onClick={() => select(by)}>
                {name(by)}
              </button>
            ))}
            {t.wait.by.length > 3 ? <span class="q"> and {t.wait.by.length - 3} more</span> : ''}
          </>
        ) : (
          ''
        )}
        {t.by && <span class="q">, woken by {t.by}</span>}
        {t.error && <span class="error">{t.error}</span>}
        {t.canceled && t.state !== 'done' ? <span class="error">asked to end {duration(state.now - t.canceled)} ago</span> : ''}
      </p>
      <div class="two">
        <Stack frames={d?.stack?.length ? d.stack : (t.created ?? [])} title={d?.stack?.length ? 'Stack' : 'Created at'} place={t.place} />
        <Histogram steps={d?.histogram} />
      </div>
      <Shares task={t} now={state.now} />
      <Chosen />
      <ChosenMessage />
      {d?.stack?.length && t.created?.length && String(d.stack.map(place)) !== String(t.created.map(place)) ? <Stack frames={t.created} title="Created at" /> : ''}
      <p class="q facts">
        {t.host && (
          <>
            on the host <button class="link" onClick={() => selectHost(t.host)}>{t.host}</button>
            {', '}
          </>
        )}
        {[group ? `in the group ${groupName(group, taskName)}` : '', t.parent ? `created by ${name(t.parent)}` : '', t.begun ? `${duration(state.now - t.begun)} ago` : '', t.function ? `runs ${t.function}` : ''].filter(Boolean).join(', ')}
      </p>
      <Cancel task={t} />
      {own?.error && <p class="error">{own.error}</p>}
      <Events events={d?.events} now={state.now} />
    </section>
  )
}

function Stack({ frames, title, place: at }) {
  return (
    <div class="stack">
      <h2>{title}</h2>
      {frames.slice(0, 12).map((f, i) => (
        <div class="fr" key={i} title={`${f.func}\n${f.path || f.file}:${f.line}`}>
          <code>{f.func.replace(/^.*\//, '')}</code>
          <span class="q">{place(f)}</span>
        </div>
      ))}
      {frames.length === 0 && <div class="fr q">{at || 'not known'}</div>}
    </div>
  )
}

/** How many steps took how long, in powers of two. */
function Histogram({ steps }) {
  const first = steps?.findIndex((n) => n > 0) ?? -1
  if (first < 0) return <div class="histogram" />
  const last = steps.findLastIndex((n) => n > 0)
  const from = Math.max(0, Math.min(first, last - 5))
  const to = Math.max(last, from + 5)
  const n = to - from + 1
  const most = Math.max(...steps)
  const w = 118 / n
  return (
    <svg class="histogram" viewBox="0 0 118 66" role="img" aria-label={`Steps by duration, from ${power(from)} to ${power(to)}`}>
      {steps.slice(from, to + 1).map((v, i) => {
        const h = v ? Math.max(1.5, (v / most) * 44) : 0
        return (
          <rect key={i} class={2 ** (from + i - 1) * 1000 >= LONG_STEP ? 'long' : ''} x={i * w + 0.5} y={50 - h} width={Math.max(1, w - 1.5)} height={h}>
            <title>{`${many(v, 'step')} under ${power(from + i)}`}</title>
          </rect>
        )
      })}
      <path d="M0 50.5H118" />
      <text x="0" y="62">{power(from)}</text>
      <text x="118" y="62" text-anchor="end">{power(to)}</text>
    </svg>
  )
}

function Shares({ task: t, now }) {
  const all = lifetime(t, now)
  const [run, ready] = [t.busy / all, t.ready / all]
  const w = 330
  return (
    <div class="shares">
      <svg viewBox={`0 0 ${w} 12`} preserveAspectRatio="none" aria-hidden="true">
        <path class="wait" d={`M0 6H${w}`} />
        <rect class="run" x="0" y="0" width={Math.max(1.5, w * run)} height="12" />
        <rect class="ready" x={Math.max(1.5, w * run)} y="3" width={Math.max(1.5, w * ready)} height="6" />
      </svg>
      <div>
        <span><Mark kind="run" /> {percent(run)} running</span>
        <span><Mark kind="ready" /> {percent(ready)} ready</span>
        <span><Mark kind="wait" /> {percent(1 - run - ready)} waiting</span>
      </div>
    </div>
  )
}

/** The step chosen with [ and ]. */
function Chosen() {
  const i = step.value
  if (i < 0 || i < store.tail) return null
  const mask = store.size - 1
  const k = i & mask
  const parts = [`${duration(store.end[k] - store.begin[k])} long, ${when(store.begin[k])}`]
  const b = store.back[k] ? (i - store.back[k]) & mask : -1
  if (b >= 0 && store.state[b] === READY && store.end[b] >= store.begin[k] - 1) parts.push(`ready ${duration(store.end[b] - store.begin[b])} before${store.arg[b] ? `, woken by ${taskName(store.arg[b])}` : ''}`)
  const text = words(store.texts.text(store.arg[k]))
  if (store.state[k] === RUNNING && text) parts.push(`then waits for ${text}`)
  return (
    <p class="step">
      <button onClick={() => stepBy(-1)} aria-label="The step before">[</button>
      <span>Step: {parts.join('; ')}</span>
      <button onClick={() => stepBy(1)} aria-label="The step after">]</button>
    </p>
  )
}

/** Asks a task to end; asks the user first. */
function Cancel({ task: t }) {
  const [asked, ask] = useState(0)
  const [answer, say] = useState('')
  hello.value
  useEffect(() => {
    ask(0)
    say('')
  }, [t.id])
  if (!source.cancel || t.state === 'done') return null
  const cancel = () => {
    if (asked !== t.id) return ask(t.id)
    ask(0)
    source.cancel(t.id).then(() => say('It is asked to end.'), (error) => say(error.message))
  }
  return (
    <p class="cancel">
      <button class={asked === t.id ? 'sure' : ''} onClick={cancel} onBlur={() => ask(0)}>
        {asked === t.id ? `Really cancel ${t.name}?` : 'Cancel the task'}
      </button>
      <span role="status">{answer}</span>
    </p>
  )
}

const FOREIGN = new Set(['failed', 'panicked']) // their text is the program's error

function Events({ events, now }) {
  if (!events?.length) return null
  return (
    <div class="events">
      <h2>
        Last events <small>{count(events.length)}, latest first</small>
      </h2>
      <ol>
        {events.toReversed().slice(0, 200).map((e, i) => (
          <li key={i}>
            <time>{source.live ? `−${duration(Math.max(0, now - e.at))}` : duration(e.at - 1)}</time>
            <span>{FOREIGN.has(e.kind) ? e.text : words(e.text || e.kind)}</span>
            <span class="q">{e.for ? duration(e.for) : ''}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}
