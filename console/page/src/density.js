// The density map: all lanes at once, where each has less than 3 px.
//
// A bin is one pixel of the picture: the lanes of one line, in one column of time. Bins
// are kept from frame to frame: only new segments are added, and only columns that have
// changed are painted again. A new zoom or another order of lanes begins anew.

import { READY, RUNNING, BUSY, HELD } from './store.js'
import { palette } from './palette.js'

const AROUND = 8 // columns before a step that say whether it is alone

export class Density {
  constructor() {
    this.canvas = document.createElement('canvas')
    this.key = ''
  }

  /**
   * Paints the map into g.
   * @param p the picture @param {string} order changes when lanes have other lines
   * @param {object[]} lanes with y, their place
   */
  paint(g, p, store, lanes, order) {
    const w = Math.max(1, Math.round(p.right - p.left))
    const h = Math.max(1, Math.round(p.height))
    const dt = (p.to - p.from) / w
    const c = palette()
    const key = `${w} ${h} ${dt} ${order} ${c.bg} ${p.paused}`
    const to = Math.floor(p.to / dt)
    if (key !== this.key || store.era !== this.era || to - this.to >= w || to < this.to) this.rebuild(key, w, h, dt, to, p, store, lanes)
    else this.follow(to, store)
    this.render(p, c)
    const split = (this.to + 1) % w
    const y = 0
    g.imageSmoothingEnabled = false
    if (split > 0) g.drawImage(this.canvas, 0, 0, split, h, p.left + w - split, y, split, h)
    if (split < w) g.drawImage(this.canvas, split, 0, w - split, h, p.left, y, w - split, h)
  }

  rebuild(key, w, h, dt, to, p, store, lanes) {
    Object.assign(this, { key, w, h, dt, to, era: store.era })
    if (this.busy?.length !== w * h) {
      this.busy = new Float32Array(w * h)
      this.ready = new Float32Array(w * h)
      this.canvas.width = w
      this.canvas.height = h
      this.context = this.canvas.getContext('2d')
    } else {
      this.busy.fill(0)
      this.ready.fill(0)
    }
    this.begun = new Float64Array(h).fill(Infinity)
    this.ended = new Float64Array(h).fill(-Infinity)
    this.lines = new Uint16Array(h)
    this.cursor = store.head
    this.base = store
    this.first = 0
    this.dirty = -Infinity
    const from = (to - w) * dt
    for (const lane of lanes) {
      if (lane.kind === 'host') continue
      lane.row = Math.floor(lane.y)
      lane.rows = Math.max(1, Math.floor(lane.y + p.pitch) - lane.row)
      if (lane.row < 0 || lane.row + lane.rows > h) {
        lane.row = -1
        continue
      }
      const born = lane.kind === 'task' ? store.seen(lane) : Infinity
      for (let y = lane.row; y < lane.row + lane.rows; y++) {
        this.lines[y]++
        this.begun[y] = Math.min(this.begun[y], born)
        this.ended[y] = Math.max(this.ended[y], lane.ended || Infinity)
      }
      store.walk(lane, (k) => {
        if (store.end[k] < from) return true
        this.put(lane, store.begin[k], store.end[k], store.state[k])
      })
    }
    this.dirty = to - w + 1
  }

  /** Moves on to a later column, and adds what has come since. */
  follow(to, store) {
    const { w, h } = this
    for (let c = this.to + 1; c <= to; c++) {
      const x = c % w
      for (let y = 0, i = x; y < h; y++, i += w) this.busy[i] = this.ready[i] = 0
    }
    this.dirty = Math.min(this.to + 1, to - w + 1 > this.to ? to - w + 1 : this.to)
    this.to = to
    for (let i = Math.max(this.cursor, store.tail); i < store.head; i++) {
      const k = i & (store.size - 1)
      const lane = store.lanes[store.slot[k]]
      if (lane && lane.row >= 0) this.put(lane, store.begin[k], store.end[k], store.state[k])
    }
    this.cursor = store.head
  }

  put(lane, begin, end, state) {
    const bins = state === RUNNING || state === BUSY ? this.busy : state === READY || state === HELD ? this.ready : null
    if (!bins) return
    const { w, dt } = this
    const first = Math.max(this.to - w + 1, Math.floor(begin / dt))
    const last = Math.min(this.to, Math.floor(end / dt))
    if (first < this.dirty) this.dirty = first
    for (let c = first; c <= last; c++) {
      const part = (Math.min(end, (c + 1) * dt) - Math.max(begin, c * dt)) / dt
      for (let y = lane.row; y < lane.row + lane.rows; y++) bins[y * w + (c % w)] += part
    }
  }

  /** How dark a step is that takes no time: where there are many of them, the share of the time says more. */
  tick(y, col) {
    const row = y * this.w
    let n = 0
    for (let c = col - AROUND + 1; c <= col; c++) if (this.busy[row + (((c % this.w) + this.w) % this.w)] > 0) n++
    return Math.max(0.2, 0.7 * Math.min(1, 2 / n))
  }

  /** Paints the columns that have changed: over the ground the waiting, over that the ready, over that the running. */
  render(p, c) {
    const { w, h, dt, to } = this
    const from = Math.max(this.dirty, to - w + 1)
    const n = to - from + 1
    this.dirty = to
    if (n <= 0) return
    const image = this.context.createImageData(n, h)
    const out = new Uint32Array(image.data.buffer)
    const [bg, wait, ready, run] = [c.bg, c.wait, c.ready, c.run].map(rgb)
    for (let y = 0; y < h; y++) {
      if (this.lines[y] === 0) continue
      const share = 1 / this.lines[y]
      for (let i = 0; i < n; i++) {
        const col = from + i
        const at = y * w + ((col % w) + w) % w
        const t = (col + 1) * dt
        let r = bg[0]
        let gr = bg[1]
        let b = bg[2]
        let a = 0
        if (t >= this.begun[y] && t - dt <= this.ended[y]) {
          a = 255
          r += (wait[0] - r) * 0.12
          gr += (wait[1] - gr) * 0.12
          b += (wait[2] - b) * 0.12
        }
        const q = this.ready[at]
        if (q > 0) {
          const s = 0.45 + 0.55 * Math.min(1, Math.sqrt(q * share))
          a = 255
          r += (ready[0] - r) * s
          gr += (ready[1] - gr) * s
          b += (ready[2] - b) * s
        }
        const v = this.busy[at]
        if (v > 0) {
          const s = Math.max(Math.min(1, v), this.tick(y, col))
          a = 255
          r += (run[0] - r) * s
          gr += (run[1] - gr) * s
          b += (run[2] - b) * s
        }
        if (a) out[y * n + i] = 0xff000000 | (b << 16) | (gr << 8) | r
      }
    }
    const x = ((from % w) + w) % w
    this.context.clearRect(x, 0, Math.min(n, w - x), h)
    this.context.putImageData(image, x, 0)
    if (x + n > w) {
      this.context.clearRect(0, 0, x + n - w, h)
      this.context.putImageData(image, x - w, 0)
    }
  }
}

function rgb(color) {
  const n = parseInt(color.slice(1), 16)
  return [n >> 16, (n >> 8) & 255, n & 255]
}
