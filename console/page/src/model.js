// What the page knows, and what the user has chosen. Views read it; only this file and
// the store write what comes from the source.

import { signal, computed, batch } from '@preact/signals'
import { Store, KEPT } from './store.js'
import { duration } from './format.js'

export const VIEWS = ['timeline', 'table', 'tree', 'waits', 'health', 'warnings']

/** Steps longer than this have a red edge: the threshold of the warning blocked-step. */
export const LONG_STEP = 100e6
const SPAN = 10e9
/** The lag at which the warning timer-late comes. */
export const LATE = 50e6
/** How much of the health of a loop is kept: a state a second. */
const HEALTH = 600

/** @type {import('./source.js').Source} */
export let source

export const store = new Store()
export const hello = signal(null)
export const parameters = signal([])
export const link = signal({ state: 'connecting', text: 'Connecting.', at: Date.now() })
export const dropped = signal(0)
export const view = signal('timeline')
export const selected = signal(0)
export const query = signal('')
export const paused = signal(false)
export const help = signal(false)
export const texts = signal(false) // the lanes as a table of text, for all to see
/** The same, a moment later: what stands beside the view is written in a frame of its own. */
export const tock = signal(0)
/** Counts what has come: views that show the state of the loop read it. */
export const tick = signal(0)
export const sort = signal({ key: 'since', down: true })
/** What the timeline shows: a span that ends at a time, or (0) now. With `whole` it is all of a recording, however long it grows. */
export const span = signal({ length: SPAN, end: 0 })
/** A host that is selected, instead of a task; the message that is looked at, by its number, or -1. */
export const host = signal('')
export const message = signal(-1)
/** No messages are drawn. */
export const quiet = signal(false)
/** The hosts of which only one row is shown. */
export const folded = signal(new Set())
/** The step of the selected task that is looked at, by its segment; -1: none. */
export const step = signal(-1)

const empty = () => ({
  at: 0,
  tasks: new Map(),
  groups: [],
  objects: [],
  timers: [],
  pools: [],
  warnings: [],
  stats: null,
  stale: false,
  stuck: null,
  truncated: 0,
  structure: 0, // counts changes of who is in which group
  health: [],
})

let state = empty()
let frozen = null // the state, and the time, at which the picture was stopped
let drawing = new Set()

/** The state that is shown: the last one, or the one at which the user paused. */
export const shown = computed(() => {
  tick.value
  return frozen ?? { ...state, now: Math.max(store.now, state.at) }
})

/** What is shown beside the view. */
export const beside = computed(() => {
  tock.value
  return shown.peek()
})

/** The end of the picture, if it follows the program. */
export const now = () => frozen?.now ?? Math.max(store.now, state.at)

/** The end of all that can be shown: a recording's is known before it has been told. */
export const last = () => Math.max(now(), source.live ? 0 : (source.length ?? 0))

/** When something was, in words: a recording counts from its beginning, as its axis does. */
export const when = (t) => (source.live ? `${duration(now() - t)} ago` : `at ${duration(t - 1)}`)

/** How much can be shown: the last minute, or the whole recording. */
export const kept = () => (source.live ? KEPT : Math.max(1000, source.length ?? last() - store.from))

/** The time at the right edge of the timeline. */
export const edge = () => span.value.end || last()

export const running = (warnings) => warnings.filter((w) => !w.ended)

const NONE = { dead: new Set(), behind: new Set() }
let lastKnots = NONE
const alike = (a, b) => a.size === b.size && [...a].every((x) => b.has(x))

/** The tasks in a deadlock, and those that wait for one of them. */
export const knots = computed(() => {
  const { warnings, tasks } = shown.value
  const dead = new Set()
  for (const w of running(warnings)) if (w.id === 'deadlock') for (const t of w.tasks) dead.add(t)
  const behind = new Set()
  if (dead.size === 0) return NONE
  const waiters = new Map()
  for (const t of tasks.values()) for (const by of t.wait?.by ?? []) waiters.has(by) ? waiters.get(by).push(t.id) : waiters.set(by, [t.id])
  const todo = [...dead]
  for (const id of todo) {
    for (const w of waiters.get(id) ?? []) {
      if (dead.has(w) || behind.has(w)) continue
      behind.add(w)
      todo.push(w)
    }
  }
  // The same object as long as the same tasks are in it: who depends on it may stay as it is.
  if (!alike(dead, lastKnots.dead) || !alike(behind, lastKnots.behind)) lastKnots = { dead, behind }
  return lastKnots
})

export const taskName = (id) => shown.peek().tasks.get(id)?.name ?? store.tasks.get(id)?.name ?? `task ${id}`

/** Has the draw function called whenever there is something new to draw. */
export function onDraw(draw) {
  drawing.add(draw)
  return () => drawing.delete(draw)
}

export function redraw() {
  for (const draw of drawing) draw()
}

let stop = null // ends the subscription

/** Begins to show what the source tells, and no longer what another one does. */
export function start(from) {
  stop?.()
  source = from
  stop = source.subscribe((m) => batch(() => receive(m)))
}

function receive(m) {
  if (m.type === 'lost') {
    if (link.peek().state !== 'lost' || link.peek().text !== m.text) link.value = { state: 'lost', text: m.text, final: m.final, at: link.peek().state === 'lost' ? link.peek().at : Date.now() }
    tick.value++
    return
  }
  if (link.peek().state !== 'live') link.value = { state: 'live', text: '', at: Date.now() }
  if (m.type === 'hello') greet(m)
  if (m.type === 'frame') {
    store.frame(m.frame)
    whole()
    dropped.value = m.frame.dropped
    if (!frozen) redraw()
  }
  if (m.type === 'state') {
    take(m.state)
    whole()
    // What is written anew once a second comes in a frame of its own: together with
    // reading the state it would be a long one.
    if (!frozen) soon ||= setTimeout(news, 30)
  }
}

function whole() {
  if (span.peek().whole && span.peek().length !== kept()) span.value = { length: kept(), end: 0, whole: true }
}

let soon = 0

function news() {
  soon = 0
  tick.value++
  setTimeout(() => tock.value++, 50)
  if (!source.live) redraw() // no frame will
}

function greet({ hello: h, again }) {
  hello.value = h
  parameters.value = source.parameters()
  document.title = `${h.program}: asyncio for Go`
  if (again) {
    // Nobody knows what happened meanwhile; the state comes anew, and whole.
    store.n = 0
    store.missed = store.now
    state.tasks = new Map()
    return
  }
  state = empty()
  frozen = null
  store.reset()
  selected.value = 0
  host.value = ''
  message.value = -1
  folded.value = new Set()
  step.value = -1
  paused.value = false
  store.kept = source.live ? KEPT : Infinity
  span.value = source.live ? { length: span.peek().whole ? SPAN : span.peek().length, end: 0 } : { length: source.length ?? SPAN, end: 0, whole: true }
  tick.value++
  tock.value++
}

let groupShape = ''

function take(s) {
  if (s.full) state.tasks = new Map()
  const shape = JSON.stringify(s.groups.map((g) => [g.id, g.owner, g.parent]))
  if (shape !== groupShape || s.full || s.gone.length) state.structure++
  groupShape = shape
  for (const t of s.tasks) {
    if (state.tasks.get(t.id)?.group !== t.group) state.structure++
    state.tasks.set(t.id, t)
  }
  for (const id of s.gone) state.tasks.delete(id)
  // A stale snapshot is of the time before the step in which the loop stands.
  const stuck = s.stuck?.task && state.tasks.get(s.stuck.task)
  if (stuck) state.tasks.set(stuck.id, { ...stuck, state: 'running', wait: null, since: Math.max(store.now, s.at) - s.stuck.for })
  if (store.missed) store.gap(store.missed, s.at, 0)
  store.missed = 0
  store.sync(s)
  const health = [...state.health, { at: s.at, ...s.loop }]
  if (health.length > HEALTH) health.shift()
  Object.assign(state, {
    at: s.at,
    groups: s.groups,
    objects: s.objects,
    timers: s.timers,
    pools: s.pools,
    warnings: s.warnings,
    stats: s.loop,
    stale: s.stale,
    stuck: s.stuck ?? null,
    truncated: s.truncated ?? 0,
    health,
  })
  dropped.value = s.dropped
}

/** Stops the picture, not the record; or lets it go on. */
export function pause(on = !paused.peek()) {
  batch(() => {
    const at = now()
    frozen = on ? { ...state, tasks: new Map(state.tasks), now: at } : null
    paused.value = on
    tick.value++
    tock.value++
  })
  redraw()
}

export function select(id) {
  batch(() => {
    if (selected.peek() !== id) step.value = -1
    if (selected.peek() !== id || host.peek()) message.value = -1
    selected.value = id
    host.value = ''
  })
  redraw()
}

export function selectHost(name) {
  batch(() => {
    if (host.peek() !== name) select(0)
    host.value = name
  })
  redraw()
}

/** Folds a host, or unfolds it; without a name that of what is selected, or all. */
export function fold(name = host.peek() || store.tasks.get(selected.peek())?.host) {
  const all = name ? [name] : store.hosts.list.map((h) => h.name)
  const next = new Set(folded.peek())
  const close = all.some((n) => !next.has(n))
  for (const n of all) close ? next.add(n) : next.delete(n)
  folded.value = next
  redraw()
}

const LEAST = 1e6 // a span of 1 ms

/** Moves the timeline by a part of what it shows; at its right end it follows again. */
export function move(part) {
  moveTo(edge() + part * span.peek().length)
}

export function moveTo(end) {
  const { length } = span.peek()
  const first = Math.min(last(), last() - kept() + length)
  const to = Math.max(first, end)
  span.value = { length, end: to >= last() ? 0 : to }
  redraw()
}

function showAll() {
  span.value = { length: kept(), end: 0, whole: true }
  redraw()
}

/** Zooms by a factor; the time `at` stays where it is (without it, the right edge). */
export function zoom(factor, at = edge()) {
  const { length } = span.peek()
  const to = Math.min(kept(), Math.max(LEAST, length * factor))
  if (!source.live && to === kept()) return showAll()
  const end = at + (edge() - at) * (to / length)
  span.value = { length: to, end: span.peek().end === 0 && at >= edge() ? 0 : end >= last() ? 0 : end }
  redraw()
}

/** Goes to the next (+1) or previous (-1) step of the selected task. */
export function stepBy(delta) {
  const lane = store.tasks.get(selected.peek())
  if (!lane) return
  const at = step.peek()
  let found = -1
  let later = -1
  store.walk(lane, (k, i) => {
    if (store.state[k] !== 2) return false
    if (delta < 0 && (at < 0 ? store.end[k] <= edge() : i < at)) {
      found = i
      return true
    }
    if (delta > 0 && i <= at) {
      found = later
      return true
    }
    later = i
    return false
  })
  if (found < 0) return
  step.value = found
  const k = found & (store.size - 1)
  const { length } = span.peek()
  const [from, to] = [store.begin[k], store.end[k]]
  if (to > edge() || from < edge() - length || span.peek().end === 0) moveTo(Math.min(last() - 1, Math.max(to, edge() - length / 2 > from ? from + length / 2 : edge())))
  redraw()
}

/** Goes to the next (+1) or previous (-1) message of what is selected, or of all, by when they were sent. */
export function messageBy(delta, own) {
  const { hosts } = store
  const any = !selected.peek() && !host.peek()
  let i = message.peek()
  if (i < hosts.tail) {
    // From the edge of the picture on.
    i = delta > 0 ? hosts.tail - 1 : hosts.head
    while (delta > 0 ? i + 1 < hosts.head && hosts.at(i + 1).at < edge() - span.peek().length : i > hosts.tail && hosts.at(i - 1).at > edge()) i += delta
  }
  do i += delta
  while (i >= hosts.tail && i < hosts.head && !(any || own(hosts.at(i))))
  if (i < hosts.tail || i >= hosts.head) return
  choose(i)
  const m = hosts.at(i)
  const { length } = span.peek()
  if (Math.max(m.at, m.arrives) > edge() || m.at < edge() - length) moveTo(m.at + length / 2)
}

export function choose(i) {
  quiet.value = false
  message.value = i
  redraw()
}

/** Does a task fit what is searched for? `state:`, `wait:`, `name:` and `group:` look there alone. */
export function matcher(text, groupName) {
  const terms = text.trim().toLowerCase().split(/\s+/).filter(Boolean)
  if (terms.length === 0) return null
  const { dead } = knots.peek()
  return (t) => {
    const parts = { name: t.name, state: dead.has(t.id) ? `deadlock ${t.state}` : t.state, wait: t.wait?.text ?? '', group: groupName(t.group), id: String(t.id) }
    return terms.every((term) => {
      const [, key, value] = /^(name|state|wait|group|id):(.*)$/.exec(term) ?? []
      if (key) return String(parts[key] ?? '').toLowerCase().includes(value)
      return `${parts.name} ${parts.state} ${parts.wait} ${parts.group}`.toLowerCase().includes(term)
    })
  }
}
