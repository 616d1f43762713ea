// Draws the timeline of a recording: a row for each task, for the loop where that is
// worth seeing, and for each thread. What has not happened yet is pale, or not there.

import { palette } from '../palette.js'
import { arrow } from '../arrow.js'
import { nice } from '../chart.js'
import { colors } from './colors.js'
import { at, waitWords } from './words.js'

export const TOP = 24

/** The rows from top to bottom. */
export function rowsOf(story, lesson) {
  const rows = []
  if (lesson.loop) rows.push({ kind: 'loop', name: lesson.loopName ?? 'the loop' })
  for (const task of story.tasks.values()) rows.push({ kind: 'task', name: task.name, task })
  for (const row of beside(story)) rows.push({ kind: 'row', name: row.name, row })
  return rows
}

/** The rows beside the loop in which there is something to see: all that took time. */
export const beside = (story) => [...story.rows.values()].filter((row) => story.length === 0 || row.pieces.some((piece) => piece.to > piece.from))

/**
 * @typedef {object} How
 * @property {number} width @property {number} pitch of a row
 * @property {number} place @property {number} clock @property {boolean} future whether it is drawn
 * @property {object|null} turn the chosen one
 * @property {object} lesson
 */

/** Draws it all; answers where the turns are, to be pointed at: [x, y, width, height, turn]. */
export function paint(g, story, how) {
  const p = new Picture(g, story, how)
  p.axis()
  p.rows.forEach((row, i) => p.row(row, i))
  p.selection()
  p.playhead()
  return p.hits
}

class Picture {
  constructor(g, story, how) {
    Object.assign(this, how, { g, story, c: palette(), color: colors(story), hits: [] })
    this.rows = rowsOf(story, how.lesson)
    g.font = `600 13px ${this.c.sans}`
    const widest = Math.max(...this.rows.map((row) => g.measureText(row.name).width))
    this.left = Math.ceil(Math.min(Math.max(widest + 16, 58), this.width < 500 ? 92 : 150))
    this.right = this.width - 20
    this.height = TOP + this.rows.length * this.pitch + 8
    this.bar = Math.round(Math.min(26, this.pitch * 0.54))
    const all = this.right - this.left
    const rooms = story.rooms
    this.room = story.length === 0 ? all / Math.max(1, rooms) : Math.min(18, (all * 0.5) / Math.max(1, rooms))
    this.scale = story.length === 0 ? 0 : (all - rooms * this.room) / story.length
  }

  /** Where a time is; the event says where in the instant. */
  x = (ev, t) => this.left + this.story.room[ev] * this.room + t * this.scale
  y = (i) => TOP + i * this.pitch + this.pitch / 2 + (i && this.rows[0].kind === 'loop' ? 4 : 0)
  now = () => (this.place === 0 ? this.left : this.x(this.place - 1, this.clock))
  index = (task) => this.rows.findIndex((row) => row.task?.id === task)

  axis() {
    const { g, c, story } = this
    g.textBaseline = 'middle'
    g.font = `11px ${c.sans}`
    g.lineWidth = 1
    if (story.length > 0) {
      const unit = nice(story.length, Math.max(2, Math.floor((this.right - this.left) / 120)))
      for (let t = 0; t <= (this.future ? story.length * 1.0001 : this.clock); t += unit) this.tick(t, this.timeX(t), unit >= 1e9 ? `${Math.round(t / 1e9)} s` : t === 0 ? '0 s' : at(t))
    } else this.tick(0, this.left, '0 s')
    if (this.rows[0]?.kind !== 'loop') return
    g.fillStyle = c.line2
    g.fillRect(0, Math.round(TOP + this.pitch + 2), this.width, 1)
  }

  timeX(t) {
    const i = this.story.events.findIndex((e) => e.t >= t)
    return this.x(i < 0 ? this.story.events.length : i, t)
  }

  tick(t, x, text) {
    const { g, c } = this
    g.fillStyle = c.line
    g.fillRect(Math.round(x), TOP - 5, 1, this.height - TOP + 5)
    g.fillStyle = c.ink3
    g.textAlign = x > this.right - 16 ? 'right' : 'center'
    g.fillText(text, Math.min(x, this.right), 9)
  }

  row(row, i) {
    const { g, c } = this
    const y = this.y(i)
    g.textAlign = 'left'
    g.font = `${row.kind === 'loop' ? '600 ' : ''}13px ${c.sans}`
    const there = row.kind !== 'task' || this.seen(row.task.ev)
    g.fillStyle = row.kind === 'loop' ? c.ink : row.kind === 'row' ? c.ink2 : this.color(row.task.id)
    g.globalAlpha = there ? 1 : 0.45
    if (there || this.future) this.label(row.name, y)
    g.globalAlpha = 1
    if (row.kind === 'loop') return this.loop(y)
    if (row.kind === 'row') return row.row.pieces.forEach((piece) => this.busy(piece, y))
    for (const piece of row.task.pieces) this.piece(piece, row.task, y)
    this.marks(row.task, y)
  }

  label(name, y) {
    const { g } = this
    let text = name
    while (text.length > 2 && g.measureText(text).width > this.left - 8) text = `${text.slice(0, -2)}…`
    g.fillText(text, 0, y)
  }

  seen = (ev) => ev < this.place

  /** Draws a piece in two parts: what is known of it, and what comes, if that may be seen. */
  parts(piece, known, draw) {
    const begun = this.seen(piece.ev) && piece.from <= this.clock
    if (!begun && !this.future) return
    const x1 = this.x(piece.ev, piece.from)
    const x2 = this.x(piece.last, piece.to)
    if (!begun) return draw(x1, x2, true)
    if (this.seen(piece.last) || known >= piece.to) return draw(x1, x2, false)
    const x = Math.min(x2, Math.max(x1, this.now(), this.x(this.place - 1, known)))
    draw(x1, x, false)
    if (this.future) draw(x, x2, true)
  }

  loop(y) {
    const { story, c } = this
    for (const turn of story.turns) {
      const color = turn.task ? this.color(turn.task) : c.ink3
      this.parts(turn, this.knownOf(turn), (x1, x2, pale) => this.brick(x1, x2, y, color, pale, turn, turn.name, false))
    }
    for (const idle of story.idle) this.parts(idle, 0, (x1, x2) => this.nothing(x1, x2, y))
  }

  /** Until when a turn is known to last: while it works, as long as that takes. */
  knownOf = (turn) => (turn.from === turn.to ? turn.to : this.future && this.seen(turn.ev) ? turn.until : 0)

  piece(piece, task, y) {
    const color = this.color(task.id)
    switch (piece.kind) {
      case 'run': {
        const turn = this.story.turns[piece.turn]
        return this.parts(piece, this.knownOf(turn), (x1, x2, pale) => this.brick(x1, x2, y, color, pale, turn, String(turn.step), true))
      }
      case 'ready':
        return this.parts(piece, 0, (x1, x2, pale) => this.hatch(x1, x2, y, color, pale))
      case 'held':
        return this.parts(piece, 0, (x1, x2, pale) => this.line(x1, x2, y, color, pale, [1.5, 3]))
      case 'wait': {
        const until = piece.wait?.until
        this.parts(piece, this.future && until ? Math.min(until, piece.to) : 0, (x1, x2, pale) => this.line(x1, x2, y, color, pale))
        if (piece.dead) this.parts({ ...piece, ev: piece.dead.ev, from: piece.dead.t }, 0, (x1, x2, pale) => this.dead(x1, x2, y, pale))
        const x1 = this.x(piece.ev, piece.from)
        const whole = this.future || this.seen(piece.last) ? this.x(piece.last, piece.to) : this.now()
        if (this.seen(piece.ev) || this.future) this.text(waitWords(piece.wait, piece.from, this.story), x1, whole, y, piece.dead && (this.seen(piece.dead.ev) || this.future) ? this.c.bad : color)
      }
    }
  }

  /** A deadlock: red, with ticks. */
  dead(x1, x2, y, pale) {
    const { g, c } = this
    g.fillStyle = c.bg
    g.fillRect(x1, y - 2, x2 - x1, 4)
    g.globalAlpha = pale ? 0.45 : 1
    g.fillStyle = c.bad
    g.fillRect(x1, y - 1, x2 - x1, 2)
    for (let x = x1 + 14; x < x2; x += 28) g.fillRect(x, y - 4, 1.2, 8)
    g.globalAlpha = 1
  }

  brick(x1, x2, y, color, pale, turn, text, hit) {
    const { g, c } = this
    const w = Math.max(2, x2 - x1 - 1)
    const h = this.bar
    g.globalAlpha = pale ? 0.17 : 1
    g.fillStyle = color
    g.fillRect(x1, y - h / 2, w, h)
    if (turn.blocked && !pale) {
      g.fillStyle = c.bad
      g.fillRect(x1, y - h / 2 - 2, w, 2)
    }
    g.globalAlpha = 1
    this.hits.push([x1, y - h / 2, w, h, turn])
    g.font = `11px ${c.sans}`
    if (w < g.measureText(text).width + (hit ? 4 : 8)) return
    g.fillStyle = pale ? color : c.bg
    g.textAlign = 'center'
    g.fillText(text, x1 + w / 2, y + 0.5)
  }

  hatch(x1, x2, y, color, pale) {
    const { g } = this
    const w = x2 - x1 - 1
    if (w < 1) return
    const h = Math.max(6, Math.round(this.bar / 2))
    const top = Math.round(y - h / 2)
    g.save()
    g.globalAlpha = pale ? 0.45 : 1
    g.fillStyle = g.strokeStyle = color
    if (w < 7) g.fillRect(x1, y - 2, w, 4)
    else {
      g.lineWidth = 1
      g.strokeRect(Math.round(x1) + 0.5, top + 0.5, Math.round(w) - 1, h - 1)
      g.beginPath()
      g.rect(x1, top, w, h)
      g.clip()
      g.beginPath()
      for (let i = Math.floor((x1 - h) / 4) * 4; i < x1 + w; i += 4) {
        g.moveTo(i, top + h)
        g.lineTo(i + h, top)
      }
      g.stroke()
    }
    g.restore()
  }

  line(x1, x2, y, color, pale, dash = []) {
    const { g } = this
    g.globalAlpha = pale ? 0.45 : 1
    g.strokeStyle = color
    g.lineWidth = 1.5
    g.setLineDash(dash)
    g.beginPath()
    g.moveTo(x1, y)
    g.lineTo(x2, y)
    g.stroke()
    g.setLineDash([])
    g.globalAlpha = 1
  }

  /** Words on a line, where there is room for them. */
  text(words, x1, x2, y, color) {
    const { g, c } = this
    g.font = `11px ${c.sans}`
    const w = g.measureText(words).width
    if (w + 30 > x2 - x1) return
    const m = (x1 + x2) / 2
    g.fillStyle = c.bg
    g.fillRect(m - w / 2 - 5, y - 7, w + 10, 14)
    g.fillStyle = color
    g.textAlign = 'center'
    g.fillText(words, m, y)
  }

  nothing(x1, x2, y) {
    const { g, c, lesson } = this
    if (x2 - x1 < 6) return
    g.strokeStyle = c.ink3
    g.lineWidth = 1.5
    g.setLineDash([1, 4])
    g.beginPath()
    g.moveTo(x1 + 3, y)
    g.lineTo(x2 - 3, y)
    g.stroke()
    g.setLineDash([])
    this.text(lesson.loopName ? 'nothing in hand' : 'asleep', x1, x2, y, c.ink3)
  }

  /** A thread, or whatever else is busy beside the loop. */
  busy(piece, y) {
    const { g, c } = this
    const color = piece.task ? this.color(piece.task) : c.ink3
    const h = this.bar - 2
    this.parts(piece, 0, (x1, x2, pale) => {
      const w = Math.max(2, x2 - x1)
      g.globalAlpha = pale ? 0.1 : 0.28
      g.fillStyle = color
      g.fillRect(x1, y - h / 2, w, h)
      g.globalAlpha = pale ? 0.35 : 1
      g.strokeStyle = color
      g.lineWidth = 1
      g.strokeRect(Math.round(x1) + 0.5, Math.round(y - h / 2) + 0.5, Math.round(w) - 1, h - 1)
      g.globalAlpha = 1
    })
  }

  /** Points on a row: a timer was due, it was asked to end, it is done. */
  marks(task, y) {
    const { g, c, story } = this
    const color = this.color(task.id)
    const dim = (ev) => (this.seen(ev) ? 1 : this.future ? 0.45 : 0)
    for (const timer of story.timers.values()) {
      if (timer.task !== task.id || !timer.due) continue
      const late = timer.at < timer.due.t
      this.ring(late ? this.x(story.eventAt(timer.at, timer.due.ev), timer.at) : this.x(timer.due.ev, timer.due.t), y, color, dim(timer.due.ev) || (this.seen(timer.ev) && this.future ? 1 : 0))
    }
    g.lineWidth = 1.5
    for (const asked of task.asked) this.cross(this.x(asked.ev, asked.t), y, color, dim(asked.ev), 3)
    if (!task.done) return
    const turn = story.turns[task.done.turn]
    const x = turn?.task === task.id ? Math.max(this.x(turn.last, turn.to), this.x(turn.ev, turn.from) + 2) : this.x(task.done.ev, task.done.t)
    const h = this.bar / 2 + 2
    const failed = task.done.how === 'failed' || task.done.how === 'panicked'
    g.globalAlpha = dim(task.done.ev)
    g.fillStyle = failed ? c.bad : color
    g.fillRect(Math.round(x) + 1, y - h, 2, h * 2)
    g.globalAlpha = 1
    if (failed) this.cross(x + 9, y, c.bad, dim(task.done.ev), 4)
  }

  ring(x, y, color, alpha) {
    const { g, c } = this
    if (!alpha) return
    g.beginPath()
    g.arc(x - 2, y, 3.5, 0, 7)
    g.fillStyle = c.bg
    g.fill()
    g.globalAlpha = alpha
    g.strokeStyle = color
    g.lineWidth = 1.5
    g.stroke()
    g.globalAlpha = 1
  }

  cross(x, y, color, alpha, r) {
    const { g } = this
    g.globalAlpha = alpha
    g.strokeStyle = color
    g.lineWidth = 1.6
    g.beginPath()
    g.moveTo(x - r, y - r)
    g.lineTo(x + r, y + r)
    g.moveTo(x + r, y - r)
    g.lineTo(x - r, y + r)
    g.stroke()
    g.globalAlpha = 1
  }

  /** The chosen turn, what led to it, and what it has woken. */
  selection() {
    const { g, c, turn, story } = this
    if (!turn || !(this.seen(turn.ev) || this.future)) return
    const i = this.index(turn.task)
    for (let link = turn, first = true, guard = 0; link && guard < 30; guard++, first = false) link = this.into(link, first ? c.ink : c.ink3, false)
    for (const next of story.turns) if (next.cause?.turn === turn.id && (this.seen(next.cause.ev) || this.future)) this.into(next, c.ink, true)
    if (i < 0) return
    const x = this.x(turn.ev, turn.from)
    const w = Math.max(3, this.x(turn.last, turn.to) - x)
    g.strokeStyle = c.ink
    g.lineWidth = 1.5
    g.strokeRect(x - 2, this.y(i) - this.bar / 2 - 3, w + 3, this.bar + 6)
  }

  /** The arrow into a turn; answers the turn that it came from. */
  into(turn, color, dash) {
    const { story } = this
    const cause = turn.cause
    const i = this.index(turn.task)
    if (!cause || i < 0) return null
    if (cause.kind === 'timer') {
      const timer = story.timers.get(cause.timer)
      if (!timer) return null
      this.arc(this.x(timer.ev, timer.t), this.x(turn.ev, turn.from), this.y(i), color, dash)
      return story.turns[timer.turn] ?? null
    }
    const from = story.turns[cause.turn]
    const j = from ? this.index(from.task) : -1
    if (j >= 0 && i !== j) {
      const down = i > j ? 1 : -1
      arrow(this.g, this.x(cause.ev, cause.t), this.y(j) + (down * this.bar) / 2, this.y(i) - down * (this.bar / 4 + 1), { color, dash })
    }
    return from && from.id < turn.id ? from : null
  }

  /** Above a row: from where the timer was set to the step that it led to. */
  arc(x1, x2, y, color, dash) {
    const { g } = this
    const base = y - this.bar / 2 - 4
    const up = base - Math.min(9, this.pitch * 0.16)
    const r = Math.min(26, (x2 - x1) / 3)
    g.strokeStyle = g.fillStyle = color
    g.lineWidth = 1.3
    if (dash) g.setLineDash([3, 3])
    g.beginPath()
    g.moveTo(x1, base)
    g.bezierCurveTo(x1 + r / 4, up, x1 + r / 2, up, x1 + r, up)
    g.lineTo(x2 + 3 - r, up)
    g.bezierCurveTo(x2 + 3 - r / 2, up, x2 + 3, up, x2 + 3, base)
    g.stroke()
    g.setLineDash([])
    g.beginPath()
    g.moveTo(x2 + 3, base + 3)
    g.lineTo(x2 - 0.5, base - 3)
    g.lineTo(x2 + 6.5, base - 3)
    g.fill()
  }

  playhead() {
    const { g, c } = this
    const x = Math.round(this.now()) + 0.5
    g.strokeStyle = g.fillStyle = c.ink
    g.lineWidth = 1
    g.beginPath()
    g.moveTo(x, 16)
    g.lineTo(x, this.height)
    g.stroke()
    g.beginPath()
    g.moveTo(x - 4, 13)
    g.lineTo(x + 4, 13)
    g.lineTo(x, 19)
    g.fill()
  }
}

const WAY = 7 // how high a row is there

/** The same work in other ways, on one axis of time: [{name, story, me}]. Answers the height. */
export function paintWays(g, width, ways, label) {
  const c = palette()
  const longest = Math.max(1, ...ways.map((way) => way.story.length))
  const right = width - 48
  const X = (t) => label + ((right - label) * t) / longest
  const pitch = WAY
  let y = 2
  g.textBaseline = 'middle'
  for (const way of ways) {
    const color = colors(way.story)
    const lanes = lanesOf(way.story)
    const top = y
    const height = Math.max(16, lanes.length * pitch)
    let m = y + (height - lanes.length * pitch) / 2 + pitch / 2
    for (const lane of lanes) {
      for (const piece of lane.pieces) lanePiece(g, piece, X, m, color(lane.id ?? piece.task))
      m += pitch
    }
    g.font = `${way.me ? '600 ' : ''}12px ${c.sans}`
    g.textAlign = 'left'
    g.fillStyle = way.me ? c.ink : c.ink2
    g.fillText(way.name, 0, top + height / 2)
    g.textAlign = 'right'
    g.fillText(at(way.story.length), width, top + height / 2)
    g.fillStyle = way.me ? c.ink : c.ink3
    g.fillRect(Math.round(X(way.story.length)), top, 1, height)
    y += height + 7
  }
  return y
}

export const waysHeight = (ways) => ways.reduce((h, way) => h + Math.max(16, WAY * lanesOf(way.story).length) + 7, 2)

/** The rows of a small timeline: a first task that only waits for the others says nothing there. */
function lanesOf(story) {
  const tasks = [...story.tasks.values()]
  const busy = tasks.filter((task) => task.parent || task.pieces.some((p) => p.kind === 'run' && p.to > p.from))
  return [...(busy.length ? busy : tasks), ...beside(story)]
}

function lanePiece(g, piece, X, m, color) {
  const x = X(piece.from)
  const w = X(piece.to) - x
  g.fillStyle = color
  if (piece.kind === 'run') g.fillRect(x, m - 2.5, Math.max(1.5, w - 0.5), 5)
  else if (piece.kind === 'busy') {
    g.globalAlpha = 0.35
    g.fillRect(x, m - 2.5, Math.max(1.5, w), 5)
    g.globalAlpha = 1
  } else if (piece.kind === 'ready') g.fillRect(x, m - 1.5, w, 3)
  else g.fillRect(x, m - 0.5, w, 1)
}
