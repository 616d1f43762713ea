// A deadlock as its cycle: tasks are boxes, objects are rounded, an arrow waits, a thick
// line holds. Two tasks and two objects are a square; everything else is a ring.

import { select } from './model.js'
import { duration, place } from './format.js'

const clip = (text, n) => (text.length > n ? text.slice(0, n - 1) + '…' : text)

/** The nodes of a cycle in their order: task, what it waits for, who holds that ... */
function nodesOf(cycle) {
  const nodes = []
  for (const e of cycle) {
    nodes.push({ kind: 'task', id: e.task, name: e.name, frame: e.frame })
    if (e.object || e.obj) nodes.push({ kind: 'object', name: bare(e.object || e.wait) })
  }
  return nodes
}

/** @param {{cycle: object[], now: number}} props the edges of a warning, and the time */
export function Cycle({ cycle, now }) {
  const square = cycle.length === 2 && cycle.every((e) => e.obj || e.object)
  return square ? <Square cycle={cycle} now={now} /> : <Ring cycle={cycle} now={now} />
}

/** `lock "db"` is called db. */
const bare = (name) => /"(.*)"$/.exec(name ?? '')?.[1] ?? name ?? ''

const since = (word, t, now) => (t ? `${word}, ${duration(now - t)}` : word)

function Arrowhead() {
  return (
    <defs>
      <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
        <path class="headfill" d="M0 .5L8 4L0 7.5z" />
      </marker>
    </defs>
  )
}

const words = (cycle) => cycle.map((e) => `${e.name} waits for ${e.wait}`).join('; ')

function Square({ cycle: [a, b], now }) {
  const [x, y] = [bare(a.object || a.wait), bare(b.object || b.wait)]
  return (
    <svg class="cycle" viewBox="0 0 332 178" role="img" aria-label={words([a, b])}>
      <Arrowhead />
      <path class="waits" d={`M119 40H${267 - wide(x) / 2}`} marker-end="url(#head)" />
      <path class="holds" d="M271 56V122" />
      <path class="waits" d={`M213 138H${63 + wide(y) / 2}`} marker-end="url(#head)" />
      <path class="holds" d="M59 122V56" />
      <Task x={59} y={40} id={a.task} name={a.name} />
      <Thing x={271} y={40} name={x} />
      <Task x={272} y={138} id={b.task} name={b.name} />
      <Thing x={59} y={138} name={y} />
      <text class="l" x="176" y="33" text-anchor="middle">{since('waits', a.since, now)}</text>
      <text class="l" x="156" y="131" text-anchor="middle">{since('waits', b.since, now)}</text>
      <text class="l" x="264" y="92" text-anchor="end">{since('held', a.held, now)}</text>
      <text class="l" x="67" y="92">{since('held', b.held, now)}</text>
      <text class="l" x="1" y="14">{place(a.frame)}</text>
      <text class="l" x="331" y="172" text-anchor="end">{place(b.frame)}</text>
    </svg>
  )
}

function Task({ x, y, id, name }) {
  return (
    <g class="task" onClick={() => select(id)}>
      <title>{name}</title>
      <rect x={x - 58.5} y={y - 15} width="117" height="30" />
      <text x={x} y={y + 4} text-anchor="middle">{clip(name, 17)}</text>
    </g>
  )
}

const wide = (name) => Math.max(62, Math.min(118, name.length * 7 + 20))

function Thing({ x, y, name }) {
  const w = wide(name)
  return (
    <g class="thing">
      <title>{name}</title>
      <rect x={x - w / 2} y={y - 16} width={w} height="32" rx="16" />
      <text x={x} y={y + 4} text-anchor="middle">{clip(name, 15)}</text>
    </g>
  )
}

const MOST = 16 // nodes with names; the list below the ring has all

function Ring({ cycle, now }) {
  const nodes = nodesOf(cycle)
  const n = nodes.length
  const [cx, r] = [166, n > MOST ? 70 : Math.max(40, 14 + n * 3.4)]
  const cy = r + 20
  const at = (i) => {
    const a = (i / n) * 2 * Math.PI - Math.PI / 2
    return [cx + r * Math.cos(a), cy + r * Math.sin(a)]
  }
  const gap = Math.min(0.28, 1.1 / n)
  const arc = (i) => {
    const a = ((i + gap) / n) * 2 * Math.PI - Math.PI / 2
    const b = ((i + 1 - gap) / n) * 2 * Math.PI - Math.PI / 2
    return `M${cx + r * Math.cos(a)} ${cy + r * Math.sin(a)}A${r} ${r} 0 0 1 ${cx + r * Math.cos(b)} ${cy + r * Math.sin(b)}`
  }
  return (
    <>
      <svg class="cycle ring" viewBox={`0 0 332 ${2 * r + 40}`} role="img" aria-label={words(cycle)}>
        <Arrowhead />
        {nodes.map((node, i) => (
          <path key={`e${i}`} class={node.kind === 'task' ? 'waits' : 'holds'} d={arc(i)} marker-end={node.kind === 'task' ? 'url(#head)' : undefined} />
        ))}
        {nodes.map((node, i) => {
          const [x, y] = at(i)
          const right = x > cx + 2 || (Math.abs(x - cx) <= 2 && y < cy)
          const middle = Math.abs(x - cx) <= 2
          return (
            <g key={i} class={node.kind === 'task' ? 'task' : 'thing'} onClick={() => node.id && select(node.id)}>
              <title>{node.name}</title>
              {node.kind === 'task' ? <rect x={x - 5} y={y - 5} width="10" height="10" /> : <circle cx={x} cy={y} r="5" />}
              {n <= MOST && (
                <text x={middle ? x : x + (right ? 10 : -10)} y={middle ? y + (y < cy ? -9 : 17) : y + 4} text-anchor={middle ? 'middle' : right ? 'start' : 'end'}>
                  {clip(node.name, middle ? 30 : Math.max(9, Math.floor((right ? 320 - x : x - 12) / 6.2)))}
                </text>
              )}
            </g>
          )
        })}
        <text class="l" x={cx} y={cy + 4} text-anchor="middle">
          {cycle.length} tasks
        </text>
      </svg>
      <ol class="edges">
        {cycle.map((e, i) => (
          <li key={i}>
            <button class="link" onClick={() => select(e.task)}>{e.name}</button> <span class="q">waits for</span> {e.wait}
            {e.since ? <span class="q">, {duration(now - e.since)}</span> : ''}
            {e.frame ? <span class="q">, {place(e.frame)}</span> : ''}
          </li>
        ))}
      </ol>
    </>
  )
}
