// Colors and fonts for the canvases: those of the style sheet, read once for each theme.

let colors = null

export function palette() {
  if (colors) return colors
  const css = getComputedStyle(document.documentElement)
  const get = (name) => css.getPropertyValue(name).trim()
  colors = {}
  for (const name of ['bg', 'sunk', 'ink', 'ink2', 'ink3', 'line', 'line2', 'run', 'ready', 'wait', 'bad', 'hl', 'sans']) colors[name] = get(`--${name}`)
  colors.hatch = hatch(colors.ready)
  colors.lost = hatch(colors.bad)
  colors.down = hatch(colors.line2)
  return colors
}

/** The theme has changed: the next palette is read anew. */
export const forgetPalette = () => (colors = null)

function hatch(color) {
  const tile = document.createElement('canvas')
  tile.width = tile.height = 4
  const g = tile.getContext('2d')
  g.strokeStyle = color
  g.lineWidth = 1.1
  g.beginPath()
  for (const x of [-4, 0, 4]) {
    g.moveTo(x, 4)
    g.lineTo(x + 4, 0)
  }
  g.stroke()
  return g.createPattern(tile, 'repeat')
}
