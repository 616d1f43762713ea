// The timeline: the overview, the lanes, and the same as a table of text.

import { useEffect, useRef } from 'preact/hooks'
import { computed } from '@preact/signals'
import { store, shown, selected, query, paused, tick, span, step, texts, view, edge, now, onDraw, redraw, select, move, moveTo, zoom, matcher, knots, running, taskName, LONG_STEP, hello } from './model.js'
import { READY, RUNNING, KEPT, WAITING } from './store.js'
import { arrange, groupName } from './forest.js'
import { AXIS, paintAxis, paintBands, paintLanes, paintGaps, arrow } from './paint.js'
import { context } from './chart.js'
import { Density } from './density.js'
import { Overview } from './overview.js'
import { Mark, WORDS } from './marks.jsx'
import { palette } from './palette.js'
import { count, duration, many, percent, roughly } from './format.js'
import { Search } from './search.jsx'
import { onArrows } from './keys.js'

const GAP = 5
const PITCH = 11
const MOST_WAKES = 40 // the latest ones; more would hide the lanes
const LEAST = 3 // px a lane; below, the density map

/** The canvases of the timeline. The page draws when there is something new, never by a clock. */
class Timeline {
  constructor(box, lanes, overview) {
    Object.assign(this, { box, canvas: lanes, strip: overview })
    this.overview = new Overview()
    this.density = new Density()
    this.scroll = 0
    this.each = false // every lane has its full height, and one scrolls
    this.lanes = []
    this.rows = 0 // lines; lanes may share one
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
    const key = `${this.changed} ${structure} ${query.peek()} ${query.peek() && this.ticked} ${this.ended ? Math.round(from / 1e9) : ''}`
    if (key === this.arranged) return
    this.arranged = key
    const names = new Map(groups.map((g) => [g.id, groupName(g, taskName)]))
    const test = matcher(query.peek(), (g) => names.get(g) ?? '')
    const states = ['waiting', 'ready', 'running', 'held', 'done', '', 'busy']
    const match = test && ((lane) => test(tasks.get(lane.id) ?? { ...lane, state: states[lane.state] ?? '' }))
    const { lanes, bands } = arrange(store, groups, from, match)
    if (lanes.length !== this.lanes.length || lanes.some((l, i) => l !== this.lanes[i])) this.order++
    this.lanes = lanes
    this.bands = bands
    this.names = names
    this.index = new Map(lanes.map((l, i) => [l, i]))
    this.rows = lanes.filter((l) => !l.shares).length
    this.ended = lanes.some((l) => l.ended)
    this.counts = { tasks: lanes.filter((l) => l.kind === 'task').length, threads: lanes.filter((l) => l.kind === 'thread').length }
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
    const natural = AXIS + n * PITCH + gaps * GAP + 6
    let pitch = PITCH
    let gap = GAP
    if (natural > most && !this.each) {
      if (gaps * gap > most / 3) gap = 0
      pitch = (most - AXIS - gaps * gap - 4) / Math.max(1, n)
      if (pitch > 9) pitch = Math.floor(pitch * 2) / 2
    }
    const height = Math.round(Math.min(natural, most))
    this.scroll = this.each ? Math.max(0, Math.min(this.scroll, natural - height)) : 0
    this.placeLanes(pitch, gap, tops)
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
      paused: paused.peek(),
      x: (t) => left + ((right - left) * (t - from)) / (to - from),
      laneY: (i) => this.lanes[i].y - this.scroll,
      firstLane: () => Math.max(0, Math.floor((this.scroll - gaps * gap) / pitch) - 1),
    }
  }

  /** Says where each lane is; the gap comes before and after each band of the first depth. */
  placeLanes(pitch, gap, tops) {
    const key = `${this.arranged} ${pitch} ${gap}`
    if (key === this.placed) return
    this.placed = key
    const starts = new Set(tops.map((b) => b.begin).concat(tops.map((b) => b.end)))
    let y = AXIS + 1
    this.lanes.forEach((lane, i) => {
      if (i > 0 && !lane.shares) y += pitch
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
    this.overview.paint(context(this.strip, p.width, 46), p, store, deadlocks.map((w) => w.at))
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
    if (dense) {
      this.density.paint(g, p, store, this.lanes, this.order)
      this.pointOut(g, p, sel, dead)
    } else {
      this.visible = paintLanes(g, p, this.lanes, store, (lane) => {
        const task = lane.kind === 'task'
        return { selected: task && lane.id === sel, dead: task && dead.has(lane.id), behind: task && behind.has(lane.id) }
      })
    }
    paintGaps(g, p, store.gaps, (gap) => (gap.lost ? `${many(gap.lost, 'event')} lost` : 'not seen'))
    this.wakes(g, p, sel)
    this.knot(g, p, deadlocks)
    g.restore()
    this.canvas.dataset.mode = dense ? 'density' : 'lanes'
    this.tell(p, dense)
  }

  /** The name of a band, and what is to be said about it. */
  note(band) {
    if (band.kind) return { name: band.kind === 'callback' ? 'loop' : `${band.kind}s`, lines: [] }
    const g = band.group
    const lines = []
    if (g.limit) lines.push(`limit ${count(g.limit)}`)
    if (g.held) lines.push(`${count(g.held)} held back`)
    if (g.deadline) lines.push(g.deadline > now() ? `${roughly(g.deadline - now())} left` : 'deadline over')
    if (lines.length === 0) lines.push(many(g.children, 'task'))
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

  laneMiddle(id, p) {
    const lane = store.tasks.get(id)
    const i = this.index.get(lane)
    return i === undefined ? null : p.laneY(i) + p.pitch / 2
  }

  /** Who has woken the selected task, and whom it has woken. With a step chosen: the chain that led to it. */
  wakes(g, p, sel) {
    const lane = store.tasks.get(sel)
    const own = lane && this.laneMiddle(sel, p)
    if (!lane || own === null) return
    const c = palette()
    const chosen = step.peek()
    if (chosen >= 0 && chosen >= store.tail) return this.chain(g, p, lane, chosen)
    const wakes = []
    if (lane.state === READY && lane.by) wakes.push(lane.by, lane.since)
    store.walk(lane, (k) => {
      if (store.end[k] < p.from || wakes.length > 2 * MOST_WAKES) return true
      if (store.state[k] === READY && store.arg[k] && store.begin[k] >= p.from && store.begin[k] <= p.to) wakes.push(store.arg[k], store.begin[k])
      return false
    })
    for (let i = 0; i < wakes.length; i += 2) {
      const y = this.laneMiddle(wakes[i], p)
      if (y !== null && wakes[i] !== sel) arrow(g, p.x(wakes[i + 1]), y, own, { color: c.ink, width: 1 })
    }
    this.woken(g, p, sel, own, p.from, p.to, MOST_WAKES)
  }

  /** Dashed arrows to those whom a task has woken in a time. */
  woken(g, p, id, own, from, to, most) {
    const c = palette()
    let n = 0
    for (let i = store.head - 1; i >= store.tail && n < most; i--) {
      const k = i & (store.size - 1)
      if (store.end[k] < from) break
      if (store.state[k] !== READY || store.arg[k] !== id || store.begin[k] < from || store.begin[k] > to) continue
      const other = store.lanes[store.slot[k]]
      const y = other && other.id !== id ? this.laneMiddle(other.id, p) : null
      if (y !== null) arrow(g, p.x(store.begin[k]), own, y, { color: c.ink3, dash: true, width: 1 })
      n++
    }
  }

  chain(g, p, lane, at) {
    const c = palette()
    const mask = store.size - 1
    const k0 = at & mask
    const own = this.laneMiddle(lane.id, p)
    const x = p.x(store.begin[k0])
    g.strokeStyle = c.ink
    g.lineWidth = 1.5
    g.strokeRect(x - 2, own - p.pitch / 2 - 0.5, Math.max(2, p.x(store.end[k0]) - x) + 4, p.pitch + 1)
    this.woken(g, p, lane.id, own, store.begin[k0], store.end[k0], 40)
    let i = at
    let to = lane
    for (let link = 0; link < 6; link++) {
      const ready = before(i)
      if (ready < 0 || store.state[ready & mask] !== READY || !store.arg[ready & mask]) return
      const from = store.tasks.get(store.arg[ready & mask])
      const t = store.begin[ready & mask]
      const [a, b] = [from && this.laneMiddle(from.id, p), this.laneMiddle(to.id, p)]
      if (!from || a === null || b === null || from === to) return
      arrow(g, p.x(t), a, b, link === 0 ? { color: c.ink, width: 1.5 } : { color: c.ink3 })
      i = -1
      store.walk(from, (k, n) => {
        if (store.state[k] === RUNNING && store.begin[k] <= t) {
          if (store.end[k] >= t) i = n
          return true
        }
        return false
      })
      if (i < 0) return
      to = from
    }
  }

  /** The lanes of a deadlock are joined. */
  knot(g, p, deadlocks) {
    const c = palette()
    for (const w of deadlocks) {
      if (!w.cycle || w.cycle.length > 8) continue
      w.cycle.forEach((e, i) => {
        const [a, b] = [this.laneMiddle(e.task, p), this.laneMiddle(e.holder, p)]
        if (a === null || b === null || a === b) return
        const latest = Math.max(...w.cycle.map((q) => q.since ?? 0), p.from)
        const x = Math.min(p.right - 12, p.x(latest) + 24 + i * 22)
        if (x < p.left || latest > p.to) return
        const dir = b > a ? 1 : -1
        g.strokeStyle = g.fillStyle = c.bad
        g.lineWidth = 1.4
        g.beginPath()
        g.moveTo(x, a)
        g.lineTo(x, b - dir * 3)
        g.stroke()
        g.beginPath()
        g.moveTo(x, b - dir * 0.5)
        g.lineTo(x - 3.5, b - dir * 5)
        g.lineTo(x + 3.5, b - dir * 5)
        g.fill()
      })
    }
  }

  tell(p, dense) {
    const { tasks, threads } = this.counts
    const where = span.peek().end ? `, up to ${duration(p.now - p.to)} ago` : ''
    const text = `${span.peek().end ? '' : 'last '}${duration(p.to - p.from)} of 60 s kept${where} · ${many(tasks, 'task')}${threads ? `, ${many(threads, 'thread')}` : ''}${query.peek() ? ' found' : ''}${dense ? ` · ${p.pitch < 0.75 ? `${Math.round(1 / p.pitch)} lanes a pixel` : 'no room for bars'} (V: scroll)` : ''}`
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
      const d = Math.abs(lane.y - this.scroll + p.pitch / 2 - y)
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
    const tasks = this.lanes.filter((l) => l.kind === 'task')
    if (tasks.length === 0) return
    const i = tasks.findIndex((l) => l.id === selected.peek())
    const lane = tasks[Math.max(0, Math.min(tasks.length - 1, i < 0 ? (delta > 0 ? 0 : tasks.length - 1) : i + delta))]
    if (this.each && this.picture) {
      const y = lane.y - this.scroll
      if (y < AXIS + PITCH) this.scroll += y - AXIS - PITCH
      if (y > this.picture.height - 2 * PITCH) this.scroll += y - this.picture.height + 2 * PITCH
    }
    select(lane.id)
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

function before(i) {
  const back = store.back[i & (store.size - 1)]
  return back === 0 || i - back < store.tail ? -1 : i - back
}

let shownTimeline = null
export const toggleLanes = () => shownTimeline?.toggle()

export function TimelineView() {
  const box = useRef(null)
  const lanes = useRef(null)
  const strip = useRef(null)
  const label = useRef(null)
  const tip = useRef(null)
  useEffect(() => {
    const t = (shownTimeline = new Timeline(box.current, lanes.current, strip.current))
    t.label = label.current
    const off = [onDraw(t.news), onArrows((d) => t.go(d)), ...listen(t, tip.current)]
    const size = new ResizeObserver(() => t.ask())
    size.observe(box.current)
    size.observe(box.current.parentElement)
    const stop = [query, selected, span, step].map((s) => s.subscribe(() => t.ask()))
    return () => {
      shownTimeline = null
      size.disconnect()
      for (const f of [...off, ...stop]) f()
    }
  }, [])
  return (
    <>
      <div class="bar">
        <h2>Timeline</h2>
        <span class="q grow" ref={label} aria-live="off" />
        <Search />
        <span class="legend" aria-hidden="true">
          {[['run', 'running'], ['ready', 'ready'], ['wait', 'waiting'], ['bad', 'in a deadlock']].map(([kind, word]) => (
            <span key={kind}>
              <Mark kind={kind} width={kind === 'bad' ? 14 : 22} />
              {word}
            </span>
          ))}
        </span>
      </div>
      <canvas ref={strip} class="strip" role="img" aria-label="Ready tasks and how busy the loop was in the last 60 seconds; drag to choose what is shown below" />
      <div class="lanes" ref={box}>
        <canvas ref={lanes} class="lanes" tabIndex={0} role="img" aria-label="Lanes of tasks; the table that follows says the same" />
        <div class="tip" ref={tip} hidden />
        <LanesAsText of={() => shownTimeline} />
      </div>
    </>
  )
}

/** Mouse and touch: drag to move, wheel to zoom or scroll, click to select, hover to read. */
function listen(t, tip) {
  const off = []
  const on = (target, type, f, options) => {
    target.addEventListener(type, f, options)
    off.push(() => target.removeEventListener(type, f, options))
  }
  on(t.strip, 'pointerdown', (e) => {
    t.strip.setPointerCapture(e.pointerId)
    t.dragStrip = true
    toStrip(e)
  })
  const toStrip = (e) => {
    const p = t.picture
    const x = e.clientX - t.strip.getBoundingClientRect().left
    moveTo(now() - KEPT + ((x - p.left) / (p.right - p.left)) * KEPT + span.peek().length / 2)
  }
  on(t.strip, 'pointermove', (e) => t.dragStrip && toStrip(e))
  on(t.strip, 'pointerup', () => (t.dragStrip = false))
  on(t.strip, 'pointercancel', () => (t.dragStrip = false))
  let drag = null
  on(t.canvas, 'pointerdown', (e) => (drag = { x: e.clientX, y: e.clientY, end: edge(), moved: false }))
  on(t.canvas, 'pointermove', (e) => {
    if (!drag || !t.picture) return hover(t, tip, e)
    const dx = e.clientX - drag.x
    if (!drag.moved && Math.hypot(dx, e.clientY - drag.y) < 4) return
    if (!drag.moved) t.canvas.setPointerCapture(e.pointerId)
    drag.moved = true
    tip.hidden = true
    moveTo(drag.end - (dx * span.peek().length) / (t.picture.right - t.picture.left))
  })
  on(t.canvas, 'pointerup', (e) => {
    const lane = drag && !drag.moved ? t.at(e) : null
    drag = null
    if (lane) select(lane.kind === 'task' ? lane.id : lane.by || selected.peek())
  })
  on(t.canvas, 'pointercancel', () => (drag = null))
  on(t.canvas, 'pointerleave', () => (tip.hidden = true))
  on(
    t.canvas,
    'wheel',
    (e) => {
      if (e.ctrlKey || e.metaKey) {
        e.preventDefault()
        return zoom(Math.exp(e.deltaY / 300), Math.min(edge(), t.time(e)))
      }
      if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
        e.preventDefault()
        return move((e.deltaX || e.deltaY) / 800)
      }
      if (!t.each) return
      e.preventDefault()
      t.scroll += e.deltaY
      t.ask()
    },
    { passive: false },
  )
  return off
}

/** What is under the pointer, in words. */
function hover(t, tip, e) {
  const lane = t.at(e)
  if (!lane) return (tip.hidden = true)
  const at = t.time(e)
  tip.textContent = `${lane.name}: ${describe(lane, at, t.picture)}`
  tip.hidden = false
  const r = t.box.getBoundingClientRect()
  const x = e.clientX - r.left
  tip.style.left = `${Math.max(4, Math.min(x + 12, r.width - tip.offsetWidth - 8))}px`
  tip.style.top = `${Math.min(e.clientY - r.top + 16, r.height - 8)}px`
}

function describe(lane, at, p) {
  const slack = (2 * (p.to - p.from)) / (p.right - p.left)
  if (lane.ended && at > lane.ended) return 'done'
  let text = ''
  let previous = 0
  store.walk(lane, (k) => {
    const [begin, end, state] = [store.begin[k], store.end[k], store.state[k]]
    if (begin > at + slack) return false
    if (end >= at - slack && WORDS[state]) {
      text = `${WORDS[state]} for ${duration(end - begin)}`
      if (state === READY && store.arg[k]) text += `, woken by ${taskName(store.arg[k])}`
      if (state === RUNNING && end - begin > LONG_STEP) text += ', which is long'
      if (lane.kind !== 'task' && store.arg[k]) text += ` for ${taskName(store.arg[k])}`
    } else if (end < at && !previous) {
      previous = end
      if (!text && state === RUNNING && lane.kind === 'task') text = store.texts.text(store.arg[k]) ? `waits for ${store.texts.text(store.arg[k])}` : ''
    }
    return true
  })
  if (text) return text
  const task = shown.peek().tasks.get(lane.id)
  if (lane.kind === 'task' && lane.state === WAITING && at >= lane.since && task?.wait) return `waits for ${task.wait.text}, ${duration(p.now - lane.since)}`
  if (lane.state !== WAITING && at >= lane.since && WORDS[lane.state]) return `${WORDS[lane.state]} since ${duration(p.now - lane.since)}`
  return lane.kind === 'task' ? 'waits' : 'nothing to do'
}

/** Those who do not see it are not told anew each second. */
const often = computed(() => (texts.value ? tick.value : Math.floor(tick.value / 5)))

const READ = 60 // rows of the text table

/** The lanes that can be seen as a table: for screen readers, and with T for all. */
function LanesAsText({ of }) {
  often.value
  const t = of()
  const p = t?.picture
  const sheet = texts.value
  if (!p || hello.value === null) return null
  const [first, last] = p.pitch < LEAST ? [0, READ] : (t.visible ?? [0, READ])
  const rows = t.lanes.slice(first, Math.min(last, first + READ))
  const { tasks, groups } = shown.peek()
  const names = new Map(groups.map((g) => [g.id, groupName(g, taskName)]))
  return (
    <div class={sheet ? 'astext' : 'sr'}>
      <table>
        <caption>
          The timeline as text: {rows.length} of {count(t.lanes.length)} lanes, {duration(p.to - p.from)}
        </caption>
        <thead>
          <tr>
            {['Lane', 'Group', 'State', 'Steps', 'Running', 'Ready', 'Longest step'].map((h) => (
              <th key={h} scope="col">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((lane) => {
            const s = sum(lane, p)
            const task = tasks.get(lane.id)
            return (
              <tr key={lane.slot}>
                <th scope="row">{lane.name}</th>
                <td>{lane.kind === 'task' ? names.get(lane.group) : `${lane.kind}s`}</td>
                <td>{lane.kind !== 'task' ? WORDS[lane.state] ?? 'nothing to do' : task?.state === 'waiting' && task.wait ? `waits for ${task.wait.text}` : task?.state}</td>
                <td class="num">{count(s.steps)}</td>
                <td class="num">{percent(s.busy / (p.to - p.from))}</td>
                <td class="num">{percent(s.ready / (p.to - p.from))}</td>
                <td class="num">{s.steps ? duration(s.longest) : ''}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function sum(lane, p) {
  const s = { steps: 0, busy: 0, ready: 0, longest: 0 }
  store.walk(lane, (k) => {
    if (store.end[k] < p.from) return true
    if (store.begin[k] > p.to) return false
    const part = Math.min(store.end[k], p.to) - Math.max(store.begin[k], p.from)
    if (store.state[k] === READY) s.ready += part
    else if (WORDS[store.state[k]] === 'running' || WORDS[store.state[k]] === 'busy') {
      s.steps++
      s.busy += part
      s.longest = Math.max(s.longest, store.end[k] - store.begin[k])
    }
    return false
  })
  return s
}
