// The grammar of marks: the shape says the state, the color repeats it.

import { READY, RUNNING, HELD, DONE, BUSY } from './store.js'

/** A mark of a line of text: run, ready, wait, held, done, bad, busy, blocked, brief. */
export function Mark({ kind, width = 14 }) {
  const w = width
  return (
    <svg class={`mark ${kind}`} width={w} height="12" viewBox={`0 0 ${w} 12`} aria-hidden="true">
      {kind === 'run' && <rect class="f" x="0" y="1" width={w} height="10" />}
      {kind === 'brief' && <path class="f" d={`M0 5H${w * 0.4}V3.5H${w * 0.65}V4.5H${w}V7.5H${w * 0.65}V8.5H${w * 0.4}V7H0z`} />}
      {kind === 'blocked' && <rect class="f" x="0" y="1" width={w} height="10" />}
      {kind === 'ready' && <HatchedBar w={w} />}
      {(kind === 'wait' || kind === 'behind') && <path class="s" d={`M0 6H${w}`} />}
      {kind === 'held' && <path class="s dots" d={`M0 6H${w}`} />}
      {kind === 'done' && <path class="s" d={`M0 6H${w - 4}M${w - 4} 1V11`} />}
      {kind === 'bad' && <path class="s x" d={`M${w / 2 - 4.5} 1.5l9 9m0-9l-9 9`} />}
      {kind === 'busy' && <rect class="b" x=".5" y="2.5" width={w - 1} height="7" />}
    </svg>
  )
}

function HatchedBar({ w }) {
  const lines = []
  for (let x = -2; x < w; x += 4) lines.push(`M${Math.max(0.5, x)} ${Math.min(8.5, 8.5 + x)}L${Math.min(w - 0.5, x + 5)} ${Math.max(3.5, 3.5 + (x + 5 - w + 0.5))}`)
  return (
    <>
      <rect class="o" x=".5" y="3.5" width={w - 1} height="5" />
      <path class="o" d={lines.join('')} />
    </>
  )
}

/** The mark and the word of a task's state. */
export function stateOf(task, { dead, behind }) {
  if (dead.has(task.id)) return ['bad', 'deadlock']
  if (task.state === 'running') return ['run', 'running']
  if (task.state === 'ready') return ['ready', 'ready']
  if (task.state === 'held') return ['held', 'held back']
  if (task.state === 'done') return ['done', task.outcome || 'done']
  return [behind.has(task.id) ? 'behind' : 'wait', 'waiting']
}

export const WORDS = { [READY]: 'ready', [RUNNING]: 'running', [HELD]: 'held back', [DONE]: 'done', [BUSY]: 'busy' }

export function State({ task, knots }) {
  const [mark, word] = stateOf(task, knots)
  return (
    <span class="state">
      <Mark kind={mark} />
      {word}
      {task.canceled && task.state !== 'done' ? ', asked to end' : ''}
    </span>
  )
}
