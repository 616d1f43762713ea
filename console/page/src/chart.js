// Lines over time on a canvas: the sparks at the top, and the charts of the view health.
// Written by hand because uPlot alone is 22 kB of the page's 60.

import { palette } from './palette.js'

/** A canvas in the pixels of the screen, cleared, to be drawn in those of CSS. */
export function context(canvas, width, height) {
  const ratio = devicePixelRatio || 1
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== w) canvas.width = w
  if (canvas.height !== h) canvas.height = h
  const g = canvas.getContext('2d')
  g.setTransform(ratio, 0, 0, ratio, 0, 0)
  g.clearRect(0, 0, width, height)
  return g
}

function lineTo(g, values, X, Y) {
  g.beginPath()
  values.forEach((v, i) => g.lineTo(X(i), Y(v)))
  g.stroke()
}

function dotted(g, y, from, to, color) {
  g.strokeStyle = color
  g.lineWidth = 1
  g.setLineDash([2, 3])
  g.beginPath()
  g.moveTo(from, Math.round(y) + 0.5)
  g.lineTo(to, Math.round(y) + 0.5)
  g.stroke()
  g.setLineDash([])
}

/** One line without axes: the last minute, a value a second. */
export function spark(canvas, values, { color, limit, base }) {
  const [w, h, n] = [canvas.clientWidth, 36, 60]
  const g = context(canvas, w, h)
  const c = palette()
  g.lineWidth = 1
  g.strokeStyle = c.line2
  g.beginPath()
  g.moveTo(0, 34.5)
  g.lineTo(w, 34.5)
  g.stroke()
  if (values.length === 0) return
  let most = Math.max(...values, 1e-9)
  let least = 0
  if (base) {
    least = Math.min(...values) * 0.9
    most = most * 1.05 + 1e-9
  }
  if (limit && most > limit / 2) most = Math.max(most, limit * 1.05)
  const Y = (v) => 33 - ((v - least) / (most - least)) * 29
  const X = (i) => ((i + n - values.length) / (n - 1)) * (w - 4)
  if (limit && limit < most) dotted(g, Y(limit), 0, w, c.bad)
  g.strokeStyle = g.fillStyle = c[color]
  g.lineWidth = 1.3
  lineTo(g, values, X, Y)
  g.beginPath()
  g.arc(X(values.length - 1), Y(values.at(-1)), 2.3, 0, 7)
  g.fill()
}

/** 1, 2 or 5 times a power of ten: about `n` steps up to `most`. */
export function nice(most, n) {
  const unit = 10 ** Math.floor(Math.log10(most / n))
  return [1, 2, 5, 10].map((s) => s * unit).find((s) => most / s <= n) ?? 10 * unit
}

const LEFT = 84
const RIGHT = 20
const FOOT = 20

/**
 * Lines with axes: the time before now in seconds, and values from 0.
 *
 * @param {number[]} times in seconds before now, the last one the latest; they are negative
 * @param {{values: number[], color: string}[]} lines
 * @param {{text: (v: number) => string, limit?: number, at?: number}} how `at`: the index that is pointed at
 */
export function chart(canvas, times, lines, { text, limit, at }) {
  const [w, h] = [canvas.clientWidth, canvas.clientHeight]
  const g = context(canvas, w, h)
  const c = palette()
  const top = Math.max(1e-9, ...lines.flatMap((l) => l.values)) * 1.08
  const span = Math.max(60, -(times[0] ?? 0))
  const X = (t) => LEFT + (w - LEFT - RIGHT) * (1 + t / span)
  const Y = (v) => h - FOOT - (v / top) * (h - FOOT - 6)
  g.font = `11px ${c.sans}`
  g.textBaseline = 'middle'
  g.lineWidth = 1
  g.strokeStyle = c.line
  g.fillStyle = c.ink3
  g.textAlign = 'right'
  const step = nice(top, 4)
  for (let v = 0; v <= top; v += step) {
    const y = Math.round(Y(v)) + 0.5
    g.beginPath()
    g.moveTo(LEFT, y)
    g.lineTo(w - RIGHT, y)
    g.stroke()
    g.fillText(text(v), LEFT - 10, y)
  }
  g.textAlign = 'center'
  const seconds = [10, 30, 60, 120].find((s) => span / s <= 10) ?? 120
  for (let s = 0; s <= span; s += seconds) {
    g.textAlign = s === 0 ? 'right' : 'center'
    g.fillText(s === 0 ? 'now' : s >= 120 && s % 60 === 0 ? `−${s / 60} min` : `−${s} s`, s === 0 ? w - RIGHT : X(-s), h - 8)
  }
  if (limit && limit < top) dotted(g, Y(limit), LEFT, w - RIGHT, c.bad)
  g.lineWidth = 1.3
  for (const l of lines) {
    g.strokeStyle = c[l.color]
    lineTo(g, l.values, (i) => X(times[i]), Y)
  }
  if (!(at >= 0) || at >= times.length) return
  g.strokeStyle = c.ink3
  g.lineWidth = 1
  g.beginPath()
  g.moveTo(Math.round(X(times[at])) + 0.5, 4)
  g.lineTo(Math.round(X(times[at])) + 0.5, h - FOOT)
  g.stroke()
  for (const l of lines) {
    g.fillStyle = c[l.color]
    g.beginPath()
    g.arc(X(times[at]), Y(l.values[at]), 3, 0, 7)
    g.fill()
  }
}

/** The index of the time at a place in the canvas. */
export function indexAt(canvas, times, x) {
  const span = Math.max(60, -(times[0] ?? 0))
  const t = ((x - LEFT) / (canvas.clientWidth - LEFT - RIGHT) - 1) * span
  let best = 0
  times.forEach((v, i) => Math.abs(v - t) < Math.abs(times[best] - t) && (best = i))
  return best
}
