// A made-up program, for work on the page without a Go process: tasks that step, wait and
// wake one another on one loop, in virtual time that follows the clock. It answers as the
// console does (docs/design/console.md).

const MS = 1e6
const S = 1e9

/** Numbers that look random, and are the same in each run. */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const frame = (func, file, line) => ({ func: `main.${func}`, file, path: `/src/shop/${file}`, line })

/** The tasks of a small shop: [group, name, kind of wait, name of wait, steps a second, ms a step, place]. */
function shop() {
  const list = []
  const add = (group, name, kind, what, rate, ms, place) => list.push({ group, name, kind, what, rate, ms, place })
  add(0, 'main', 'group', 'http', 0.2, 1, 'main.go:31')
  add(1, 'heartbeat', 'sleep', '', 1, 1, 'beat.go:14')
  add(1, 'signals', 'signal', 'SIGTERM', 0.03, 1, 'main.go:40')
  add(2, 'accept :8080', 'accept', ':8080', 3, 2, 'server.go:52')
  for (let i = 0; i < 13; i++) add(2, `conn 10.0.4.${20 + i * 7}`, 'read', `10.0.4.${20 + i * 7}:51${200 + i}`, 2 + (i % 5) / 2, 5, 'server.go:71')
  for (let i = 1; i <= 8; i++) add(3, `order-worker ${i}`, 'queue get', 'orders', 1.6, 6, 'orders.go:71')
  add(4, 'warm-cache', 'lock', 'db', 1.5, 8, 'warm.go:27')
  add(4, 'evict', 'sleep', '', 0.4, 4, 'evict.go:19')
  add(4, 'report', 'lock', 'db', 1, 6, 'report.go:63')
  for (let i = 1; i <= 5; i++) add(5, `mailer ${i}`, 'queue get', 'mail', 1, 4, 'mail.go:33')
  add(6, 'settle-orders', 'lock', 'cache', 2, 7, 'settle.go:44')
  add(6, 'scrape', 'sleep', '', 0.3, 5, 'prom.go:22')
  add(6, 'flush', 'thread', 'thread-2', 0.7, 3, 'flush.go:18')
  add(7, 'thumbnail 412', 'thread', 'thread-1', 0.6, 3, 'thumb.go:40')
  add(7, 'thumbnail 413', 'thread', 'thread-3', 0.6, 3, 'thumb.go:40')
  add(6, 'audit', 'condition', 'batch', 1.2, 4, 'audit.go:55')
  return list
}

function many(n, rate) {
  const list = shop()
  const each = rate / 2.2 / n // a step gives some 2.2 records
  for (let i = 0; list.length < n; i++) list.push({ group: 8 + (i % 12), name: `client ${i}`, kind: 'read', what: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:40000`, rate: each, ms: 0.05, place: 'client.go:12' })
  return list
}

export class Program {
  /** @param {{tasks?: number, rate?: number, deadlock?: boolean, ring?: number, stuck?: boolean, slow?: boolean, drop?: boolean, churn?: number, hosts?: number, remote?: number}} how */
  constructor(how) {
    this.how = how
    this.rnd = random(7)
    this.started = Date.now() - (how.past ?? 0) * 1000
    this.epoch = this.started * 1e6
    this.now = 0
    this.free = 0 // when the loop is free
    this.passes = 0
    this.records = []
    this.text = []
    this.texts = new Map()
    this.frames = []
    this.n = 0
    this.dropped = 0
    this.queue = []
    this.gone = []
    this.changed = new Set()
    const list = how.tasks > 40 ? many(how.tasks, how.rate) : shop()
    this.tasks = new Map()
    this.list = list.map((t, i) => this.task(i + 1, t))
    this.next = this.list.length + 1
    if (how.hosts) this.makeHosts(how.hosts)
    this.groups = this.makeGroups()
    this.objects = [
      { id: 1, kind: 'lock', name: 'db', holder: 0, len: 0, cap: 0, waiters: 0 },
      { id: 2, kind: 'lock', name: 'cache', holder: 0, len: 0, cap: 0, waiters: 0 },
      { id: 3, kind: 'queue', name: 'orders', holder: 0, len: 0, cap: 100, waiters: 8 },
      { id: 4, kind: 'queue', name: 'mail', holder: 0, len: 2, cap: 0, waiters: 5 },
      { id: 5, kind: 'condition', name: 'batch', holder: 0, len: 0, cap: 0, waiters: 1 },
    ]
    this.threads = [1, 2, 3, 4].map((i) => ({ kind: 'thread', name: `thread-${i}`, until: 0, task: 0, n: 0 }))
    for (let i = 1; i <= (how.remote ?? 0); i++) this.threads.push({ kind: 'remote', name: `worker-${i}`, until: 0, task: 0, n: 0 })
    this.job = 1
    this.lag = []
    this.busyTotal = 0
    this.plan()
  }

  task(id, t) {
    const [file, line] = t.place.split(':')
    const task = {
      id, name: t.name, parent: id === 1 ? 0 : 1, group: t.group, state: 'waiting', since: 0,
      wait: null, created: [frame('start', file, Number(line)), frame('main', 'main.go', 31)], place: t.place, function: `main.${t.name.split(/[ -]/)[0]}`,
      begun: 1, steps: 0, busy: 0, ready: 0, waiting: 0, longest: 0, histogram: new Array(32).fill(0), spec: t, events: [],
    }
    this.tasks.set(id, task)
    this.waits(task, 0)
    return task
  }

  /** Every task but the first is on one of the hosts. */
  makeHosts(n) {
    this.hosts = Array.from({ length: n }, (_, i) => ({ name: `host-${i + 1}`, up: true, since: 1 }))
    for (const h of this.hosts) this.rec(24, 2, 0, 0, 0, 0, this.str(h.name))
    for (const t of this.list.slice(1)) {
      t.host = this.hosts[t.id % n].name
      this.rec(23, 2, 0, t.id, 0, 0, this.str(t.host))
    }
  }

  /** The second host is down for two seconds of each eight; some messages to it are lost. */
  send(task, at) {
    const second = this.hosts[1]
    const up = (at / S) % 8 < 6
    if (second && second.up !== up) {
      Object.assign(second, { up, since: at })
      this.rec(up ? 24 : 25, at, 0, 0, 0, 0, this.str(second.name))
    }
    const to = this.hosts[Math.floor(this.rnd() * this.hosts.length)]
    if (to.name === task.host || !task.host) return
    const lost = !to.up || this.rnd() < 0.02
    this.rec(lost ? 27 : 26, at, 40 + Math.floor(this.rnd() * 900), task.id, lost ? 0 : at + (5 + 60 * this.rnd()) * MS, this.str('data'), this.str(`${task.host}\n${to.name}`))
  }

  waits(task, t) {
    const { kind, what } = task.spec
    const objects = { 'queue get': { orders: 3, mail: 4 }[what], condition: 5 }
    const text = kind === 'lock' ? 'sleep 500ms' : kind === 'sleep' ? `sleep ${Math.round(1 / task.spec.rate)}s` : kind === 'read' ? `read ${what}` : `${kind} "${what}"`
    const k = kind === 'lock' ? 'sleep' : kind
    task.state = 'waiting'
    task.since = t
    task.wait = { kind: k, obj: objects[kind] ?? 0, name: what, text, since: t, until: k === 'sleep' ? t + S / task.spec.rate : 0, by: [] }
    if (kind === 'group') task.wait = { kind: 'group', obj: 0, name: what, text: 'group "http"', since: t, until: 0, by: [2, 3, 4] }
  }

  makeGroups() {
    const names = ['', 'app', 'http', 'orders', 'cache', 'mail', 'jobs', 'thumbs']
    const groups = names.slice(1).map((name, i) => ({ id: i + 1, kind: 'group', name, owner: 1, parent: 0, limit: 0, running: 0, held: 0, deadline: 0, children: 0, errors: 0 }))
    Object.assign(groups[2], { limit: 8, running: 8, held: 3 })
    Object.assign(groups[3], { kind: 'timeout', deadline: 120 * S })
    Object.assign(groups[6], { parent: 6, owner: 1 })
    if (this.how.tasks > 40) for (let g = 0; g < 12; g++) groups.push({ id: 8 + g, kind: 'group', name: `shard ${g + 1}`, owner: 1, parent: 2, limit: 0, running: 0, held: 0, deadline: 0, children: 0, errors: 0 })
    for (const g of groups) g.children = [...this.tasks.values()].filter((t) => t.group === g.id).length
    return groups
  }

  /** What is going to go wrong, and when. */
  plan() {
    const find = (name) => this.list.find((t) => t.name === name)
    if (this.how.deadlock) {
      const [a, b, c] = ['settle-orders', 'warm-cache', 'report'].map(find)
      this.knot = [[a, 4 * S, 2, b, 1], [b, 4.3 * S, 1, a, 2], [c, 5.1 * S, 1, a, 0]]
    }
    if (this.how.ring) {
      const members = this.list.slice(3, 3 + this.how.ring)
      this.knot = [...(this.knot ?? []), ...members.map((t, i) => [t, (3 + i / 10) * S, 100 + i, members[(i + 1) % members.length], 0])]
      members.forEach((t, i) => this.objects.push({ id: 100 + i, kind: 'lock', name: `shelf ${i + 1}`, holder: members[(i + 1) % members.length].id, since: 2 * S, len: 0, cap: 0, waiters: 1 }))
    }
    for (const t of this.list) this.queue.push([this.rnd() * S * Math.min(60, 1 / t.spec.rate), t, 0])
    this.heap()
  }

  heap() {
    this.queue.sort((a, b) => b[0] - a[0]) // the earliest last
  }

  str(s) {
    if (!s) return 0
    let i = this.texts.get(s)
    if (!i) this.texts.set(s, (i = this.text.push(s)))
    return i
  }

  rec(...r) {
    this.records.push(r)
  }

  /** Runs on to the present. */
  run() {
    const to = (Date.now() - this.started) * 1e6
    if (this.how.stuck && to > 6 * S) {
      this.stuckSince ??= this.now
      this.now = to
      return
    }
    const later = []
    while (this.queue.length && this.queue[this.queue.length - 1][0] <= to) {
      const [at, task, by] = this.queue.pop()
      if (task.state === 'done') continue
      if (this.tied(task, at)) continue
      const next = this.step(task, at, by)
      if (next <= to) this.insert([next, task, 0])
      else later.push([next, task, 0])
    }
    this.queue.push(...later)
    this.heap()
    this.beside(to)
    if (this.how.churn) this.spawn(to)
    if (this.how.drop && to > 5 * S && !this.dropped) {
      this.dropped = 1234
      this.lostNow = 1234
    }
    this.now = to
  }

  insert(entry) {
    let i = this.queue.length
    while (i > 0 && this.queue[i - 1][0] < entry[0]) i--
    this.queue.splice(i, 0, entry)
  }

  tied(task, at) {
    const knot = this.knot?.find((k) => k[0] === task && at > k[1])
    if (!knot) return false
    const [, since, obj, holder] = knot
    const o = this.objects.find((x) => x.id === obj)
    if (task.wait?.obj === obj) return true
    this.step(task, at, 0, { kind: 'lock', obj, name: o.name, text: `lock "${o.name}"`, since: at, until: 0, by: [holder.id] })
    o.holder = holder.id
    o.since ||= since - 0.4 * S
    o.waiters++
    return true
  }

  step(task, at, by, wait) {
    const rnd = this.rnd
    const begin = Math.max(at, this.free)
    let length = task.spec.ms * MS * (0.2 + 1.4 * rnd() ** 2)
    if (this.how.slow && task.name === 'audit' && at > 7 * S && !this.slow) {
      length = 310 * MS
      this.slow = { at: begin, length }
    }
    const end = begin + length
    this.free = end + 2000
    this.rec(9, at, 0, task.id, by, this.str(by ? 'task' : ['timer', 'callback', 'thread'][task.id % 3]), 0)
    const next = end + (S / task.spec.rate) * (0.4 + 1.2 * rnd())
    task.waiting += Math.max(0, at - task.since)
    task.ready += begin - at
    task.busy += length
    task.steps++
    task.longest = Math.max(task.longest, length)
    task.histogram[Math.min(31, Math.max(0, Math.ceil(Math.log2(length / 1000))))]++
    this.waits(task, end)
    if (wait) task.wait = { ...wait, since: end }
    this.rec(6, end, begin, task.id, 0, this.str(task.wait.kind), this.str(task.wait.text))
    this.changed.add(task)
    task.events.push({ at: begin, for: length, kind: 'step', text: `step, then waits for ${task.wait.text}` })
    if (task.events.length > 200) task.events.shift()
    if (this.hosts) this.send(task, end)
    this.passes++
    this.busyTotal += length
    this.lag.push([at, begin - at])
    // Now and then it wakes another one.
    if (!wait && rnd() < 0.3) {
      const other = this.list[Math.floor(rnd() * Math.min(40, this.list.length))]
      if (other !== task && other.state === 'waiting' && !this.knot?.some((k) => k[0] === other && end > k[1])) {
        const i = this.queue.findIndex((q) => q[1] === other)
        if (i >= 0 && this.queue[i][0] > end) {
          this.queue.splice(i, 1)
          this.insert([end, other, task.id])
        }
      }
    }
    return next
  }

  beside(to) {
    for (const th of this.threads) {
      if (th.task && to >= th.until) {
        this.rec(22, th.until, 0, th.task, th.n, 0, 0)
        th.task = 0
        th.until += 0.2 * S + this.rnd() * S
      } else if (!th.task && to >= th.until) {
        th.task = 33 + Math.floor(this.rnd() * 4)
        th.n = this.job++
        th.since = Math.max(1, th.until)
        th.what = th.kind === 'remote' ? `${['thumbnail=1', 'invoice=2'][th.n % 2]} ${(th.n * 7919).toString(36)}` : ''
        this.rec(21, th.since, th.what && this.str(th.what), th.task, th.n, this.str(th.kind), this.str(th.name))
        th.until = to + 0.3 * S + this.rnd() * 1.6 * S
      }
    }
    if (this.rnd() < 0.3) this.rec(15, to, to - 0.3 * MS, 0, 0, 0, this.str('main.tick'))
  }

  /** Short tasks that come and go. */
  spawn(to) {
    for (let i = 0; i < this.how.churn / 10; i++) {
      const id = this.next++
      const t = to - 90 * MS + i * 1000
      const task = this.task(id, { group: 2, name: `request ${id}`, kind: 'read', what: 'db:5432', rate: 1, ms: 1, place: 'server.go:90' })
      task.begun = t
      this.rec(1, t, 0, id, 4, this.str('http'), this.str(task.name))
      this.rec(7, t + 2 * MS, t + MS, id, 0, 0, 0)
      this.rec(10, t + 2 * MS, 0, id, 0, 0, 0)
      Object.assign(task, { state: 'done', outcome: 'returned', wait: null, ended: t + 2 * MS, steps: 1, busy: MS, ready: MS })
      this.changed.add(task)
    }
    for (const t of this.tasks.values()) if (t.state === 'done' && t.ended < to - 10 * S) this.tasks.delete(t.id), this.gone.push(t.id)
  }

  /** The next frame, or null: each has all since the one before. */
  frame() {
    this.run()
    const from = this.framed ?? 0
    const f = { n: ++this.n, loop: 1, from, to: this.now, dropped: this.dropped, rec: this.records, text: this.text }
    if (this.lostNow) f.lost = this.lostNow
    this.lostNow = 0
    if (this.records.length > 2000) Object.assign(f, { sampled: this.records.length, rec: [], bins: this.bins() })
    this.forget()
    return f
  }

  /** The time until now in frames, of which the last seconds are known. */
  past() {
    this.run()
    const from = Math.max(1, this.now - (this.how.known ?? 60) * S)
    const rec = this.records.filter((r) => r[1] > from)
    const frames = []
    for (let at = from; at < this.now; ) {
      const some = rec.splice(0, 2000)
      const to = rec.length ? Math.max(at, ...some.map((r) => r[1])) : this.now
      frames.push({ n: this.n, loop: 1, past: true, from: at, to, dropped: 0, rec: some, text: this.text })
      at = to
    }
    this.forget()
    return frames
  }

  forget() {
    this.framed = this.now
    this.records = []
    this.text = []
    this.texts = new Map()
  }

  bins() {
    const bins = new Map()
    for (const [kind, t, from, task] of this.records) {
      if (kind !== 6) continue
      const at = Math.floor(from / 1e7) * 1e7
      const key = `${task} ${at}`
      const b = bins.get(key) ?? [task, at, 0, 0, 0]
      b[2] += t - from
      b[4]++
      bins.set(key, b)
    }
    return [...bins.values()].map((b) => b.map(Math.round))
  }

  line({ spec, histogram, events, ...t }) {
    return { ...t, longest: Math.round(t.longest), busy: Math.round(t.busy), ready: Math.round(t.ready), waiting: Math.round(t.waiting) }
  }

  snapshot(tasks = this.tasks.values()) {
    const at = this.now
    const recent = this.lag.filter((l) => l[0] > at - 10 * S)
    this.lag = recent
    const sorted = recent.map((l) => l[1]).sort((a, b) => a - b)
    const lag = new Array(32).fill(0)
    for (const l of sorted) lag[Math.max(0, Math.min(31, Math.ceil(Math.log2(l / 1000 + 1e-9))))]++
    const p = (q) => Math.round(sorted[Math.floor(sorted.length * q)] ?? 0)
    const seconds = Math.max(0.1, (at - (this.measured ?? at - S)) / S)
    const rate = (this.passes - (this.passesThen ?? 0)) / seconds
    const busy = (this.busyTotal - (this.busyThen ?? 0)) / seconds / S
    Object.assign(this, { measured: at, passesThen: this.passes, busyThen: this.busyTotal })
    const s = {
      loopID: 1, at, pass: [this.passes, this.passes], stale: !!this.stuckSince, dropped: this.dropped,
      tasks: [...tasks].map((t) => this.line(t)), groups: this.groups, objects: this.objects,
      timers: [...this.tasks.values()].filter((t) => t.wait?.until > at).sort((a, b) => a.wait.until - b.wait.until).slice(0, 100).map((t) => ({ at: t.wait.until, for: 'sleep', task: t.id })),
      pools: [{ name: 'default', workers: 4, size: 8, busy: this.threads.filter((t) => t.task && t.kind === 'thread').length, queued: 0 }],
      threads: this.threads.filter((t) => t.task).map((t) => ({ id: t.n, kind: t.kind, name: t.name, what: t.what, task: t.task, since: t.since })),
      loop: { passes: this.passes, rate, busy, lag, p50: p(0.5), p99: p(0.99), ready: Math.floor(this.rnd() * 4), live: [...this.tasks.values()].filter((t) => t.state !== 'done').length, workers: 12, timers: 9, watched: 14 },
      warnings: this.warnings(at),
      hosts: this.hosts,
    }
    if (this.stuckSince) s.stuck = { task: 39, name: 'audit', for: at - this.stuckSince, state: 'syscall', stack: [{ func: 'os.ReadFile', file: 'file.go', line: 845 }, frame('(*auditor).load', 'audit.go', 58), frame('audit', 'audit.go', 55)], advice: 'A step must not block: move it into `asyncio.ToThread`.' }
    return s
  }

  state(full) {
    const s = this.snapshot(full ? undefined : this.changed)
    this.changed = new Set()
    const gone = this.gone
    this.gone = []
    return { ...s, full, gone }
  }

  warnings(at) {
    const list = []
    const tied = (this.knot ?? []).filter((k) => k[0].wait?.obj === k[2])
    const circle = tied.filter((k) => tied.some((q) => q[3] === k[0]) && tied.some((q) => q[0] === k[3]))
    const cycles = [circle.filter((k) => k[2] < 100), circle.filter((k) => k[2] >= 100)].filter((c) => c.length > 1 && c.every((k) => c.some((q) => q[0] === k[3])))
    for (const c of cycles) {
      if (at - Math.max(...c.map((k) => k[0].wait.since)) < 0.5 * S) continue
      const edges = c.map(([t, , obj, holder]) => ({ task: t.id, name: t.name, wait: t.wait.text, obj, object: this.objects.find((o) => o.id === obj).name, since: t.wait.since, holder: holder.id, held: this.objects.find((o) => o.id === obj).since, frame: t.created[0] }))
      const ordered = [edges[0]]
      while (ordered.length < edges.length) ordered.push(edges.find((e) => e.task === ordered.at(-1).holder))
      list.push({ id: 'deadlock', key: `deadlock ${edges[0].task}`, tasks: ordered.map((e) => e.task), task: edges[0].task, obj: edges[0].obj, at: Math.max(...edges.map((e) => e.since)), count: 1, title: `Deadlock of ${['no', 'one', 'two', 'three', 'four', 'five'][edges.length] ?? edges.length} tasks`, text: `Each waits for a lock that the next one holds. ${edges.length === 2 ? '`report` waits behind them.' : ''}`, cure: 'Take the locks in one order, `db` before `cache`. Confirmed in one pass.', frame: edges[1].frame, cycle: ordered })
    }
    const db = this.objects[0]
    if (db.holder && at - db.since > 5 * S) list.push({ id: 'long-wait-on-lock', key: 'held 1', tasks: [db.holder], task: db.holder, obj: 1, at: db.since, count: 1, title: 'Lock db is held for long', text: 'by settle-orders; 2 wait: warm-cache, report.', cure: 'Hold a lock for a few lines, not across a wait.', frame: frame('settle', 'settle.go', 71) })
    if (this.slow) list.push({ id: 'blocked-step', key: 'blocked 39', tasks: [39], task: 39, obj: 0, at: this.slow.at, for: this.slow.length, count: 1, title: 'A step blocked for 310 ms', text: 'audit, `audit.go:55`, in `os.ReadFile`: 22 tasks had to wait.', cure: 'Move it into `asyncio.ToThread`.', frame: frame('audit', 'audit.go', 55), ended: at > this.slow.at + 20 * S ? this.slow.at + this.slow.length : undefined })
    return list
  }

  detail(id) {
    const t = this.tasks.get(id)
    if (!t) return null
    const stack = t.wait?.kind === 'lock' ? [{ func: 'github.com/asyncio-go/asyncio.(*Lock).Lock', file: 'lock.go', line: 61 }, ...t.created] : t.created
    return { ...this.line(t), stack, events: t.events, histogram: t.histogram }
  }
}
