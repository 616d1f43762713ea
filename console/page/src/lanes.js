// What the timeline draws, when, and where: the order of the lanes, and the layout.

import { store, shown, selected, host, folded, query, paused, tick, span, view, edge, now, last, kept, source, redraw, select, selectHost, matcher, knots, running, taskName } from './model.js'
import { arrange, groupName } from './forest.js'
import { AXIS, paintAxis, paintBands, paintLanes, paintGaps } from './paint.js'
import { paintWakes, paintKnots } from './wakes.js'
import { HEAD, paintHosts, paintDown, paintMessages } from './hosts.js'
import { HERE } from './messages.js'
import { context } from './chart.js'
import { Density } from './density.js'
import { Overview } from './overview.js'
import { palette } from './palette.js'
import { count, duration, many, roughly, several } from './format.js'

const GAP = 5
const PITCH = 11
const ROOM = 36 // px that the row of a folded host may have more
export const LEAST = 3 // px a lane; below, the density map

/** The canvases of the timeline. The page draws when there is something new, never by a clock. */
export class Lanes {
  constructor(box, lanes, overview) {
    Object.assign(this, { box, canvas: lanes, strip: overview })
    this.overview = new Overview()
    this.density = new Density()
    this.scroll = 0
    this.each = false // every lane has its full height, and one scrolls
    this.lanes = []
    this.rows = 0 // lines; lanes may share one
    this.heads = 0 // rows of hosts
    this.arrows = [] // of messages, as they were drawn
    this.bands = []
    this.arranged = ''
    this.order = 0
    this.drawn = 0
    this.still = matchMedia('(prefers-reduced-motion: reduce)')
    this.ask = () => {
      this.frame ||= requestAnimationFrame(() => {
        this.frame = 0
        this.draw()
      })
    }
    this.news = () => {
      // Without motion the picture moves on once a second, with the state.
      if (this.still.matches && span.peek().end === 0 && performance.now() - this.drawn < 950) return
      this.ask()
    }
  }

  /** Orders the lanes, at most once for each state, search or view. */
  arrange() {
    const from = edge() - span.peek().length
    const { groups, tasks, structure } = shown.peek()
    // What has changed with the events is only looked at with the state: lanes do not
    // jump ten times a second.
    if (this.ticked !== tick.peek()) this.changed = store.changed
    this.ticked = tick.peek()
    const key = `${this.changed} ${structure} ${query.peek()} ${query.peek() && this.ticked} ${this.ended ? Math.round(from / 1e9) : ''} ${[...folded.peek()]}`
    if (key === this.arranged) return
    this.arranged = key
    const names = new Map(groups.map((g) => [g.id, groupName(g, taskName)]))
    const test = matcher(query.peek(), (g) => names.get(g) ?? '')
    const states = ['waiting', 'ready', 'running', 'held', 'done', '', 'busy']
    const match = test && ((lane) => test((lane.kind === 'task' && tasks.get(lane.id)) || { ...lane, state: states[lane.state] ?? '' }))
    const { lanes, bands } = arrange(store, groups, from, match, folded.peek())
    if (lanes.length !== this.lanes.length || lanes.some((l, i) => l !== this.lanes[i])) this.order++
    this.lanes = lanes
    this.bands = bands
    this.names = names
    this.index = new Map(lanes.map((l, i) => [l, i]))
    this.heads = bands.filter((b) => b.host).length
    this.rows = lanes.filter((l) => !l.shares).length - this.heads
    this.ended = lanes.some((l) => l.ended)
    this.counts = { tasks: lanes.filter((l) => l.kind === 'task').length, threads: lanes.filter((l) => l.kind === 'thread').length, remote: lanes.filter((l) => l.kind === 'remote').length, hosts: bands.filter((b) => b.host && b.host.name !== HERE).length }
    for (const b of bands) if (b.hidden) this.counts.tasks += b.hidden.length
  }

  /** Lays out: how high a lane is, and where each begins. */
  layout() {
    const width = this.box.clientWidth
    const room = this.box.parentElement.clientHeight - this.box.offsetTop + this.box.parentElement.offsetTop
    const n = this.rows
    const tops = this.bands.filter((b) => b.depth === 0)
    const table = view.peek() === 'timeline' ? (room > 420 ? 147 : 107) : 0
    const narrow = innerWidth <= 1000
    const most = narrow ? 720 : Math.max(120, room - table)
    const gaps = tops.length + 1
    // The row of a folded host has what room there is: that is what its arrows are read by.
    const alone = this.bands.filter((b) => b.host && b.end === b.begin + 1)
    const free = (most - AXIS - n * PITCH - this.heads * HEAD - gaps * GAP - 6) / alone.length
    const extra = alone.length ? Math.floor(Math.max(0, Math.min(ROOM, free))) : 0
    for (const b of this.bands) if (b.host) b.host.lane.high = HEAD + (alone.includes(b) ? extra : 0)
    const heads = this.heads * HEAD + alone.length * extra
    const natural = AXIS + n * PITCH + heads + gaps * GAP + 6
    let pitch = PITCH
    let gap = GAP
    if (natural > most && !this.each) {
      if (gaps * gap > most / 3) gap = 0
      pitch = Math.max(0.01, (most - AXIS - gaps * gap - heads - 4) / Math.max(1, n))
      if (pitch > 9) pitch = Math.floor(pitch * 2) / 2
    }
    const height = Math.round(Math.min(natural, most))
    this.scroll = this.each ? Math.max(0, Math.min(this.scroll, natural - height)) : 0
    this.placeLanes(pitch, gap, tops, extra)
    const rule = width < 620 ? 14 : 82
    const left = width < 620 ? 130 : 206
    const to = edge()
    const from = to - span.peek().length
    const right = width - 20
    return {
      width,
      height,
      pitch,
      rule,
      left,
      right,
      from,
      to,
      now: now(),
      last: last(),
      start: last() - kept(),
      recorded: !source.live,
      paused: paused.peek(),
      x: (t) => left + ((right - left) * (t - from)) / (to - from),
      laneY: (i) => this.lanes[i].y - this.scroll,
      laneHeight: (i) => this.lanes[i].high ?? pitch,
      firstLane: () => Math.max(0, Math.floor((this.scroll - gaps * gap - heads) / pitch) - 1),
    }
  }

  /** Says where each lane is; the gap comes before and after each band of the first depth. */
  placeLanes(pitch, gap, tops, extra) {
    const key = `${this.arranged} ${pitch} ${gap} ${extra}`
    if (key === this.placed) return
    this.placed = key
    const starts = new Set(tops.map((b) => b.begin).concat(tops.map((b) => b.end)))
    let y = AXIS + 1
    this.lanes.forEach((lane, i) => {
      if (i > 0 && !lane.shares) y += this.lanes[i - 1].high ?? pitch
      if (i > 0 && starts.has(i)) y += gap
      lane.y = y
    })
  }

  draw() {
    if (!this.box.isConnected || this.box.clientWidth === 0) return
    this.drawn = performance.now()
    this.arrange()
    const p = (this.picture = this.layout())
    const { dead, behind } = knots.peek()
    const deadlocks = running(shown.peek().warnings).filter((w) => w.id === 'deadlock')
    this.overview.paint(context(this.strip, p.width, 46), p, store, kept(), deadlocks.map((w) => w.at))
    this.canvas.style.height = `${p.height}px`
    const g = context(this.canvas, p.width, p.height)
    const dense = p.pitch < LEAST
    paintAxis(g, p)
    const sel = selected.peek()
    paintBands(g, p, this.bands, (b) => this.note(b))
    g.save()
    g.beginPath()
    g.rect(0, AXIS, p.width, p.height - AXIS)
    g.clip()
    paintHosts(g, p, this.bands)
    if (dense) {
      this.density.paint(g, p, store, this.lanes, this.order)
      this.pointOut(g, p, sel, dead)
    } else {
      this.visible = paintLanes(g, p, this.lanes, store, (lane) => {
        const task = lane.kind === 'task'
        return { selected: task && lane.id === sel, dead: task && dead.has(lane.id), behind: task && behind.has(lane.id) }
      })
    }
    g.save()
    g.beginPath()
    g.rect(p.left, AXIS, p.right - p.left + 4, p.height - AXIS)
    g.clip()
    paintDown(g, p, this.bands)
    this.arrows = paintMessages(g, p, (place) => this.line(store.hosts.list[place]))
    g.restore()
    paintGaps(g, p, store.gaps, (gap) => (gap.lost ? `${many(gap.lost, 'event')} lost` : 'not seen'))
    paintWakes(g, p, (id) => this.middle(id, p), sel)
    paintKnots(g, p, (id) => this.middle(id, p), deadlocks)
    g.restore()
    this.canvas.dataset.mode = dense ? 'density' : 'lanes'
    this.tell(p, dense)
  }

  /** The name of a band, and what is to be said about it. */
  note(band) {
    if (band.host) return null
    if (band.kind) return { name: band.kind === 'callback' ? 'loop' : several(band.kind), lines: [] }
    const g = band.group
    const lines = []
    if (g.limit) lines.push(`limit ${count(g.limit)}`)
    if (g.held) lines.push(`${count(g.held)} held back`)
    if (g.deadline) lines.push(g.deadline > now() ? `${roughly(g.deadline - now())} left` : 'deadline over')
    if (lines.length === 0 && source.live) lines.push(many(g.children, 'task'))
    return { name: this.names.get(g.id) ?? '', lines }
  }

  /** Where the selected task and those in a deadlock are in the density map. */
  pointOut(g, p, sel, dead) {
    const c = palette()
    let last = -1e9
    for (const id of new Set([...dead, sel])) {
      const lane = store.tasks.get(id)
      if (!this.index.has(lane)) continue
      const [chosen, bad] = [id === sel, dead.has(id)]
      const y = Math.floor(lane.y) + 0.5
      g.fillStyle = bad ? c.bad : c.ink
      if (bad) g.fillRect(p.x(Math.max(lane.since, p.from)), y - 1, p.x(p.to) - p.x(Math.max(lane.since, p.from)), 2)
      g.font = `${bad ? '600 ' : ''}10px ${c.sans}`
      g.textAlign = 'right'
      g.textBaseline = 'middle'
      g.fillRect(p.left - 7, y - 0.5, 6, 1)
      if (Math.abs(y - last) < 10 || (!chosen && dead.size > 8)) continue
      g.fillText(lane.name.slice(0, 18), p.left - 10, y)
      last = y
    }
  }

  /** The y of a task, which may be in the row of its host. */
  middle(id, p) {
    const lane = store.tasks.get(id)
    const i = this.index.get(lane)
    if (i !== undefined) return p.laneY(i) + p.pitch / 2
    return lane && folded.peek().has(lane.host) ? this.line(store.hosts.byName.get(lane.host)) : null
  }

  /** The y of a host's line. */
  line(h) {
    return this.index.has(h.lane) ? h.lane.y - this.scroll + h.lane.high / 2 : null
  }

  tell(p, dense) {
    const { tasks, threads, remote, hosts } = this.counts
    const length = duration(p.to - p.from)
    const where = span.peek().end ? `, up to ${duration(p.now - p.to)} ago` : ''
    const what = !p.recorded ? `${span.peek().end ? '' : 'last '}${length} of 60 s kept${where}` : span.peek().whole ? `${length} recorded` : `${length} of ${duration(kept())} recorded, from ${duration(p.from - p.start)}`
    const text = `${what} · ${hosts ? `${many(hosts, 'host')}, ` : ''}${many(tasks, 'task')}${threads ? `, ${many(threads, 'thread')}` : ''}${remote ? `, ${many(remote, 'worker')}` : ''}${query.peek() ? ' found' : ''}${dense ? ` · ${p.pitch < 0.75 ? `${Math.round(1 / p.pitch)} lanes a pixel` : 'no room for bars'} (V: scroll)` : ''}`
    if (this.told !== text) this.label.textContent = this.told = text
  }

  at(e) {
    const r = this.canvas.getBoundingClientRect()
    const y = e.clientY - r.top
    const p = this.picture
    if (!p || y < AXIS) return null
    let best = null
    let near = Math.max(p.pitch, 4)
    const t = this.time(e)
    for (const lane of this.lanes) {
      const high = lane.high ?? p.pitch
      const d = Math.max(0, Math.abs(lane.y - this.scroll + high / 2 - y) - (high - p.pitch) / 2)
      if (d < near || (d === near && lane.begun <= t)) [best, near] = [lane, d]
    }
    return best
  }

  time(e) {
    const p = this.picture
    const x = e.clientX - this.canvas.getBoundingClientRect().left
    return p.from + ((x - p.left) / (p.right - p.left)) * (p.to - p.from)
  }

  /** Selects the next lane, and keeps it in sight. */
  go(delta) {
    this.arrange() // a view that has just come has drawn nothing yet
    const tasks = this.lanes.filter((l) => l.kind === 'task' || l.kind === 'host')
    if (tasks.length === 0) return
    const at = host.peek() || (folded.peek().has(store.tasks.get(selected.peek())?.host) && store.tasks.get(selected.peek()).host)
    const i = tasks.findIndex((l) => (at ? l.kind === 'host' && l.name === at : l.kind === 'task' && l.id === selected.peek()))
    const from = i < 0 && delta < 0 ? tasks.length : i
    const lane = tasks[Math.max(0, Math.min(tasks.length - 1, from + delta))]
    if (this.each && this.picture) {
      const y = lane.y - this.scroll
      if (y < AXIS + PITCH) this.scroll += y - AXIS - PITCH
      if (y > this.picture.height - 2 * PITCH) this.scroll += y - this.picture.height + 2 * PITCH
    }
    lane.kind === 'host' ? selectHost(lane.name) : select(lane.id)
  }

  toggle() {
    this.each = !this.each
    const lane = store.tasks.get(selected.peek())
    if (this.each && lane) {
      this.layout()
      this.scroll = lane.y - 200
    }
    redraw()
  }
}
