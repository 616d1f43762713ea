// The state after any event of a recording, from its events: docs/design/tour.md says what
// both are. The Go side has the same fold, and a test compares the two.

/** How many events there are from one key frame to the next. */
export const FRAME = 64

/** The state before the first event. */
export function begin() {
  return { t: 0, pass: 0, ready: [], timers: [], running: null, tasks: {}, groups: {}, rows: {}, out: [], sleeping: null }
}

/** Changes the state by one event. The tasks are those of the recording, by their numbers. */
export function apply(state, e, tasks) {
  state.t = e.t
  const task = state.tasks[e.task]
  RULES[e.k]?.(state, e, task, tasks)
  if (e.line) stands(state, e)
}

const RULES = {
  pass: (s, e) => (s.pass = e.n),
  spawn(s, e, _, tasks) {
    const { name = '', parent = 0, group = 0 } = tasks.get(e.task) ?? {}
    s.tasks[e.task] = { name, parent, group, state: 'ready', since: e.t, wait: null, line: 0, steps: 0, how: '', error: '', by: null }
  },
  hold: (s, e, task) => becomes(task, 'held', e.t),
  push(s, e) {
    const { kind, task = 0, name = '', line = 0 } = e.item
    s.ready.push({ slot: e.slot, kind, task, name, line, since: e.t })
    if (kind === 'task' && s.tasks[task]?.state !== 'done') ready(s.tasks[task], e.t)
  },
  take: (s, e) => (s.ready = s.ready.filter((item) => item.slot !== e.slot)),
  begin(s, e, task) {
    s.running = { task: e.task, step: e.step, line: e.line ?? 0, since: e.t }
    if (!task) return
    becomes(task, 'running', e.t)
    task.wait = null
    task.steps = e.step
  },
  end(s, e, task) {
    s.running = null
    if (e.how === 'yields') becomes(task, 'ready', e.t)
    if (e.how !== 'waits') return
    becomes(task, 'waiting', e.t)
    if (task) task.wait = e.wait ?? null
  },
  call: (s, e) => (s.running = { callback: e.name ?? '', line: e.line ?? 0, since: e.t }),
  called: (s) => (s.running = null),
  wake(s, e, task) {
    if (task) task.by = e.by ?? null
    ready(task, e.t)
  },
  timer(s, e) {
    s.timers.push({ id: e.id, task: e.task ?? 0, at: e.at, for: e.for })
    s.timers.sort((a, b) => a.at - b.at || a.id - b.id)
  },
  due: (s, e) => drop(s, e),
  stop: (s, e) => drop(s, e),
  group: (s, e) => (s.groups[e.group] = { name: e.name ?? '', task: e.task ?? 0 }),
  left: (s, e) => delete s.groups[e.group],
  done(s, e, task) {
    if (!task) return
    becomes(task, 'done', e.t)
    Object.assign(task, { how: e.how, error: e.error ?? '', wait: null })
  },
  print: (s, e) => s.out.push({ t: e.t, task: e.task ?? 0, row: e.row ?? '', text: e.text ?? '', line: e.line ?? 0 }),
  report: (s, e) => s.out.push({ t: e.t, task: e.task ?? 0, row: e.row ?? '', text: e.text ?? '', line: e.line ?? 0 }),
  row(s, e) {
    if (e.busy) s.rows[e.row] = { kind: e.kind, task: e.task ?? 0, since: e.t }
    else delete s.rows[e.row]
  },
  asleep: (s, e) => (s.sleeping = { until: e.until ?? 0, since: e.t }),
  awake: (s) => (s.sleeping = null),
  over: (s) => Object.assign(s, { ready: [], timers: [], groups: {}, rows: {}, running: null, sleeping: null }),
}

const drop = (s, e) => (s.timers = s.timers.filter((timer) => timer.id !== e.id))

function becomes(task, state, t) {
  if (!task || task.state === state) return
  task.state = state
  task.since = t
}

/** A task that runs is told later that it is ready: when its step is over. */
function ready(task, t) {
  if (task && task.state !== 'running') becomes(task, 'ready', t)
}

/** The line of an event is that of its task; that of a spawn, or of a cancel, is where who did it stands. */
function stands(s, e) {
  const id = e.k === 'spawn' || e.k === 'cancel' ? e.by?.task : e.task
  if (s.tasks[id]) s.tasks[id].line = e.line
  if (s.running && s.running.task === id && !e.row) s.running.line = e.line
}

/** Answers the state after n events, from 0 to all of them, for any n and in any order. */
export class Fold {
  constructor(recording) {
    this.events = recording.events
    this.tasks = new Map(recording.tasks.map((task) => [task.id, task]))
    this.frames = [begin()]
    let state = begin()
    for (let n = 0; n < this.events.length; n++) {
      apply(state, this.events[n], this.tasks)
      if ((n + 1) % FRAME === 0) this.frames.push(structuredClone(state))
    }
  }

  at(n) {
    const frame = Math.floor(n / FRAME)
    const state = structuredClone(this.frames[frame])
    for (let i = frame * FRAME; i < n; i++) apply(state, this.events[i], this.tasks)
    return state
  }
}
