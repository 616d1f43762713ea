// The state after any event of a recording, from its events: docs/design/tour.md says what
// both are. The Go side has the same fold, and a test compares the two.

/** How many events there are from one key frame to the next. */
export const FRAME = 64

/** The state before the first event. */
export function begin() {
  return { t: 0, pass: 0, ready: [], timers: [], running: null, tasks: {}, groups: {}, rows: {}, out: [], sleeping: null }
}

/** Changes the state by one event. */
export function apply(state, e, names) {
  state.t = e.t
  const task = e.task ? state.tasks[e.task] : undefined
  if (e.k !== 'asleep') state.sleeping = null
  RULES[e.k]?.(state, e, task, names)
}

const RULES = {
  pass: (s, e) => (s.pass = e.n),
  spawn(s, e, _, names) {
    s.tasks[e.task] = { name: names.get(e.task) ?? '', state: 'held', since: e.t, wait: null, line: 0, steps: 0, how: '', error: '' }
  },
  push(s, e) {
    const { kind, task = 0, name = '' } = e.item
    s.ready.push({ slot: e.slot, kind, task, name, since: e.t })
    if (kind === 'task' && s.tasks[task]) becomes(s.tasks[task], 'ready', e.t)
  },
  take: (s, e) => (s.ready = s.ready.filter((item) => item.slot !== e.slot)),
  begin(s, e, task) {
    s.running = { task: e.task, step: e.step, line: e.line ?? 0, since: e.t }
    if (!task) return
    becomes(task, 'running', e.t)
    task.steps = e.step
    task.line = e.line ?? task.line
  },
  end(s, e, task) {
    s.running = null
    if (!task) return
    if (e.line) task.line = e.line
    if (e.how === 'waits') {
      becomes(task, 'waiting', e.t)
      task.wait = e.wait ?? null
    } else if (e.how === 'yields' || e.how === 'pauses') becomes(task, 'ready', e.t)
  },
  call: (s, e) => (s.running = { callback: e.name }),
  called: (s) => (s.running = null),
  wake(s, e, task) {
    if (task) becomes(task, 'ready', e.t)
  },
  timer(s, e) {
    s.timers.push({ id: e.id, task: e.task ?? 0, at: e.at, for: e.for })
    s.timers.sort((a, b) => a.at - b.at || a.id - b.id)
  },
  due: (s, e) => (s.timers = s.timers.filter((timer) => timer.id !== e.id)),
  stop: (s, e) => (s.timers = s.timers.filter((timer) => timer.id !== e.id)),
  group: (s, e) => (s.groups[e.group] = { task: e.task }),
  left: (s, e) => void delete s.groups[e.group],
  cancel(s, e, task) {
    if (task) task.canceled = true
  },
  done(s, e, task) {
    if (!task) return
    becomes(task, 'done', e.t)
    task.how = e.how
    task.error = e.error ?? ''
  },
  print(s, e, task) {
    s.out.push({ t: e.t, task: e.task ?? 0, text: e.text, line: e.line ?? 0 })
    stands(task, e)
  },
  work: (s, e, task) => stands(task, e),
  block: (s, e, task) => stands(task, e),
  row(s, e) {
    if (e.busy) s.rows[e.row] = { kind: e.kind, task: e.task ?? 0, since: e.t }
    else delete s.rows[e.row]
  },
  asleep: (s, e) => (s.sleeping = { until: e.until ?? null }),
}

function becomes(task, state, t) {
  if (task.state === 'done' || task.state === state) return
  task.state = state
  task.since = t
  task.wait = null
}

function stands(task, e) {
  if (task && e.line) task.line = e.line
}

/** Answers the state after n events, from 0 to all of them, for any n and in any order. */
export class Fold {
  constructor(recording) {
    this.events = recording.events
    this.names = new Map(recording.tasks.map((task) => [task.id, task.name]))
    this.frames = [begin()]
    let state = begin()
    for (let n = 0; n < this.events.length; n++) {
      apply(state, this.events[n], this.names)
      if ((n + 1) % FRAME === 0) this.frames.push(structuredClone(state))
    }
  }

  at(n) {
    const frame = Math.floor(n / FRAME)
    const state = structuredClone(this.frames[frame])
    for (let i = frame * FRAME; i < n; i++) apply(state, this.events[i], this.names)
    return state
  }
}
