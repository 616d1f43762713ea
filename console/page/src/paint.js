// Draws the lanes: bands, lines, bars, and the wakes of the selected task.

import { READY, RUNNING, HELD, BUSY, EXPIRED, ASKED, WAITING } from './store.js'
import { LONG_STEP } from './model.js'
import { palette } from './palette.js'
import { nice } from './chart.js'
import { Columns } from './columns.js'

export const AXIS = 20

function ago(ns, unit) {
  if (ns < unit / 2) return 'now'
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(unit / 1e9) - 1e-9)))
  if (unit < 1e6) return `−${(ns / 1e6).toFixed(Math.max(0, digits - 3))} ms`
  return `−${(ns / 1e9).toFixed(digits)} s`
}

/**
 * @typedef {object} Picture what is drawn: see Timeline.picture
 * @property {number} from @property {number} to @property {number} now
 * @property {number} left @property {number} right of the lanes, in px
 * @property {number} width @property {number} height
 * @property {number} pitch of a lane @property {number} scroll
 */

export function paintAxis(g, p) {
  const c = palette()
  const unit = nice(p.to - p.from, 11)
  g.textBaseline = 'middle'
  g.font = `11px ${c.sans}`
  g.lineWidth = 1
  g.strokeStyle = c.line
  g.fillStyle = c.ink3
  if (p.recorded) return fromStart(g, p, unit)
  const last = Math.floor((p.now - p.from) / unit)
  for (let i = last; i >= 0; i--) {
    const back = Math.ceil((p.now - p.to) / unit - 1e-6) * unit + (last - i) * unit
    const t = p.now - back
    if (t < p.from) break
    upright(g, p, t, ago(back, unit))
  }
}

/** The axis of a recording: the time since it began. */
function fromStart(g, p, unit) {
  for (let i = Math.ceil((p.from - p.start) / unit - 1e-6); p.start + i * unit <= p.to; i++) upright(g, p, p.start + i * unit, i === 0 ? '0' : ago(i * unit, unit).slice(1))
}

function upright(g, p, t, text) {
  const x = Math.round(p.x(t)) + 0.5
  g.beginPath()
  g.moveTo(x, 16)
  g.lineTo(x, p.height)
  g.stroke()
  g.textAlign = x > p.right - 16 ? 'right' : 'center'
  g.fillText(text, Math.min(x, p.right), 8)
}

/** The bands of the groups, and their names at the left. */
export function paintBands(g, p, bands, note) {
  const c = palette()
  let shade = false
  let free = -1e9 // the first line at which a name has room
  const bottom = p.height
  for (const b of bands) {
    const y0 = p.laneY(b.begin)
    const y1 = p.laneY(b.end - 1) + p.laneHeight(b.end - 1)
    if (b.depth === 0) shade = !shade
    if (y1 < AXIS || y0 > bottom) continue
    if (b.depth === 0 && shade) {
      g.fillStyle = c.sunk
      g.fillRect(0, y0 - 1, p.width, y1 - y0 + 2)
    }
    g.fillStyle = b.depth === 0 ? c.line2 : c.line
    const x = p.rule + b.depth * 6
    g.fillRect(x, Math.max(AXIS, y0 + 1), b.depth === 0 ? 2 : 1.5, Math.min(bottom, y1 - 1) - Math.max(AXIS, y0 + 1))
  }
  g.textAlign = 'left'
  for (const b of bands) {
    if (p.rule < 50) break
    const y0 = Math.max(AXIS, p.laneY(b.begin))
    const y1 = p.laneY(b.end - 1) + p.pitch
    if (y1 < AXIS || y0 > bottom) continue
    if (b.host) continue // its row has its name
    const { name, lines } = note(b)
    let y = y0 + Math.max(5.5, Math.min(p.pitch, 11) / 2) + 0.5
    if (y - 6 < free) y = free + 6
    if (y + 5 > Math.max(y1, y0 + 11) || (y1 - y0 < 9 && bands.length > 12)) continue
    g.font = `${b.depth === 0 ? '600 ' : ''}11px ${c.sans}`
    g.fillStyle = b.depth === 0 ? c.ink : c.ink2
    fit(g, name, 20, y, p.rule - 26)
    free = y + 6
    g.font = `10px ${c.sans}`
    g.fillStyle = c.ink3
    for (const line of lines) {
      y += 11.5
      if (y + 5 > Math.min(y1, p.laneY(b.end - 1) + p.pitch) + 4) break
      fit(g, line, 20, y, p.rule - 24)
      free = y + 6
    }
  }
}

const widths = new Map() // of texts in the font they were measured with: measureText is slow

/** Text that ends in an ellipsis where it would be too wide. */
export function fit(g, text, x, y, width) {
  const key = `${g.font}|${Math.round(width)}|${text}`
  let short = widths.get(key)
  if (short === undefined) {
    short = text
    if (g.measureText(text).width > width) {
      let n = text.length - 1
      while (n > 1 && g.measureText(text.slice(0, n) + '…').width > width) n--
      short = text.slice(0, n) + '…'
    }
    if (widths.size > 5000) widths.clear()
    widths.set(key, short)
  }
  g.fillText(short, x, y)
}

const SHORT = 1.4 // px: steps below share the columns of the picture
const columns = new Columns()

/** All lanes that can be seen: lines first, then bars by kind, so that the canvas changes its color seldom. */
export function paintLanes(g, p, lanes, store, mark) {
  const c = palette()
  const runs = []
  const long = []
  const ready = []
  const thin = []
  const held = []
  const busy = []
  const brief = [] // of a row beside the loop
  const points = []
  columns.begin(p)
  const bar = Math.max(2, p.pitch - 2)
  const first = Math.max(0, p.firstLane())
  let i = first
  for (; i < lanes.length; i++) {
    const lane = lanes[i]
    const y = p.laneY(i)
    if (y > p.height) break
    if (y + p.pitch < AXIS) continue
    if (lane.kind === 'host') continue
    const m = y + p.pitch / 2
    const kind = mark(lane)
    if (kind.selected) {
      g.fillStyle = c.hl
      g.fillRect(p.rule + 2, y, p.width - p.rule, p.pitch)
    }
    if (p.pitch >= 9 && !lane.shares) {
      g.font = `${kind.dead ? '600 ' : ''}${p.pitch > 10 ? 10 : 9}px ${c.sans}`
      g.textAlign = 'left'
      g.fillStyle = kind.dead ? c.bad : kind.selected ? c.ink : lane.ended ? c.ink3 : c.ink2
      const x = p.rule + 10 + Math.max(0, lane.depth - 1) * 6
      fit(g, lane.others ? `${lane.name} +${lane.others}` : lane.name, x, m + 0.5, p.left - x - 8)
    }
    line(g, p, lane, m, kind, c, store, points)
    if (lane.state === RUNNING) runs.push(...open(p, lane, m - bar / 2, bar))
    if (lane.state === READY) push(ready, thin, p, lane.since, p.now, m)
    if (lane.state === HELD) held.push(m, lane.since, p.now)
    if (lane.state === BUSY) busy.push(m, lane.since, p.now, lane.what)
    store.walk(lane, (k) => {
      const end = store.end[k]
      if (end < p.from) return true
      const begin = store.begin[k]
      if (begin > p.to) return false
      switch (store.state[k]) {
        case RUNNING: {
          const x = p.x(Math.max(begin, p.from))
          const w = p.x(Math.min(end, p.to)) - x
          if (w < SHORT) columns.addRun(begin, end)
          else runs.push(x, m - bar / 2, w, bar)
          if (end - begin > LONG_STEP) long.push(x, m - bar / 2 - 1.5, Math.max(SHORT, w), 1.5)
          return false
        }
        case READY:
          if (begin === end) return false
          if (p.x(end) - p.x(begin) < 1) columns.addReady(begin, end)
          else push(ready, thin, p, begin, end, m)
          return false
        case HELD:
          held.push(m, begin, end)
          return false
        case BUSY:
          if (p.x(end) - p.x(begin) < SHORT) columns.addRun(begin, end)
          else busy.push(m, begin, end, store.texts.text(store.arg[k]))
          return false
        case EXPIRED:
        case ASKED:
          points.push(store.state[k], p.x(begin), m)
      }
      return false
    })
    columns.take(m, bar, lane.kind === 'task' || lane.kind === 'callback' ? runs : brief, thin)
  }
  dots(g, p, held, c)
  fill(g, ready, c.hatch)
  outline(g, ready, c.ready)
  fill(g, thin, c.ready)
  fill(g, runs, c.run)
  fill(g, long, c.bad)
  beside(g, p, busy, c)
  g.globalAlpha = 0.6
  fill(g, brief, c.run)
  g.globalAlpha = 1
  marks(g, points, c)
  return [first, i]
}

function open(p, lane, y, h) {
  const from = Math.max(lane.since, p.from)
  const x = p.x(from)
  return p.now < p.from || from > p.to ? [] : [x, y, Math.max(1.4, p.x(Math.min(p.now, p.to)) - x), h]
}

function push(ready, thin, p, begin, end, m) {
  if (begin > p.to || end < p.from) return
  const x = p.x(Math.max(begin, p.from))
  const w = p.x(Math.min(end, p.to)) - x
  const h = Math.min(5, p.pitch)
  if (w > 7 && p.pitch >= 6) ready.push(x, m - h / 2, w, h)
  else thin.push(x, m - Math.min(4, p.pitch - 1) / 2, Math.max(w, 1), Math.min(4, p.pitch - 1))
}

/** The line of a lane: it waits, or is done; red in a deadlock, amber behind one. */
function line(g, p, lane, m, kind, c, store, points) {
  if (lane.kind !== 'task') return
  const from = Math.max(store.seen(lane), p.from)
  const to = Math.min(lane.ended || p.now, p.to)
  if (to <= from) return
  g.globalAlpha = 0.75
  g.fillStyle = c.wait
  g.fillRect(p.x(from), m - 0.5, p.x(to) - p.x(from), 1)
  g.globalAlpha = 1
  if (lane.ended && lane.ended <= p.to) points.push(-1, p.x(lane.ended), m)
  if (lane.state !== WAITING || !(kind.dead || kind.behind) || lane.since > p.to) return
  const x = p.x(Math.max(lane.since, p.from))
  const w = p.x(to) - x
  g.fillStyle = kind.dead ? c.bad : c.ready
  if (kind.behind) return g.fillRect(x, m - 0.5, w, 1)
  g.fillRect(x, m - 1, w, 2)
  const h = Math.min(7, p.pitch)
  for (let q = x + 14; q < x + w; q += 28) g.fillRect(q, m - h / 2, 1.2, h)
}

function fill(g, rects, style) {
  if (rects.length === 0) return
  g.fillStyle = style
  for (let i = 0; i < rects.length; i += 4) g.fillRect(rects[i], rects[i + 1], rects[i + 2], rects[i + 3])
}

function outline(g, rects, style) {
  if (rects.length === 0) return
  g.strokeStyle = style
  g.lineWidth = 1
  for (let i = 0; i < rects.length; i += 4) g.strokeRect(rects[i] + 0.5, rects[i + 1] + 0.5, rects[i + 2] - 1, rects[i + 3] - 1)
}

function dots(g, p, list, c) {
  g.strokeStyle = c.ready
  g.lineWidth = 1.5
  g.setLineDash([1.5, 3])
  g.beginPath()
  for (let i = 0; i < list.length; i += 3) {
    g.moveTo(p.x(Math.max(list[i + 1], p.from)), list[i])
    g.lineTo(p.x(Math.min(list[i + 2], p.to)), list[i])
  }
  g.stroke()
  g.setLineDash([])
}

function beside(g, p, list, c) {
  g.lineWidth = 1
  g.strokeStyle = c.run
  g.fillStyle = c.run
  const h = Math.max(2, p.pitch - 3)
  g.font = `9px ${c.sans}`
  g.textAlign = 'left'
  for (let i = 0; i < list.length; i += 4) {
    if (list[i + 1] > p.to || list[i + 2] < p.from) continue
    const x = p.x(Math.max(list[i + 1], p.from))
    const w = Math.max(1, p.x(Math.min(list[i + 2], p.to)) - x)
    const y = Math.round(list[i] - h / 2)
    g.globalAlpha = 0.28
    g.fillRect(x, y, w, h)
    g.globalAlpha = 1
    if (w > 2) g.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1)
    if (w > 40 && h > 7) {
      g.fillStyle = c.ink
      fit(g, list[i + 3], x + 4, list[i] + 0.5, w - 8)
      g.fillStyle = c.run
    }
  }
}

function marks(g, points, c) {
  g.lineWidth = 1.2
  for (let i = 0; i < points.length; i += 3) {
    const [kind, x, m] = [points[i], points[i + 1], points[i + 2]]
    g.strokeStyle = kind === EXPIRED ? c.ready : c.ink2
    g.beginPath()
    if (kind === EXPIRED) g.arc(x, m, 2.6, 0, 7)
    else if (kind === ASKED) {
      g.moveTo(x - 2.5, m - 2.5)
      g.lineTo(x + 2.5, m + 2.5)
      g.moveTo(x + 2.5, m - 2.5)
      g.lineTo(x - 2.5, m + 2.5)
    } else {
      g.moveTo(x, m - 3.5)
      g.lineTo(x, m + 3.5)
    }
    g.stroke()
  }
}

/** Times of which events are missing. */
export function paintGaps(g, p, gaps, text) {
  const c = palette()
  for (const gap of gaps) {
    if (gap.to < p.from || gap.from > p.to) continue
    const x = p.x(Math.max(gap.from, p.from))
    const w = Math.max(2, p.x(Math.min(gap.to, p.to)) - x)
    g.globalAlpha = 0.5
    g.fillStyle = c.lost
    g.fillRect(x, AXIS, w, p.height - AXIS)
    g.globalAlpha = 1
    g.fillStyle = c.bad
    g.font = `600 11px ${c.sans}`
    g.textAlign = x > p.right - 120 ? 'right' : 'left'
    g.fillText(text(gap), x > p.right - 120 ? x + w : x, AXIS + 8)
  }
}
