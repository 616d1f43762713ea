// What the timeline draws: the segments of all lanes, in typed arrays of a fixed size.
//
// A segment is a time in which a lane was in one state. All lie in one ring in the order
// in which they ended; each knows the one before it in its lane. So memory is bounded
// whatever the program does, nothing is ever moved, and a lane is read from its end.
// Waiting is no segment: it is what a lane does in between.

import { Hosts } from './messages.js'

export const WAITING = 0
export const READY = 1
export const RUNNING = 2
export const HELD = 3
export const DONE = 4
export const UNKNOWN = 5
export const BUSY = 6 // a row beside the loop
export const EXPIRED = 7 // an instant: a deadline was reached
export const ASKED = 8 // an instant: asked to end

/** How long segments and lanes that have ended are kept, unless Store.kept says otherwise. */
export const KEPT = 60e9

/** Times of states are converted from another clock than those of records, and a state takes some passes. */
const SKEW = 50e6

const CAPACITY = 1 << 20
const ENDED = 20000 // lanes that have ended, at most

const STATES = { held: HELD, ready: READY, running: RUNNING, waiting: WAITING, done: DONE }

/**
 * A row of the timeline: a task, or whatever else a record says is busy.
 * @typedef {object} Lane
 * @property {number} slot its place in Store.lanes
 * @property {string} kind "task", "thread" ...
 * @property {number} id the task, or the number of what the row is busy with
 * @property {string} name
 * @property {number} group @property {string} groupName @property {number} parent
 * @property {number} begun 0: before someone looked @property {number} known since when a state of it is
 * @property {number} ended 0: not yet
 * @property {number} state @property {number} since its state now, and since when
 * @property {number} by who has woken it, if it is ready; for whom, if it is busy
 * @property {boolean} kept no other row takes its place
 * @property {string} what a row is busy with, if that is known
 * @property {number} last its last segment; -1: none
 * @property {number} y where it is drawn @property {number} row and @property {number} rows in the density map; -1: nowhere
 * @property {string} host the simulated host it is on; "": where the test is
 * @property {number} depth of its group @property {boolean} shares the line of the lane before @property {number} others how many share its line
 */

export class Store {
  constructor() {
    this.reset()
  }

  /** Forgets everything. */
  reset() {
    this.era = (this.era ?? 0) + 1
    this.kept = KEPT
    this.allocate(1 << 14)
    this.head = 0 // the number of the next segment
    this.lanes = [] // by slot, with holes
    this.free = []
    this.tasks = new Map()
    this.rows = new Map() // of other kinds, by kind and name
    this.over = new Map() // when what rows did was over: since the last state, by its number
    this.busy = new Map() // those that are busy, by the number of what they do
    this.texts = new Texts()
    this.hosts = new Hosts()
    this.now = 0
    this.from = 0 // since when events are known
    this.gaps = [] // {from, to, lost}: times of which events are missing
    this.n = 0 // the last frame
    this.changed = 0 // counts lanes that come and go
    this.unsure = true // records are missing: believe the next state
  }

  allocate(size) {
    const old = this.begin ? this : null
    const grow = (name, type) => {
      const to = new type(size)
      if (old && this.head > 0) for (let i = Math.max(0, this.head - this.size); i < this.head; i++) to[i & (size - 1)] = this[name][i & (this.size - 1)]
      return to
    }
    const next = {
      begin: grow('begin', Float64Array),
      end: grow('end', Float64Array),
      arg: grow('arg', Uint32Array), // READY: who woke it; RUNNING: the text of its wait; BUSY: with what and for whom, as text
      back: grow('back', Uint32Array), // how many segments before is the last one of its lane; 0: none
      slot: grow('slot', Uint32Array),
      state: grow('state', Uint8Array),
    }
    Object.assign(this, next)
    this.size = size
  }

  /** The oldest segment that is still there. */
  get tail() {
    return Math.max(0, this.head - this.size)
  }

  push(lane, begin, end, state, arg) {
    if (this.head >= this.size && this.size < CAPACITY) this.allocate(this.size * 2)
    const i = this.head++
    const k = i & (this.size - 1)
    this.begin[k] = begin
    this.end[k] = end
    this.state[k] = state
    this.arg[k] = arg
    this.slot[k] = lane.slot
    this.back[k] = lane.last < 0 ? 0 : i - lane.last
    lane.last = i
  }

  /** Calls visit(k, i) for the segments of a lane, last first, until it returns true. */
  walk(lane, visit) {
    const tail = this.tail
    for (let i = lane.last; i >= tail; ) {
      const k = i & (this.size - 1)
      if (visit(k, i)) return
      if (this.back[k] === 0) return
      i -= this.back[k]
    }
  }

  add(kind, id, name) {
    const slot = this.free.pop() ?? this.lanes.length
    const lane = { slot, kind, id, name, group: 0, groupName: '', host: '', parent: 0, begun: 0, known: Infinity, ended: 0, state: UNKNOWN, since: 0, by: 0, last: -1, y: -1, row: -1, rows: 1, depth: 0, shares: false, others: 0, kept: false, what: '' }
    this.lanes[slot] = lane
    this.changed++
    return lane
  }

  task(id) {
    let lane = this.tasks.get(id)
    if (!lane) this.tasks.set(id, (lane = this.add('task', id, `task ${id}`)))
    return lane
  }

  /**
   * The row for what begins now: its own, or a free one for a thread, whose names are
   * always new. A row that was busy twice under one name keeps it.
   */
  row(kind, name) {
    const key = `${kind} ${name}`
    let lane = this.rows.get(key)
    if (lane) {
      lane.kept = true
      return lane
    }
    for (const [k, other] of this.rows) {
      if (kind !== 'thread' || other.kind !== kind || other.kept || other.state === BUSY) continue
      this.rows.delete(k)
      other.name = name
      lane = other
      break
    }
    lane ??= this.add(kind, 0, name)
    this.rows.set(key, lane)
    return lane
  }

  /** A row begins what has a number: a record tells it, or a state, or both. */
  beginRow(id, kind, name, t, task, what) {
    if (this.busy.has(id)) return
    const lane = this.row(kind, name)
    this.busy.delete(lane.id)
    this.turn(lane, t, BUSY, task)
    lane.id = id
    lane.what = [what, task && `for ${this.tasks.get(task)?.name ?? `task ${task}`}`].filter(Boolean).join(' ')
    this.busy.set(id, lane)
  }

  /** Ends the state of a lane at the time t, and begins another. */
  turn(lane, t, state, by = 0) {
    const was = lane.state
    if (t > 0 && t < lane.known) lane.known = t
    if ((was === READY || was === HELD || was === BUSY) && t > lane.since && lane.since > 0) this.push(lane, lane.since, t, was, was === BUSY ? this.texts.id(lane.what) : lane.by)
    // Its turn came at once: it was not ready for any time, but somebody woke it.
    else if (was === READY && lane.by) this.push(lane, t, t, READY, lane.by)
    lane.state = state
    lane.since = t
    lane.by = by
  }

  step(lane, from, t, next, text) {
    this.turn(lane, from || t, RUNNING)
    this.push(lane, from || t, t, RUNNING, text)
    lane.state = next
    lane.since = t
  }

  /** Takes a wire.LiveFrame. */
  frame(f) {
    if (this.from === 0) {
      this.from = f.from || f.to
      if (f.past) this.unsure = false // all is known since then
    }
    const missed = this.n > 0 && f.n > this.n + 1
    if (f.lost > 0 || missed) this.gap(missed ? this.now : f.from, f.to, f.lost ?? 0)
    this.n = f.n
    const text = (i) => (i > 0 ? f.text[i - 1] : '')
    for (const r of f.rec) this.record(r, text)
    if (f.bins) for (const b of f.bins) this.bin(b)
    if (f.sampled) this.unsure = true
    this.now = Math.max(this.now, f.to)
  }

  /** Since when it is known what a lane does: before that nothing is drawn. */
  seen(lane) {
    return Math.max(lane.begun, Math.min(lane.known, this.from))
  }

  gap(from, to, lost) {
    this.gaps.push({ from, to, lost })
    if (this.gaps.length > 100) this.gaps.shift()
    this.unsure = true
  }

  /** One record: see docs/design/console.md. */
  record([kind, t, from, task, arg, label, words], text) {
    switch (kind) {
      case 1:
      case 3: {
        const lane = this.task(task)
        lane.name = text(words) || lane.name
        lane.groupName = text(label)
        lane.parent = arg
        if (kind === 1) {
          lane.begun = t
          this.turn(lane, t, READY, arg)
        }
        return
      }
      case 4:
        return this.turn(this.task(task), t, HELD)
      case 5:
        return this.step(this.task(task), from, t, READY, 0)
      case 6:
        return this.step(this.task(task), from, t, WAITING, this.texts.id(text(words)))
      case 7:
        return this.step(this.task(task), from, t, UNKNOWN, 0)
      case 8:
        return this.step(this.task(task), from, t, READY, 0)
      case 9:
        return this.turn(this.task(task), t, READY, text(label) === 'task' ? arg : 0)
      case 10:
      case 11:
      case 12:
      case 13: {
        const lane = this.task(task)
        this.turn(lane, t, DONE)
        lane.ended = t
        this.changed++
        return
      }
      case 14:
        return this.push(this.task(task), t, t, ASKED, arg)
      case 15: {
        const lane = this.row('callback', 'callbacks')
        this.push(lane, from || t, t, RUNNING, this.texts.id(text(words)))
        lane.since = t
        return
      }
      case 16:
        if (task) this.push(this.task(task), t, t, EXPIRED, 0)
        return
      case 21:
        return this.beginRow(arg, text(label), text(words), t, task, text(from))
      case 22:
        this.over.set(arg, t)
        return this.endRow(arg, t)
      case 23:
        return this.hosted(this.task(task), text(words))
      case 24:
      case 25:
        this.changed++
        return kind === 24 ? this.hosts.up(text(words), t) : this.hosts.down(text(words), t)
      case 26:
      case 27:
        return this.hosts.send(t, kind === 26 ? Math.max(arg, t) : 0, from, task, text(label), text(words))
    }
  }

  hosted(lane, name) {
    if (lane.host === name) return
    lane.host = name
    this.hosts.host(name)
    this.changed++
  }

  /** What a task did in 10 ms, where there were too many records to send. */
  bin([task, t, busy, ready]) {
    const lane = this.task(task)
    lane.state = UNKNOWN
    lane.since = t
    if (ready > 0) this.push(lane, t, t + Math.min(ready, 10e6), READY, 0)
    if (busy > 0) this.push(lane, t + Math.min(ready, 10e6 - busy), t + Math.min(ready, 10e6 - busy) + busy, RUNNING, 0)
  }

  /** Takes a wire.State. Names and groups are only here; a state of a lane is believed if it is newer than the records. */
  sync(s) {
    this.hosts.sync(s.hosts)
    for (const t of s.tasks) {
      if (t.state === 'done' && !this.tasks.has(t.id) && t.ended < this.now - this.kept) continue
      const lane = this.task(t.id)
      lane.name = t.name
      if (lane.group !== t.group) this.changed++
      lane.group = t.group
      lane.parent = t.parent
      if (t.host) this.hosted(lane, t.host)
      lane.begun = t.begun ?? lane.begun
      const state = STATES[t.state] ?? UNKNOWN
      const since = t.since ?? 0
      lane.known = Math.min(lane.known, since || s.at)
      if (state === DONE) {
        if (!lane.ended) this.changed++
        lane.ended = t.ended || s.at
      }
      if (lane.state !== state && (lane.state === UNKNOWN || this.unsure || since > lane.since)) {
        if (lane.state === UNKNOWN || this.unsure) lane.state = UNKNOWN
        this.turn(lane, since, state)
      }
    }
    for (const id of s.gone) this.forget(id, s.at)
    this.syncRows(s)
    if (s.stuck?.task) {
      const lane = this.task(s.stuck.task)
      if (lane.state !== RUNNING) this.turn(lane, Math.max(lane.since, Math.max(this.now, s.at) - s.stuck.for), RUNNING)
    }
    this.unsure = false
    this.now = Math.max(this.now, s.at)
    this.texts.turn(this.now)
    this.prune()
  }

  /** Rows are busy as a state says: records of their begin or end may be missing, as those before the page was opened. */
  syncRows(s) {
    const told = new Set(s.threads.map((t) => t.id))
    for (const t of s.threads) if (!this.over.has(t.id)) this.beginRow(t.id, t.kind, t.name, t.since, t.task, t.what)
    for (const [id, lane] of this.busy) if (!told.has(id) && lane.since < s.at - SKEW) this.endRow(id, s.at)
    for (const [id, end] of this.over) if (end < s.at - SKEW) this.over.delete(id)
  }

  endRow(id, at) {
    const lane = this.busy.get(id)
    if (lane) this.turn(lane, at, WAITING)
    this.busy.delete(id)
  }

  forget(id, at) {
    const lane = this.tasks.get(id)
    if (lane && !lane.ended) lane.ended = lane.since || at
  }

  /** Drops the lanes that ended too long ago to be seen. */
  prune() {
    const old = []
    let ended = 0
    for (const lane of this.tasks.values()) {
      if (!lane.ended) continue
      ended++
      if (lane.ended < this.now - this.kept) old.push(lane)
    }
    if (ended - old.length > ENDED) {
      const rest = [...this.tasks.values()].filter((l) => l.ended >= this.now - this.kept).sort((a, b) => a.ended - b.ended)
      old.push(...rest.slice(0, ended - old.length - ENDED))
    }
    for (const lane of old) {
      this.tasks.delete(lane.id)
      this.drop(lane)
    }
    for (const [key, lane] of this.rows) {
      if (lane.state === BUSY || lane.since >= this.now - this.kept) continue
      this.rows.delete(key)
      this.drop(lane)
    }
    this.gaps = this.gaps.filter((g) => g.to > this.now - this.kept)
  }

  drop(lane) {
    this.lanes[lane.slot] = undefined
    this.free.push(lane.slot)
    this.changed++
  }
}

/** Texts by number. Those that nobody has used for a minute or two go, so that a program with ever new names does not fill the page. */
class Texts {
  constructor() {
    this.next = 1
    this.turned = 0
    this.young = { ids: new Map(), texts: new Map() }
    this.old = { ids: new Map(), texts: new Map() }
  }

  id(text) {
    if (!text) return 0
    let id = this.young.ids.get(text)
    if (id) return id
    id = this.old.ids.get(text) ?? this.next++
    this.young.ids.set(text, id)
    this.young.texts.set(id, text)
    return id
  }

  text(id) {
    return this.young.texts.get(id) ?? this.old.texts.get(id) ?? ''
  }

  turn(now) {
    if (now - this.turned < KEPT) return
    this.turned = now
    this.old = this.young
    this.young = { ids: new Map(), texts: new Map() }
  }
}
