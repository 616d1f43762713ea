// What a recording tells: the turns that tasks and callbacks have on the loop, what led to
// each of them, and what stands in every row of the timeline.

/**
 * A turn is a step of a task, or a callback: something has the loop.
 *
 * @typedef {object} Turn
 * @property {number} id its place among the turns
 * @property {'task'|'callback'} kind
 * @property {number} task 0 for a callback
 * @property {string} name
 * @property {number} step of the task, from 1
 * @property {number} line where it begins; 0: not known
 * @property {number} ev @property {number} last its first and its last event
 * @property {number} from @property {number} to
 * @property {{ev: number, t: number}|null} ready since when it was in the queue
 * @property {object|null} cause what put it there: {kind, ev, t, turn, ...}
 * @property {boolean} blocked it has blocked the loop
 */

/**
 * A piece of a row.
 * @typedef {object} Piece
 * @property {'run'|'ready'|'wait'|'held'|'idle'|'busy'} kind
 * @property {number} ev @property {number} last the events at which it begins and ends
 * @property {number} from @property {number} to
 */

export class Story {
  /** @param {string=} loopName what the lesson calls the loop */
  constructor(recording, loopName = '') {
    this.loopName = loopName
    this.recording = recording
    this.events = recording.events
    this.length = Math.max(recording.length ?? 0, this.events.at(-1)?.t ?? 0)
    this.names = new Map(recording.tasks.map((task) => [task.id, task.name]))
    this.turns = []
    this.turnAt = new Int32Array(this.events.length).fill(-1) // of each event
    this.tasks = new Map() // id: a row
    this.rows = new Map() // beside the loop
    this.idle = [] // when the loop sleeps
    this.timers = new Map() // id: the event that set it, and its turn
    this.prints = []
    this.tell()
    this.stops = stops(this.events)
    this.touched = new Set(this.events.map((e) => e.line).filter(Boolean)) // lines on which a task stands at some time
    this.axis()
  }

  name(id) {
    return this.names.get(id) || `task ${id}`
  }

  tell() {
    const slots = new Map() // in the ready queue: what put it there
    const paused = [] // turns that wait for an eager child
    let taken = null
    let turn = null
    const due = new Map() // of each task: the timer that was due last
    let news = null // what the loop itself deals with: the end of a task, or a timer
    // Where something has happened: in a turn, or because of one that is over.
    const context = (i) => {
      const at = { ev: i, t: this.events[i].t, turn: turn?.id ?? -1 }
      if (!turn && news?.kind === 'end') at.turn = this.tasks.get(news.task)?.done?.turn ?? -1
      if (!turn && news?.kind === 'timer') at.timer = due.get(news.task)
      return at
    }
    this.events.forEach((e, i) => {
      if (taken && e.k !== 'begin' && e.k !== 'call') taken = null
      const row = e.task ? this.tasks.get(e.task) : undefined
      switch (e.k) {
        case 'spawn':
          this.tasks.set(e.task, { id: e.task, name: this.name(e.task), parent: e.by?.task ?? 0, born: e.t, ev: i, pieces: [], done: null, asked: [], cause: { kind: 'spawn', line: e.line ?? 0, ...context(i) }, open: null })
          this.open(this.tasks.get(e.task), 'ready', i)
          break
        case 'push': {
          const item = e.item ?? {}
          const own = item.kind === 'task' ? this.tasks.get(item.task) : undefined
          slots.set(e.slot, { ev: i, t: e.t, item, cause: { kind: 'push', ...context(i) } })
          if (own?.open?.kind === 'wait') this.wakes(own, due.get(own.id), i)
          else if (own && own.open?.kind !== 'run') this.open(own, 'ready', i)
          break
        }
        case 'take':
          taken = e.back ? null : slots.get(e.slot) ?? null
          news = taken?.item ?? null
          slots.delete(e.slot)
          break
        case 'wake':
          if (row) {
            const who = e.by ?? { kind: 'loop' }
            row.cause = { kind: who.kind, name: who.name ?? '', task: who.task ?? 0, ...context(i) }
            const over = who.kind === 'end' ? this.tasks.get(who.task)?.done : undefined
            if (over) Object.assign(row.cause, { ev: over.ev, t: over.t, turn: over.turn })
            if (who.kind === 'timer') row.cause.timer = due.get(e.task)
            if (row.open?.kind === 'wait') this.wakes(row, due.get(e.task), i)
          }
          break
        case 'begin':
        case 'call': {
          const kind = e.k === 'begin' ? 'task' : 'callback'
          const inner = paused.at(-1)
          const resumes = kind === 'task' && !taken && inner && this.turns[inner].task === e.task
          turn = {
            id: this.turns.length, kind, task: e.task ?? 0, name: kind === 'task' ? this.name(e.task) : e.name || 'callback', step: e.step ?? 0, line: e.line ?? 0,
            ev: i, last: this.events.length - 1, from: e.t, to: this.length, ready: taken && { ev: taken.ev, t: taken.t }, cause: null, blocked: false, until: e.t,
          }
          if (resumes) {
            paused.pop()
            turn.cause = { kind: 'resumes', ...context(i), turn: turn.id - 1 }
          } else turn.cause = (kind === 'task' && row?.cause) || taken?.cause || { kind: 'loop', ...context(i), turn: -1 }
          if (row) {
            if (row.open?.kind === 'ready') turn.ready = { ev: row.open.ev, t: row.open.from }
            row.cause = null
          }
          news = null
          this.turns.push(turn)
          if (row) this.open(row, 'run', i, { turn: turn.id })
          taken = null
          break
        }
        case 'end':
        case 'called':
          if (turn) {
            turn.last = i
            turn.to = e.t
            this.turnAt[i] = turn.id
          }
          if (row && e.how === 'waits') this.open(row, 'wait', i, { wait: e.wait ?? null, line: e.line ?? 0 })
          else if (row && e.how === 'pauses') {
            paused.push(turn.id)
            this.open(row, 'ready', i)
          } else if (row && e.how === 'yields') {
            row.cause = { kind: 'yields', ...context(i), turn: turn?.id ?? -1 }
            this.open(row, 'ready', i)
          } else if (row) this.close(row, i)
          turn = null
          break
        case 'done':
          if (row) {
            row.done = { ev: i, t: e.t, how: e.how, error: e.error ?? '', turn: turn?.id ?? -1 }
            if (row.open && row.open.kind !== 'run') this.close(row, i)
          }
          break
        case 'cancel':
          row?.asked.push({ ev: i, t: e.t })
          break
        case 'timer':
          this.timers.set(e.id, { ...e, ev: i, turn: turn?.id ?? -1, due: null })
          break
        case 'due':
          if (!this.timers.has(e.id)) break
          this.timers.get(e.id).due = { ev: i, t: e.t }
          due.set(this.timers.get(e.id).task, e.id)
          break
        case 'hold':
          if (row) this.open(row, 'held', i)
          break
        case 'report':
        case 'print':
          this.prints.push(i)
          break
        case 'work':
        case 'block':
          if (turn && !e.row) {
            turn.until = e.t + e.for
            if (e.k === 'block') turn.blocked = true
          }
          break
        case 'row':
          this.row(e, i, turn)
          break
        case 'asleep':
          this.idle.push({ kind: 'idle', ev: i, last: this.events.length - 1, from: e.t, to: this.length })
          break
        case 'awake':
          if (this.idle.length) Object.assign(this.idle.at(-1), { last: i, to: e.t })
          break
      }
      if (turn) this.turnAt[i] = turn.id
    })
    this.deadlocks()
    for (const row of [...this.tasks.values(), ...this.rows.values()]) this.close(row, this.events.length - 1)
  }

  /**
   * Marks the waits that are a deadlock: each is for what the task of the next one has, and
   * so on around. `dead` is since when.
   */
  deadlocks() {
    const waits = [...this.tasks.values()].flatMap((task) => task.pieces.filter((p) => p.kind === 'wait' && p.wait?.task).map((piece) => ({ id: task.id, piece })))
    waits.sort((a, b) => a.piece.ev - b.piece.ev)
    for (const last of waits) {
      const { ev, from } = last.piece
      const circle = [last]
      const meanwhile = (id) => waits.find((w) => w.id === id && w.piece.ev <= ev && (w.piece.last > ev || w.piece.to > from))
      for (let next = meanwhile(last.piece.wait.task); next && !circle.includes(next); next = meanwhile(next.piece.wait.task)) circle.push(next)
      if (circle.length > 1 && circle.at(-1).piece.wait.task === last.id) for (const { piece } of circle) piece.dead ??= { ev, t: from }
    }
  }

  /** A row gets its next piece; the one before ends here. */
  open(row, kind, ev, more = {}, from = this.events[ev].t) {
    if (row.open?.kind === kind && kind === 'ready') return
    this.close(row, ev, from)
    row.open = { kind, ev, last: this.events.length - 1, from, to: this.length, ...more }
    row.pieces.push(row.open)
  }

  /** It waits no more: since its timer was due, if the loop has seen that late, because it was busy. */
  wakes(row, id, ev) {
    const timer = this.timers.get(id)
    const late = timer?.due?.ev > row.open.ev && timer.at < timer.due.t
    this.open(row, 'ready', late ? this.eventAt(timer.at, ev) : ev, {}, late ? timer.at : this.events[ev].t)
  }

  close(row, ev, to = this.events[ev].t) {
    if (!row.open) return
    row.open.last = ev
    row.open.to = to
    row.open = null
  }

  /** The last event before another one that is not after a time: a loop that is busy sees late that a timer was due. */
  eventAt(t, before) {
    let i = before - 1
    while (i > 0 && this.events[i].t > t) i--
    return i
  }

  row(e, i, turn) {
    const key = `${e.kind ?? ''} ${e.row}`
    let row = this.rows.get(key)
    if (!row) this.rows.set(key, (row = { key, kind: e.kind, name: /^\d+$/.test(e.row) ? `${e.kind ?? 'row'}-${e.row}` : String(e.row), pieces: [], open: null }))
    if (e.busy) this.open(row, 'busy', i, { task: e.task ?? 0, turn: turn?.id ?? -1 })
    else this.close(row, i)
  }

  /** The turn at an event, or the last one before it; null before the first one. */
  turnBefore(n) {
    for (let i = Math.min(n, this.events.length) - 1; i >= 0; i--) if (this.turnAt[i] >= 0) return this.turns[this.turnAt[i]]
    return null
  }

  /**
   * Where events stand beside one another: most steps take no time, so each of them gets
   * some room of its own. `room[i]` says how many of these rooms are before the event i.
   */
  axis() {
    const brief = this.length / 80
    this.room = new Float64Array(this.events.length + 1)
    let rooms = 0
    let i = 0
    for (const turn of this.turns) {
      for (; i < turn.ev; i++) this.room[i] = rooms
      const wide = turn.to - turn.from <= brief
      for (; i <= turn.last; i++) this.room[i] = rooms + (wide && turn.last > turn.ev ? (i - turn.ev) / (turn.last - turn.ev) : 0)
      if (wide) rooms++
    }
    for (; i <= this.events.length; i++) this.room[i] = rooms
    this.rooms = rooms
  }
}

/**
 * Whether two events that follow one another are one for who looks on: a timer that is due,
 * say, and the task that it wakes.
 */
function together(a, b) {
  switch (a.k) {
    case 'take':
    case 'awake':
    case 'due':
    case 'done':
    case 'stop':
    case 'left':
      return true
    case 'pass':
      return b.k === 'take'
    case 'spawn':
      return b.k === 'push' || b.k === 'hold'
    case 'push':
      return a.item?.kind === 'timer' || a.item?.kind === 'end' ? b.k !== 'begin' : b.k === 'wake' || b.k === 'end'
    case 'timer':
      return b.k === 'end'
    case 'cancel':
      return ['push', 'wake', 'stop', 'take'].includes(b.k)
    case 'row':
      return ['row', 'push', 'wake', 'end'].includes(b.k)
    default:
      return false
  }
}

/** After how many events the page stands still. */
export function stops(events) {
  const list = [0]
  events.forEach((e, i) => {
    if (i + 1 === events.length || !together(e, events[i + 1])) list.push(i + 1)
  })
  return list
}

/**
 * Why a turn came when it did: the turn, what caused it, the turn in which that happened,
 * and so on to the beginning. Each link is {kind, turn, ev, t, ...}.
 */
export function chain(story, turn) {
  const links = []
  for (let guard = 0; turn && guard < 40; guard++) {
    links.push({ kind: 'turn', turn, ev: turn.ev, t: turn.from, late: turn.ready ? turn.from - turn.ready.t : 0, others: between(story, turn) })
    const cause = turn.cause
    if (!cause || cause.kind === 'loop') break
    links.push({ ...cause, kind: cause.kind, of: turn })
    let next = cause.turn
    if (cause.timer !== undefined) next = story.timers.get(cause.timer)?.turn ?? previous(story, turn)
    else if (next < 0) next = previous(story, turn)
    if (next === undefined || next < 0 || next >= turn.id) break
    turn = story.turns[next]
  }
  return links
}

/** The turn of the same task before this one. */
function previous(story, turn) {
  for (let i = turn.id - 1; i >= 0; i--) if (turn.task && story.turns[i].task === turn.task) return i
  return -1
}

/** What had the loop while a turn was ready. */
function between(story, turn) {
  if (!turn.ready) return []
  return story.turns.filter((t) => t.id !== turn.id && t.last > turn.ready.ev && t.ev < turn.ev)
}
