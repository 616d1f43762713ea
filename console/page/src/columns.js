// Steps that are too short for a bar of their own, in columns of one pixel.
//
// A step alone is a tick of the lane's full height: it is seen, and nobody takes it for a
// long one. Where steps stand so close that ticks would make a solid bar, their marks show
// the share of the time in which the lane was busy instead. Between the two the height
// falls with the number of steps around, so that more steps never look like less work.

const NEAR = 8 // px to both sides that count as around
const ALONE = 3 / (2 * NEAR + 1) // ticks a px that are still told apart
const SEVERAL = 0.6 // of the height, at most, for some steps in one px that were short
const LEAST = 2 // px
const READY = 5 // px, of a time in which a lane was ready throughout

/** The columns of a picture. A lane adds its segments, and takes its marks. */
export class Columns {
  constructor() {
    this.size = 0
  }

  /** Columns are of a fixed time, whatever the picture begins with: marks do not flicker while it moves. */
  begin(p) {
    const w = Math.round(p.right - p.left)
    this.dt = (p.to - p.from) / w
    this.first = Math.floor(p.from / this.dt)
    this.known = Math.floor(Math.min(p.to, p.now) / this.dt) - this.first
    this.x = Math.round(p.x(this.first * this.dt))
    if (this.size < w + 2) {
      this.size = w + 2
      this.run = new Float32Array(this.size) // the share of each column
      this.ready = new Float32Array(this.size)
      this.starts = new Uint16Array(this.size) // how many steps begin in it
    }
    this.last = Math.min(this.size - 1, w)
    this.clear()
  }

  clear() {
    this.from = Infinity // columns that were touched
    this.to = -1
  }

  addRun(begin, end) {
    const c = this.add(this.run, begin, end)
    if (c >= 0) this.starts[c]++
  }

  addReady(begin, end) {
    this.add(this.ready, begin, end)
  }

  /** Answers the column in which the segment begins; -1 if that is before the picture. */
  add(share, begin, end) {
    const { dt, first } = this
    const b = Math.floor(begin / dt) - first
    const a = Math.max(0, b)
    const z = Math.min(this.last, Math.floor(end / dt) - first)
    if (z < a) return -1
    for (let c = a; c <= z; c++) share[c] += (Math.min(end, (first + c + 1) * dt) - Math.max(begin, (first + c) * dt)) / dt
    if (a < this.from) this.from = a
    if (z > this.to) this.to = z
    return b
  }

  /**
   * Adds the marks of a lane as x, y, width, height, and forgets them.
   *
   * @param {number} m the middle of the lane @param {number} bar its full height
   * @param {number[]} runs @param {number[]} readies
   */
  take(m, bar, runs, readies) {
    const { from, to, run, ready, starts, last } = this
    if (to < from) return
    let around = 0
    for (let c = Math.max(0, from - NEAR); c < Math.min(last, from + NEAR); c++) around += starts[c]
    for (let c = from; c <= to; c++) {
      if (c + NEAR <= last) around += starts[c + NEAR]
      if (c - NEAR - 1 >= 0 && c > from) around -= starts[c - NEAR - 1]
      if (run[c] === 0 && ready[c] === 0 && starts[c] === 0) continue
      const width = Math.min(last, Math.max(c, this.known), c + NEAR) - Math.max(0, c - NEAR) + 1
      this.mark(c, (ALONE * width) / Math.max(1, around), m, bar, runs, readies)
    }
    run.fill(0, from, to + 1)
    ready.fill(0, from, to + 1)
    starts.fill(0, from, to + 1)
    this.clear()
  }

  /** `room`: 1 and more where ticks are told apart. */
  mark(c, room, m, bar, runs, readies) {
    const x = this.x + c
    const n = this.starts[c]
    const share = Math.min(1, this.run[c])
    let h = bar * share
    if (n > 0) h = Math.max(h, LEAST, bar * Math.min(room, n > 1 ? SEVERAL : 1))
    else if (room >= 1) h = 0 // the rest of a tick
    h = Math.min(bar, h)
    const wait = Math.min(1, this.ready[c])
    if (wait > 0) {
      const q = room >= 1 ? Math.min(4, bar) : Math.min(bar, h + READY * wait)
      if (room >= 1 || q - h >= 0.75 || (h === 0 && n === 0 && wait > 0.05)) readies.push(x, m - q / 2, 1, q)
    }
    if (h < 1) return
    // A tick alone is a little wider, as it is in the legend.
    runs.push(x, m - h / 2, room >= 1 && this.starts[c + 1] === 0 ? 1.4 : 1, h)
  }
}
