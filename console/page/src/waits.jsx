// Who waits for whom: cycles first, then, for each one that holds up others, the tree of
// those behind it. What waits for the world (a timer, a connection) is only counted.

import { useEffect, useRef } from 'preact/hooks'
import { shown, selected, select, query, knots, matcher, running, taskName } from './model.js'
import { groupName } from './forest.js'
import { Cycle } from './cycle.jsx'
import { Mark } from './marks.jsx'
import { count, duration, many, waitText } from './format.js'
import { onArrows } from './keys.js'
import { Search } from './search.jsx'

const WIDTH = 168 // of a node
const COLUMN = 240
const LINE = 27
const MOST = 300 // nodes
const WAITERS = 8 // of one object that is held; more are counted
const IDLE = 3 // of one that nobody holds
const SEVERAL = 3 // tasks awaited at once; who awaits more is counted, the tree shows them

/**
 * The graph as rows: roots are those that wait for nobody, under each the objects that
 * it holds and the tasks that await it, under these their waiters.
 */
function graphOf(state, dead) {
  const waiters = new Map() // "t" task or "o" object -> tasks
  const held = new Map() // task -> objects with waiters
  const add = (map, key, value) => (map.has(key) ? map.get(key).push(value) : map.set(key, [value]))
  const objects = new Map(state.objects.map((o) => [o.id, o]))
  const needed = new Set() // tasks that others depend on
  const bound = new Set() // tasks that depend on others
  const rest = new Map() // kind -> tasks that wait for no task
  for (const t of state.tasks.values()) {
    const w = t.wait
    if (!w || t.state !== 'waiting') continue
    if (w.obj && !objects.has(w.obj)) objects.set(w.obj, { id: w.obj, kind: w.kind, name: w.name, holder: w.by[0] ?? 0, waiters: 0 })
    if (w.obj) add(waiters, `o${w.obj}`, t)
    else if (w.by.length <= SEVERAL) for (const by of w.by) add(waiters, `t${by}`, t)
    if (w.by.length === 0 || (!w.obj && w.by.length > SEVERAL)) {
      add(rest, w.kind, t)
      continue
    }
    bound.add(t.id)
    for (const by of w.by) needed.add(by)
  }
  for (const o of objects.values()) if (waiters.has(`o${o.id}`) && o.holder) add(held, o.holder, o)
  const nodes = []
  const edges = []
  const seen = new Set()
  let line = 0
  let left = 0
  const place = (node, depth, from, kind) => {
    if (nodes.length >= MOST) return left++
    node.x = depth
    nodes.push(node)
    if (from) edges.push({ from, to: node, kind })
    return node
  }
  const task = (id, depth, from) => {
    const key = `t${id}`
    if (seen.has(key)) {
      // It is drawn already: a second edge, no second node.
      const other = nodes.find((n) => n.key === key)
      if (other && from && other !== from) edges.push({ from, to: other, kind: 'waits', second: true })
      return
    }
    seen.add(key)
    const node = place({ key, task: id, bad: dead.has(id) }, depth, from, 'waits')
    if (typeof node === 'number') return
    node.y = line
    const before = line
    for (const o of held.get(id) ?? []) object(o, depth + 1, node)
    for (const w of order(waiters.get(key))) task(w.id, depth + 1, node)
    if (line === before) line++
  }
  const object = (o, depth, from) => {
    const key = `o${o.id}`
    const list = order(waiters.get(key)).filter((w) => !(dead.has(w.id) && seen.has(`t${w.id}`)))
    if (seen.has(key) || list.length === 0) return
    seen.add(key)
    const node = place({ key, object: o }, depth, from, 'holds')
    if (typeof node === 'number') return
    node.y = line
    const before = line
    const most = o.holder ? WAITERS : IDLE
    for (const w of list.slice(0, most)) task(w.id, depth + 1, node)
    if (list.length > most) {
      const more = place({ key: `${key}+`, more: list.length - most }, depth + 1, node, 'waits')
      if (typeof more !== 'number') more.y = line++
    }
    if (line === before) line++
  }
  const order = (list) => (list ?? []).sort((a, b) => a.wait.since - b.wait.since)
  const roots = [...needed].filter((id) => !bound.has(id) && !dead.has(id)).sort((a, b) => a - b)
  const weight = (id) => (waiters.get(`t${id}`)?.length ?? 0) + (held.get(id) ?? []).reduce((n, o) => n + waiters.get(`o${o.id}`).length, 0)
  const start = (id) => {
    task(id, 0)
    line += 0.5
  }
  for (const id of dead) seen.add(`t${id}`)
  const behindDead = [...dead].filter((id) => {
    const all = [...(waiters.get(`t${id}`) ?? []), ...(held.get(id) ?? []).flatMap((o) => waiters.get(`o${o.id}`))]
    return all.some((t) => !dead.has(t.id))
  })
  for (const id of behindDead) {
    seen.delete(`t${id}`)
    start(id)
  }
  for (const id of roots.sort((a, b) => weight(b) - weight(a))) start(id)
  for (const o of objects.values()) {
    if (o.holder || !waiters.has(`o${o.id}`)) continue
    object(o, 0)
    line += 0.5
  }
  for (const id of bound) if (!seen.has(`t${id}`)) start(id)
  return { nodes, edges, rest, lines: line, left }
}

export function Waits() {
  const state = shown.value
  const { dead } = knots.value
  const names = new Map(state.groups.map((g) => [g.id, groupName(g, taskName)]))
  const match = matcher(query.value, (g) => names.get(g) ?? '')
  const filtered = match ? { ...state, tasks: new Map([...state.tasks].filter(([, t]) => match(t))) } : state
  const { nodes, edges, rest, lines, left } = graphOf(filtered, dead)
  const deadlocks = running(state.warnings).filter((w) => w.cycle?.length)
  const order = useRef([])
  order.current = [...dead, ...nodes.filter((n) => n.task && !dead.has(n.task)).map((n) => n.task)]
  useEffect(
    () =>
      onArrows((d) => {
        const all = order.current
        if (all.length === 0) return
        const i = all.indexOf(selected.peek())
        select(all[i < 0 ? 0 : Math.max(0, Math.min(all.length - 1, i + d))])
        document.querySelector('.graph .chosen')?.scrollIntoView({ block: 'nearest' })
      }),
    [],
  )
  const width = (Math.max(0, ...nodes.map((n) => n.x)) + 1) * COLUMN
  const height = Math.max(1, lines) * LINE
  const waiting = [...state.tasks.values()].filter((t) => t.state === 'waiting').length
  return (
    <>
      <div class="bar">
        <h2>Waits</h2>
        <span class="q grow">
          {many(waiting, 'task')} {waiting === 1 ? 'waits' : 'wait'}
          {deadlocks.length ? `, ${many(deadlocks.length, 'deadlock')}` : ', no deadlock'}
          {left ? `, ${count(left)} not drawn: search for some of them` : ''}
        </span>
        <Search />
        <span class="legend" aria-hidden="true">
          <span>
            <svg width="34" height="12" class="key"><path class="waits plain" d="M8 6H33" /><path class="plainfill" d="M1 6L9 2.5V9.5z" /></svg>waits for
          </span>
          <span>
            <svg width="22" height="12" class="key"><path class="holds" d="M0 6H22" /></svg>held by
          </span>
        </span>
      </div>
      <div class="graph" tabIndex={0} aria-label="Who waits for whom">
        {deadlocks.length > 0 && (
          <div class="knots">
            {deadlocks.map((w) => (
              <figure key={w.key}>
                <figcaption>
                  <Mark kind="bad" /> {w.title}
                </figcaption>
                <Cycle cycle={w.cycle} now={state.now} />
              </figure>
            ))}
          </div>
        )}
        {nodes.length > 0 ? (
          <svg width={width} height={height + 8} role="group" aria-label="Tasks and what they wait for">
            <defs>
              <marker id="whead" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
                <path class="plainfill" d="M0 .5L8 4L0 7.5z" />
              </marker>
            </defs>
            {edges.map((e, i) => (
              <Edge key={i} edge={e} />
            ))}
            {nodes.map((n) => (
              <Node key={n.key} node={n} now={state.now} />
            ))}
          </svg>
        ) : (
          <p class="none">{match ? 'No wait fits the search.' : 'No task waits for another one.'}</p>
        )}
        <Rest rest={rest} now={state.now} />
      </div>
    </>
  )
}

const middle = (n) => n.y * LINE + 4 + 10

function Edge({ edge: { from, to, kind, second } }) {
  const x0 = from.x * COLUMN + WIDTH
  const x1 = to.x * COLUMN
  const [y0, y1] = [middle(from), middle(to)]
  if (second) return <path class="waits plain second" d={`M${x1} ${y1}C${x1 - 40} ${y1} ${x0 + 50} ${y0} ${x0 + 3} ${y0}`} marker-end="url(#whead)" />
  const bend = x0 + 30
  const d = y0 === y1 ? `M${x1} ${y1}H${x0 + 2}` : `M${x1} ${y1}H${bend + 8}Q${bend} ${y1} ${bend} ${y1 - 8}V${y0}${kind === 'waits' ? `M${bend} ${y0}H${x0 + 2}` : `M${bend} ${y0}H${x0}`}`
  return <path class={kind === 'waits' ? 'waits plain' : 'holds thin'} d={d} marker-end={kind === 'waits' ? 'url(#whead)' : undefined} />
}

const clip = (text, n) => (text.length > n ? text.slice(0, n - 1) + '…' : text)

function Node({ node: n, now }) {
  const x = n.x * COLUMN
  const y = n.y * LINE + 4
  if (n.more) {
    return (
      <text class="q" x={x + 8} y={y + 14}>
        and {count(n.more)} more
      </text>
    )
  }
  if (n.object) {
    const o = n.object
    const fill = o.cap ? ` ${o.len}/${o.cap}` : o.kind === 'queue' ? ` ${o.len}` : ''
    const text = `${o.kind} ${o.name || ''}${fill}`
    return (
      <g class="thing">
        <title>{`${text}, ${many(o.waiters, 'waiter')}${o.holder ? `, held by ${taskName(o.holder)} for ${duration(now - o.since)}` : ', held by nobody'}`}</title>
        <rect x={x + 0.5} y={y + 0.5} width={WIDTH} height="20" rx="10" />
        <text x={x + 10} y={y + 14.5}>{clip(text, 24)}</text>
      </g>
    )
  }
  const t = shown.value.tasks.get(n.task)
  const chosen = selected.value === n.task
  const name = taskName(n.task)
  return (
    <g class={`task ${n.bad ? 'bad' : ''} ${chosen ? 'chosen' : ''}`} onClick={() => select(n.task)}>
      <title>{`${name}${t?.wait ? ` waits for ${waitText(t.wait)}` : ''}`}</title>
      <rect x={x + 0.5} y={y + 0.5} width={WIDTH} height="20" />
      <text x={x + 8} y={y + 14.5}>{clip(name, 17)}</text>
      <text class="l" x={x + WIDTH - 6} y={y + 14.5} text-anchor="end">
        {t?.state === 'waiting' && t.since ? duration(now - t.since) : t?.state ?? ''}
      </text>
    </g>
  )
}

/** What waits for no task, by kind. */
function Rest({ rest, now }) {
  const rows = [...rest].map(([kind, list]) => ({ kind, n: list.length, oldest: list.reduce((a, b) => (a.since <= b.since ? a : b)) }))
  rows.sort((a, b) => b.n - a.n)
  if (rows.length === 0) return null
  return (
    <table class="plain rest">
      <caption>Waiting for no task, or for many</caption>
      <thead>
        <tr>
          <th scope="col">For</th>
          <th scope="col" class="num">Tasks</th>
          <th scope="col" class="num">Longest</th>
          <th scope="col">Who</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.kind}>
            <td>
              <button class="link" onClick={() => (query.value = `wait:${r.kind.split(' ')[0]}`)}>{r.kind}</button>
            </td>
            <td class="num">{count(r.n)}</td>
            <td class="num">{r.oldest.since ? duration(now - r.oldest.since) : ''}</td>
            <td>
              <button class="link" onClick={() => select(r.oldest.id)}>{r.oldest.name}</button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
