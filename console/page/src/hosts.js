// Draws the bands of hosts, and their messages as arrows from the line of one to that of
// another.

import { store, selected, host, message, quiet, folded } from './model.js'
import { RUNNING, READY } from './store.js'
import { HERE, isDown, title } from './messages.js'
import { palette } from './palette.js'
import { AXIS, fit } from './paint.js'
import { Columns } from './columns.js'
import { count, many } from './format.js'

export const HEAD = 17 // px, the row of a host at least

const columns = new Columns()

/** The rows of hosts, and where they were down. */
export function paintHosts(g, p, bands) {
  const c = palette()
  for (const b of bands) {
    if (!b.host) continue
    const y = p.laneY(b.begin)
    const bottom = Math.min(p.height, p.laneY(b.end - 1) + p.laneHeight(b.end - 1))
    if (bottom < AXIS || y > p.height) continue
    if (host.peek() === b.host.name) {
      g.fillStyle = c.hl
      g.fillRect(0, y, p.width, b.host.lane.high)
    }
    const m = y + b.host.lane.high / 2
    const closed = folded.peek().has(b.host.name)
    g.fillStyle = c.line2
    g.fillRect(0, y, p.width, 1)
    g.fillStyle = c.ink2
    triangle(g, 12, m, closed)
    g.textAlign = 'left'
    g.textBaseline = 'middle'
    g.font = `600 11px ${c.sans}`
    g.fillStyle = c.ink
    const note = isDown(b.host, p.to - (p.to - p.from) / (p.right - p.left)) ? 'down' : many(b.tasks, 'task')
    fit(g, title(b.host.name), 20, m + 0.5, p.left - 84)
    g.font = `10px ${c.sans}`
    g.textAlign = 'right'
    g.fillStyle = c.ink3
    if (p.left > 180) g.fillText(note, p.left - 8, m + 0.5)
    line(g, p, b.host, m, c)
    if (closed) activity(g, p, b, m, c)
  }
}

function triangle(g, x, y, closed) {
  g.beginPath()
  if (closed) {
    g.moveTo(x - 2, y - 3.5)
    g.lineTo(x + 2.5, y)
    g.lineTo(x - 2, y + 3.5)
  } else {
    g.moveTo(x - 3.5, y - 2)
    g.lineTo(x, y + 2.5)
    g.lineTo(x + 3.5, y - 2)
  }
  g.fill()
}

const span = (p, from, to, draw) => {
  const [a, b] = [p.x(Math.max(from, p.from)), p.x(Math.min(to, p.to, p.now))]
  if (b > a) draw(a, b - a)
}

/** The line of a host while it runs, with a tick where that ends. */
function line(g, p, h, m, c) {
  for (const [from, to] of known(h)) {
    g.fillStyle = c.ink3
    span(p, from, to, (x, w) => g.fillRect(x, m - 0.75, w, 1.5))
    g.fillStyle = c.ink2
    if (to >= p.from && to <= p.to) g.fillRect(p.x(to) - 0.6, m - 4, 1.2, 8)
  }
}

/** Of a host of which nothing was told it is known only that messages came from it. */
const known = (h) => (h.ups.length || h.name !== HERE ? h.ups : [[-Infinity, Infinity]])

/** Shades the bands of hosts where they were down. */
export function paintDown(g, p, bands) {
  g.fillStyle = palette().down
  for (const b of bands) {
    if (!b.host) continue
    const y = p.laneY(b.begin) + 1
    const bottom = p.laneY(b.end - 1) + p.laneHeight(b.end - 1)
    const { ups } = b.host
    ups.forEach(([, to], i) => span(p, to, ups[i + 1]?.[0] ?? Infinity, (x, w) => g.fillRect(x, y, w, bottom - y)))
  }
}

/** What the tasks of a folded host did, all in its one line. */
function activity(g, p, b, m, c) {
  const runs = []
  const thin = []
  columns.begin(p)
  for (const lane of b.hidden) {
    store.walk(lane, (k) => {
      const [begin, end] = [store.begin[k], store.end[k]]
      if (end < p.from) return true
      if (begin > p.to) return false
      if (store.state[k] === RUNNING) columns.addRun(begin, end)
      else if (store.state[k] === READY && end > begin) columns.addReady(begin, end)
      return false
    })
  }
  columns.take(m, 9, runs, thin)
  for (const [list, color] of [[thin, c.ready], [runs, c.run]]) {
    g.fillStyle = color
    for (let i = 0; i < list.length; i += 4) g.fillRect(list[i], list[i + 1], list[i + 2], list[i + 3])
  }
}

/** Is a message of what is selected? */
export function ownMessage(m) {
  if (selected.peek()) return m.task === selected.peek()
  const h = store.hosts.byName.get(host.peek())
  return !!h && (m.from === h.place || m.to === h.place)
}

const PLENTY = 600 // messages in a picture, of which each can have its arrow
const CELLS = 1 << 13 // more than pixels in a row

/**
 * The messages in the picture. Those of two hosts that leave and arrive in the same pixel
 * are one arrow; in the same few pixels, where there are thousands. Answers what was drawn: {i, n, x1, y1, x2, y2}.
 *
 * @param {(place: number) => number | null} middle the y of a host's line
 */
export function paintMessages(g, p, middle) {
  const drawn = []
  const { hosts } = store
  const dt = (p.to - p.from) / (p.right - p.left)
  if (quiet.peek() || hosts.head === 0) return drawn
  const chosen = message.peek()
  const cells = new Map()
  let all = 0
  hosts.during(p.from, p.to, () => void all++)
  const near = 2 ** Math.max(0, Math.ceil(Math.log2(all / PLENTY)))
  hosts.during(p.from, p.to, (m, i) => {
    const lost = m.arrives === 0
    const own = ownMessage(m)
    const x1 = p.x(m.at)
    const x2 = lost ? x1 + 7 : p.x(m.arrives)
    const key = (((m.from * hosts.list.length + m.to) * 4 + lost * 2 + own) * CELLS + Math.floor(m.at / dt / near) % CELLS) * CELLS + (Math.floor(m.arrives / dt / near) % CELLS)
    const same = cells.get(key)
    if (same && i !== chosen) return void same.n++
    const [a, b] = [middle(m.from), middle(m.to)]
    if (a === null || b === null || m.from === m.to) return
    const y2 = lost ? a + (b - a) * 0.45 : b
    const one = { i, n: 1, x1, y1: a, x2, y2, lost, own }
    cells.set(key, one)
    drawn.push(one)
  })
  const c = palette()
  const some = selected.peek() || host.peek()
  const draw = (alpha, color, list) => {
    if (list.length === 0) return
    g.globalAlpha = alpha
    g.strokeStyle = g.fillStyle = color
    g.lineWidth = 1
    g.beginPath()
    for (const a of list) {
      g.moveTo(a.x1, a.y1)
      g.lineTo(a.x2, a.y2)
    }
    g.stroke()
    g.beginPath()
    for (const a of list) if (!a.lost) head(g, a)
    g.fill()
    g.lineWidth = 1.5
    g.beginPath()
    for (const a of list) if (a.lost) cross(g, a)
    g.stroke()
    g.globalAlpha = 1
  }
  const pale = (some ? 0.3 : 0.75) / Math.min(near, 3)
  draw(pale, c.ink3, drawn.filter((a) => !a.lost && !a.own))
  draw(some ? 0.45 : 1, c.bad, drawn.filter((a) => a.lost && !a.own))
  draw(1, c.ink, drawn.filter((a) => !a.lost && a.own))
  draw(1, c.bad, drawn.filter((a) => a.lost && a.own))
  const at = drawn.find((a) => a.i === chosen)
  if (at) {
    draw(1, at.lost ? c.bad : c.ink, [at])
    g.lineWidth = 2
    g.beginPath()
    g.moveTo(at.x1, at.y1)
    g.lineTo(at.x2, at.y2)
    g.stroke()
    g.beginPath()
    g.arc(at.x1, at.y1, 3, 0, 7)
    g.fill()
  }
  return drawn
}

function head(g, { x1, y1, x2, y2 }) {
  const d = Math.hypot(x2 - x1, y2 - y1) || 1
  const [ux, uy] = [(x2 - x1) / d, (y2 - y1) / d]
  g.moveTo(x2, y2)
  g.lineTo(x2 - ux * 6 - uy * 2.6, y2 - uy * 6 + ux * 2.6)
  g.lineTo(x2 - ux * 6 + uy * 2.6, y2 - uy * 6 - ux * 2.6)
}

function cross(g, { x2: x, y2: y }) {
  g.moveTo(x - 3, y - 3)
  g.lineTo(x + 3, y + 3)
  g.moveTo(x + 3, y - 3)
  g.lineTo(x - 3, y + 3)
}

/** What of the drawn arrows is at a place: the nearest within 4 px. */
export function arrowAt(drawn, x, y) {
  let best = null
  let near = 4
  for (const a of drawn) {
    const [dx, dy] = [a.x2 - a.x1, a.y2 - a.y1]
    const t = Math.max(0, Math.min(1, ((x - a.x1) * dx + (y - a.y1) * dy) / (dx * dx + dy * dy || 1)))
    const d = Math.hypot(a.x1 + t * dx - x, a.y1 + t * dy - y)
    if (d < near) [best, near] = [a, d]
  }
  return best
}

export const more = (n) => (n > 1 ? `, and ${count(n - 1)} more here` : '')
