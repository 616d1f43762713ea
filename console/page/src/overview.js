// The last minute, or a whole recording, in one strip: how many tasks were ready, and how busy the loop was.

import { READY, RUNNING, KEPT } from './store.js'
import { palette } from './palette.js'
import { duration, roughly } from './format.js'

const BINS = 1024
const SHOWN = 600 // of them: those of the future are cleared before they are used

export class Overview {
  constructor() {
    this.busy = new Float64Array(BINS)
    this.ready = new Float64Array(BINS)
    this.bin = KEPT / SHOWN
    this.clear()
  }

  clear() {
    this.busy.fill(0)
    this.ready.fill(0)
    this.cursor = 0
    this.last = 0
  }

  /** Adds the segments that have come since. Those of rows beside the loop do not count. */
  follow(store, kept) {
    const bin = kept / SHOWN
    if (store.era !== this.era || bin !== this.bin) this.clear()
    this.era = store.era
    this.bin = bin
    const last = Math.floor(store.now / bin) + 10
    for (let b = Math.max(this.last + 1, last - BINS + 1); b <= last; b++) this.busy[b % BINS] = this.ready[b % BINS] = 0
    this.last = last
    for (let i = Math.max(this.cursor, store.tail); i < store.head; i++) {
      const k = i & (store.size - 1)
      const bins = store.state[k] === RUNNING ? this.busy : store.state[k] === READY ? this.ready : null
      if (!bins) continue
      const [begin, end] = [store.begin[k], store.end[k]]
      const to = Math.min(last, Math.floor(end / bin))
      for (let b = Math.max(last - BINS + 1, Math.floor(begin / bin)); b <= to; b++) bins[b % BINS] += (Math.min(end, (b + 1) * bin) - Math.max(begin, b * bin)) / bin
    }
    this.cursor = store.head
  }

  /** @param {number} kept the time that the strip shows, up to p.last @param {number[]} dead when deadlocks began */
  paint(g, p, store, kept, dead) {
    this.follow(store, kept)
    const { bin } = this
    const c = palette()
    const w = p.right - p.left
    const h = 46
    const base = 33
    g.clearRect(0, 0, p.width, h)
    g.textBaseline = 'middle'
    g.textAlign = 'left'
    g.font = `600 11px ${c.sans}`
    g.fillStyle = c.ink
    g.fillText(kept < 10e9 ? duration(kept) : roughly(kept), 20, 12)
    if (p.rule > 50) {
      g.font = `11px ${c.sans}`
      g.fillStyle = c.ink2
      g.fillText('ready tasks', p.rule + 10, 12)
      g.fillText('loop busy', p.rule + 10, base + 5)
    }
    const n = Math.floor(w / 2)
    const per = kept / n
    const begin = p.last - kept
    const X = (t) => p.left + (w * (t - begin)) / kept
    let most = 1
    const ready = new Float64Array(n)
    const busy = new Float64Array(n)
    for (let i = 0; i < n; i++) {
      const a = Math.floor((begin + i * per) / bin)
      const b = Math.max(a, Math.floor((begin + (i + 1) * per) / bin - 1e-9))
      for (let q = Math.max(0, a); q <= b; q++) {
        ready[i] = Math.max(ready[i], this.ready[q % BINS])
        busy[i] += this.busy[q % BINS] / (b - a + 1)
      }
      if (begin + i * per < store.from - bin) ready[i] = busy[i] = 0
      most = Math.max(most, ready[i])
    }
    g.fillStyle = c.ready
    for (let i = 0; i < n; i++) {
      const q = (ready[i] / most) * 24
      if (q > 0) g.fillRect(p.left + i * 2, base - 3 - q, 1.6, q)
    }
    g.fillStyle = c.line2
    g.fillRect(Math.max(p.left, X(store.from)), base + 8, Math.max(0, Math.min(p.right, X(p.now)) - Math.max(p.left, X(store.from))), 1)
    g.fillStyle = c.run
    for (let i = 0; i < n; i++) {
      if (busy[i] <= 0 || begin + (i + 1) * per < store.from) continue
      const q = Math.max(1, 10 * Math.min(1, busy[i]))
      g.fillRect(p.left + i * 2, base + 9 - q, 2, q)
    }
    g.fillStyle = c.bg
    g.globalAlpha = 0.62
    const [a, b] = [Math.max(p.left, X(p.from)), Math.min(p.right, X(p.to))]
    g.fillRect(p.left, 0, a - p.left, h)
    g.fillRect(b, 0, p.right - b, h)
    g.globalAlpha = 1
    if (!p.recorded && store.from > begin && store.from > 0) {
      const x = X(store.from)
      g.fillStyle = c.ink3
      g.font = `11px ${c.sans}`
      g.textAlign = 'right'
      const text = 'not known'
      const at = beside(x - 8, g.measureText(text).width, dead.map(X))
      if (at - 80 > p.left) g.fillText(text, at, base + 4)
    }
    for (const gap of store.gaps) {
      g.fillStyle = c.lost
      if (gap.to > begin) g.fillRect(Math.max(p.left, X(gap.from)), 3, Math.max(2, X(gap.to) - Math.max(p.left, X(gap.from))), 41)
    }
    g.fillStyle = c.bad
    for (const t of dead) if (t > begin) g.fillRect(X(t), 3, 1.4, 41)
    g.strokeStyle = c.ink
    g.lineWidth = 1
    g.strokeRect(Math.round(a) + 0.5, 2.5, Math.max(3, Math.round(b - a) - 1), 42)
  }
}

/** Where a text of that width ends, at x or before, that has none of the lines in it. */
export function beside(x, width, lines) {
  for (const l of [...lines].sort((a, b) => b - a)) if (l < x + 4 && l > x - width - 4) x = l - 6
  return x
}
