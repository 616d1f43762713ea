// The tasks as a table: sorted, searched, and of any length.

import { useEffect, useRef } from 'preact/hooks'
import { shown, selected, select, query, sort, knots, matcher, taskName } from './model.js'
import { groupName } from './forest.js'
import { useVirtual } from './virtual.js'
import { State, stateOf } from './marks.jsx'
import { count, duration, many, percent } from './format.js'
import { COLUMNS, DOWN, onArrows } from './keys.js'
import { Search } from './search.jsx'

const ROW = 20
const HEAD = 24

const TITLES = { id: 'ID', name: 'Name', group: 'Group', state: 'State', wait: 'Waits for', by: 'Held by', since: 'Since', busy: 'Busy', longest: 'Longest', steps: 'Steps', created: 'Created at' }
const NUMBERS = new Set(['id', 'since', 'busy', 'longest', 'steps'])

const share = (t) => t.busy / Math.max(1, t.busy + t.ready + t.waiting)
const heldBy = (t) => (t.wait?.by?.length ? t.wait.by.slice(0, 3).map(taskName).join(', ') + (t.wait.by.length > 3 ? ` and ${t.wait.by.length - 3} more` : '') : '')
const created = (t) => t.place || (t.created?.length ? `${t.created[0].file}:${t.created[0].line}` : '')

function keyOf(key, now, names) {
  switch (key) {
    case 'id':
      return (t) => t.id
    case 'name':
      return (t) => t.name
    case 'group':
      return (t) => names.get(t.group) ?? ''
    case 'state':
      return (t) => stateOf(t, knots.peek())[1]
    case 'wait':
      return (t) => t.wait?.text ?? ''
    case 'by':
      return heldBy
    case 'since':
      return (t) => (t.state === 'done' ? -1 : t.since ? now - t.since : 0)
    case 'busy':
      return share
    case 'created':
      return created
    default:
      return (t) => t[key]
  }
}

/**
 * The rows in their order. The last order is kept: it is nearly right the next second,
 * and a nearly sorted list is sorted in no time.
 */
function rowsOf(cache, state, text, { key, down }, names) {
  const match = matcher(text, (g) => names.get(g) ?? '')
  const id = `${key} ${down}`
  let order = cache.id === id ? cache.order.filter((t) => state.tasks.has(t)) : []
  if (order.length < state.tasks.size) {
    const known = new Set(order)
    for (const t of state.tasks.keys()) if (!known.has(t)) order.push(t)
  }
  const value = keyOf(key, state.now, names)
  const keys = new Map()
  for (const t of order) keys.set(t, value(state.tasks.get(t)))
  const sign = down ? -1 : 1
  order.sort((a, b) => {
    const x = keys.get(a)
    const y = keys.get(b)
    // What is empty comes last, whatever the order.
    if (x === '' || y === '') return x === y ? a - b : x === '' ? 1 : -1
    return x < y ? -sign : x > y ? sign : a - b
  })
  cache.id = id
  cache.order = order
  const rows = order.map((t) => state.tasks.get(t))
  return match ? rows.filter(match) : rows
}

export function Table({ alone }) {
  const state = shown.value
  const names = new Map(state.groups.map((g) => [g.id, groupName(g, taskName)]))
  const cache = useRef({ id: '', order: [] })
  const rows = rowsOf(cache.current, state, query.value, sort.value, names)
  const { element, list } = useVirtual(rows.length, ROW, HEAD)
  const latest = useRef(rows)
  latest.current = rows
  const go = (delta) => {
    const all = latest.current
    if (all.length === 0) return
    const i = all.findIndex((t) => t.id === selected.peek())
    const next = i < 0 ? (delta > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, i + delta))
    select(all[next].id)
    list.scrollToIndex(next)
  }
  useEffect(() => (alone ? onArrows(go) : undefined), [alone])
  const items = list.getVirtualItems()
  const chosen = rows.findIndex((t) => t.id === selected.value)
  return (
    <>
      {alone && (
        <div class="bar">
          <h2>Tasks</h2>
          <span class="q grow">
            {many(rows.length, 'task')}
            {query.value ? ' found' : ''}
            {state.truncated ? `, ${count(state.truncated)} left out` : ''}
          </span>
          <Search />
        </div>
      )}
      <div
        class={`grid ${alone ? 'alone' : ''}`}
        ref={element}
        role="grid"
        aria-label="Tasks"
        aria-rowcount={rows.length + 1}
        aria-colcount={COLUMNS.length}
        aria-activedescendant={chosen >= 0 ? `row-${selected.value}` : undefined}
        tabIndex={0}
        onKeyDown={(e) => {
          const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[e.key]
          if (!by || e.target !== e.currentTarget) return
          e.preventDefault()
          e.stopPropagation()
          go(by)
        }}
      >
        <div class="inner" ref={sized(list.getTotalSize())}>
          <div class="row head" role="row" aria-rowindex={1}>
            {COLUMNS.map((key) => (
              <div key={key} class={NUMBERS.has(key) ? 'num' : ''} role="columnheader" aria-sort={sort.value.key !== key ? 'none' : sort.value.down ? 'descending' : 'ascending'}>
                <button tabIndex={alone ? 0 : -1} onClick={() => (sort.value = { key, down: sort.value.key === key ? !sort.value.down : DOWN.has(key) })}>
                  {TITLES[key]}
                  {sort.value.key === key ? (sort.value.down ? ' ↓' : ' ↑') : ''}
                </button>
              </div>
            ))}
          </div>
          {items.map((item) => rows[item.index] && <Row key={rows[item.index].id} task={rows[item.index]} at={item.start} index={item.index} now={state.now} group={names.get(rows[item.index].group) ?? ''} />)}
        </div>
      </div>
      {rows.length === 0 && <p class="none">{state.tasks.size ? 'No task fits the search.' : 'No task yet.'}</p>}
    </>
  )
}

/** Styles that depend on data are set on the element: the page's policy allows no style attributes. */
const sized = (height) => (e) => e && (e.style.height = `${height}px`)
const moved = (y) => (e) => e && (e.style.transform = `translateY(${y}px)`)

function Row({ task: t, at, index, now, group }) {
  const { dead } = knots.value
  const chosen = selected.value === t.id
  return (
    <div class={`row ${dead.has(t.id) ? 'bad' : ''} ${t.state === 'done' ? 'over' : ''}`} id={`row-${t.id}`} role="row" aria-rowindex={index + 2} aria-selected={chosen} ref={moved(at)} onClick={() => select(t.id)}>
      <div class="num q" role="gridcell">{t.id}</div>
      <div class="name" role="gridcell" title={t.name}>{t.name}</div>
      <div class="w" role="gridcell">{group}</div>
      <div role="gridcell"><State task={t} knots={knots.value} /></div>
      <div role="gridcell" title={t.wait?.text}>{t.wait ? <Wait wait={t.wait} /> : t.by ? <span class="q">woken by {t.by}</span> : t.error ? <span class="q">{t.error}</span> : ''}</div>
      <div role="gridcell">{heldBy(t)}</div>
      <div class="num" role="gridcell">{t.state !== 'done' && t.since ? duration(now - t.since) : ''}</div>
      <div class="num" role="gridcell">{percent(share(t))}</div>
      <div class="num" role="gridcell">{t.steps ? duration(t.longest) : ''}</div>
      <div class="num" role="gridcell">{count(t.steps)}</div>
      <div class="w" role="gridcell">{created(t)}</div>
    </div>
  )
}

/** `lock "db"`: the kind pale, the name not. */
export function Wait({ wait }) {
  const text = wait.text || wait.kind
  if (!text.startsWith(wait.kind)) return text
  return (
    <>
      <span class="q">{wait.kind}</span>
      {text.slice(wait.kind.length).replace(/^ "(.*)"$/, ' $1')}
    </>
  )
}
