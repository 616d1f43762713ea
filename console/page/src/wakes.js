// The arrows of the timeline: who has woken whom, and who is in a deadlock with whom.
// In all of them, middle(task) is the y of a task's lane, or null if it is not shown.

import { store, step } from './model.js'
import { READY, RUNNING } from './store.js'
import { arrow } from './arrow.js'
import { palette } from './palette.js'

const MOST_WAKES = 40 // the latest ones; more would hide the lanes

/** Who has woken the selected task, and whom it has woken. With a step chosen: the chain that led to it. */
export function paintWakes(g, p, middle, sel) {
  const lane = store.tasks.get(sel)
  const own = lane && middle(sel)
  if (!lane || own === null) return
  const c = palette()
  const chosen = step.peek()
  if (chosen >= 0 && chosen >= store.tail) return chain(g, p, middle, lane, chosen)
  const wakes = []
  if (lane.state === READY && lane.by) wakes.push(lane.by, lane.since)
  store.walk(lane, (k) => {
    if (store.end[k] < p.from || wakes.length > 2 * MOST_WAKES) return true
    if (store.state[k] === READY && store.arg[k] && store.begin[k] >= p.from && store.begin[k] <= p.to) wakes.push(store.arg[k], store.begin[k])
    return false
  })
  for (let i = 0; i < wakes.length; i += 2) {
    const y = middle(wakes[i])
    if (y !== null && wakes[i] !== sel) arrow(g, p.x(wakes[i + 1]), y, own, { color: c.ink, width: 1 })
  }
  woken(g, p, middle, sel, own, p.from, p.to, MOST_WAKES)
}

/** Dashed arrows to those whom a task has woken in a time. */
function woken(g, p, middle, id, own, from, to, most) {
  const c = palette()
  let n = 0
  for (let i = store.head - 1; i >= store.tail && n < most; i--) {
    const k = i & (store.size - 1)
    if (store.end[k] < from) break
    if (store.state[k] !== READY || store.arg[k] !== id || store.begin[k] < from || store.begin[k] > to) continue
    const other = store.lanes[store.slot[k]]
    const y = other && other.id !== id ? middle(other.id) : null
    if (y !== null) arrow(g, p.x(store.begin[k]), own, y, { color: c.ink3, dash: true, width: 1 })
    n++
  }
}

/** The step that is looked at, and the wakes that led to it, the latest dark. */
function chain(g, p, middle, lane, at) {
  const c = palette()
  const mask = store.size - 1
  const k0 = at & mask
  const own = middle(lane.id)
  const x = p.x(store.begin[k0])
  g.strokeStyle = c.ink
  g.lineWidth = 1.5
  g.strokeRect(x - 2, own - p.pitch / 2 - 0.5, Math.max(2, p.x(store.end[k0]) - x) + 4, p.pitch + 1)
  woken(g, p, middle, lane.id, own, store.begin[k0], store.end[k0], 40)
  let i = at
  let to = lane
  for (let link = 0; link < 6; link++) {
    const ready = before(i)
    if (ready < 0 || store.state[ready & mask] !== READY || !store.arg[ready & mask]) return
    const from = store.tasks.get(store.arg[ready & mask])
    const t = store.begin[ready & mask]
    const [a, b] = [from && middle(from.id), middle(to.id)]
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
export function paintKnots(g, p, middle, deadlocks) {
  const c = palette()
  for (const w of deadlocks) {
    if (!w.cycle || w.cycle.length > 8) continue
    w.cycle.forEach((e, i) => {
      const [a, b] = [middle(e.task), middle(e.holder)]
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

function before(i) {
  const back = store.back[i & (store.size - 1)]
  return back === 0 || i - back < store.tail ? -1 : i - back
}
