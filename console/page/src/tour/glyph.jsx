// The marks of the page of the console (marks.jsx), in the color of a task, and three more.

import { Mark } from '../marks.jsx'

/** kind: run, ready, wait, held, done, busy, bad, timer, wake. Its color is that of the text. */
export function Glyph({ kind, width = 14, color = '' }) {
  const more = MORE[kind]
  return (
    <span class={`glyph ${color}`}>
      {more ? (
        <svg class="mark own" width={width} height="12" viewBox={`0 0 ${width} 12`} aria-hidden="true">
          {more(width)}
        </svg>
      ) : (
        <Mark kind={kind} width={width} />
      )}
    </span>
  )
}

const MORE = {
  timer: (w) => (
    <>
      <circle cx={w / 2} cy="6" r="4" />
      <path d={`M${w / 2} 3.5V6h2`} />
    </>
  ),
  wake: (w) => (
    <>
      <path d={`M1 2C${w * 0.5} 2 ${w * 0.5} 9 ${w - 5} 9`} />
      <path class="solid" d={`M${w - 6} 6l5 3l-5 3z`} />
    </>
  ),
  over: (w) => <path d={`M${w / 2} 1V11`} stroke-width="2" />,
}
