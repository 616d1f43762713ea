// The simulated hosts of a test, and what they send to each other.

const CAPACITY = 1 << 16 // messages

/** The host of those tasks that are on none: where the test itself is. */
export const HERE = 'localhost'

/**
 * @typedef {object} Message
 * @property {number} at when it was sent @property {number} arrives 0: it is lost
 * @property {number} from @property {number} to places in Hosts.list
 * @property {number} bytes @property {number} task who has sent it; 0: not known @property {string} what
 */

export class Hosts {
  constructor() {
    this.list = [] // {name, place, ups: [[from, to]], lane}
    this.byName = new Map()
    this.messages = new Array(256) // a ring, which grows to CAPACITY
    this.head = 0 // the number of the next message
    this.longest = 0 // on the way
  }

  host(name) {
    let h = this.byName.get(name)
    if (!h) {
      h = { name, place: this.list.length, ups: [] }
      h.lane = { kind: 'host', id: 0, slot: `host ${name}`, name, host: h, state: -1, begun: 0, ended: 0, last: -1, y: -1, row: -1, rows: 1, depth: 0 }
      this.list.push(h)
      this.byName.set(name, h)
    }
    return h
  }

  up(name, t) {
    const { ups } = this.host(name)
    if (!(ups.at(-1)?.[1] === Infinity)) ups.push([t, Infinity])
  }

  down(name, t) {
    const last = this.host(name).ups.at(-1)
    if (last?.[1] === Infinity) last[1] = t
  }

  /** Takes wire.State.hosts: what was told of before is known better. */
  sync(hosts) {
    for (const h of hosts ?? []) {
      if (h.up) this.up(h.name, h.since ?? 0)
      else this.down(h.name, h.since ?? 0)
    }
  }

  /** The oldest message that is kept. */
  get tail() {
    return Math.max(0, this.head - this.messages.length)
  }

  at(i) {
    return this.messages[i & (this.messages.length - 1)]
  }

  send(at, arrives, bytes, task, what, names) {
    const [from, to] = names.split('\n').map((name) => this.host(name))
    from.spoke = to.spoke = true
    const n = this.messages.length
    if (this.head >= n && n < CAPACITY) {
      const old = this.messages
      this.messages = new Array(n * 2)
      for (let i = this.head - n; i < this.head; i++) this.messages[i & (2 * n - 1)] = old[i & (n - 1)]
    }
    this.longest = Math.max(this.longest, arrives - at)
    this.messages[this.head++ & (this.messages.length - 1)] = { at, arrives, from: from.place, to: to.place, bytes, task, what }
  }

  /** Calls visit(message, i) for those that are on the way in a time, newest first, until it returns true. */
  during(from, to, visit) {
    for (let i = this.head - 1; i >= this.tail; i--) {
      const m = this.at(i)
      if (m.at < from - this.longest) return
      if (m.at <= to && Math.max(m.at, m.arrives) >= from && visit(m, i)) return
    }
  }
}

export const isDown = (host, t) => host.name !== HERE && !host.ups.some(([from, to]) => from <= t && t < to)
export const title = (name) => (name === HERE ? 'the test' : name)
