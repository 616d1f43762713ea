// The tasks as a table: sorted, searched, and of any length.

import { Component } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { shown, selected, select, query, sort, knots, matcher, taskName } from './model.js'
import { groupName } from './forest.js'
import { useVirtual } from './virtual.js'
import { State, stateOf } from './marks.jsx'
import { count, duration, many, percent, waitText } from './format.js'
import { COLUMNS, DOWN, onArrows } from './keys.js'
import { Search } from './search.jsx'

const ROW = 20
const HEAD = 24

const TITLES = { id: 'ID', name: 'Name', group: 'Group', state: 'State', wait: 'Waits for', by: 'Held by', since: 'Since', busy: 'Busy', longest: 'Longest', steps: 'Steps', created: 'Created at' }
const NUMBERS = new Set(['id', 'since', 'busy', 'longest', 'steps'])

/** How long a task is there: a wait that goes on is not in its sums yet. */
export const lifetime = (t, now) => Math.max(1, t.busy + t.ready + t.waiting + (t.state === 'waiting' && t.since ? Math.max(0, now - t.since) : 0))
const share = (t, now) => t.busy / lifetime(t, now)
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
      return (t) => share(t, now)
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
  const id = `${key} ${down} ${state.structure}`
  if (cache.id !== id) {
    const known = new Map(cache.order.map((e) => [e.id, e]))
    const old = cache.order.filter((e) => state.tasks.has(e.id))
    const added = [...state.tasks.keys()].filter((t) => !known.has(t)).map((t) => ({ id: t, key: 0, task: null }))
    cache.order = old.concat(added)
    cache.id = id
  }
  const value = keyOf(key, state.now, names)
  for (const e of cache.order) {
    e.task = state.tasks.get(e.id)
    e.key = value(e.task)
  }
  const sign = down ? -1 : 1
  cache.order.sort((a, b) => {
    // What is empty comes last, whatever the order.
    if (a.key === '' || b.key === '') return a.key === b.key ? a.id - b.id : a.key === '' ? 1 : -1
    return a.key < b.key ? -sign : a.key > b.key ? sign : a.id - b.id
  })
  const rows = []
  for (const e of cache.order) if (!match || match(e.task)) rows.push(e.task)
  return rows
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
    const from = i < 0 && delta < 0 ? all.length : i
    const next = Math.max(0, Math.min(all.length - 1, from + delta))
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
        <div class="inner" role="rowgroup" ref={sized(list.getTotalSize())}>
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
  const own = { task: t, group, knots: knots.value }
  return (
    <div class={`row ${dead.has(t.id) ? 'bad' : ''} ${t.state === 'done' ? 'over' : ''}`} id={`row-${t.id}`} role="row" aria-rowindex={index + 2} aria-selected={chosen} ref={moved(at)} onClick={() => select(t.id)}>
      <Left {...own} />
      <div class="num" role="gridcell">{t.state !== 'done' && t.since ? duration(now - t.since) : ''}</div>
      <div class="num" role="gridcell">{percent(share(t, now))}</div>
      <Right {...own} />
    </div>
  )
}

/** Cells that are the same as long as the task is: nine of ten rows, each second. */
class Same extends Component {
  shouldComponentUpdate(next) {
    const { task, group, knots } = this.props
    return next.task !== task || next.group !== group || next.knots !== knots
  }
}

class Left extends Same {
  render({ task: t, group, knots }) {
    return (
      <>
        <div class="num q" role="gridcell">{t.id}</div>
        <div class="name" role="gridcell" title={t.name}>{t.name}</div>
        <div class="w" role="gridcell">{group}</div>
        <div role="gridcell"><State task={t} knots={knots} /></div>
        <div role="gridcell" title={t.wait ? waitText(t.wait) : undefined}>{t.wait ? <Wait wait={t.wait} /> : t.by ? <span class="q">woken by {t.by}</span> : t.error ? <span class="q">{t.error}</span> : ''}</div>
        <div role="gridcell">{heldBy(t)}</div>
      </>
    )
  }
}

class Right extends Same {
  render({ task: t }) {
    return (
      <>
        <div class="num" role="gridcell">{t.steps ? duration(t.longest) : ''}</div>
        <div class="num" role="gridcell">{count(t.steps)}</div>
        <div class="w" role="gridcell">{created(t)}</div>
      </>
    )
  }
}

/** What stands before those that a wait depends on: they hold the object, or are what is awaited. */
export const held = (wait) => (wait.obj ? 'held by' : 'on')

/** `lock "db"`: the kind pale, the name not. */
export function Wait({ wait }) {
  const text = waitText(wait) || wait.kind
  if (!text.startsWith(wait.kind)) return text
  return (
    <>
      <span class="q">{wait.kind}</span>
      {text.slice(wait.kind.length).replace(/^ "(.*)"$/, ' $1')}
    </>
  )
}
