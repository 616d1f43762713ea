/** An upright arrow: at the time x, from one lane to another. */
export function arrow(g, x, from, to, { color, dash = false, width = 1.2 }) {
  const dir = to > from ? 1 : -1
  g.strokeStyle = color
  g.fillStyle = color
  g.lineWidth = width
  if (dash) g.setLineDash([3, 3])
  const bend = Math.min(10, 2 + Math.abs(to - from) / 12)
  g.beginPath()
  g.moveTo(x, from)
  g.bezierCurveTo(x - bend, from + (to - from) * 0.3, x - bend, from + (to - from) * 0.75, x, to - dir * 3)
  g.stroke()
  g.setLineDash([])
  g.beginPath()
  g.moveTo(x, to - dir * 0.5)
  g.lineTo(x - 3.2, to - dir * 5)
  g.lineTo(x + 3.2, to - dir * 5)
  g.fill()
}
