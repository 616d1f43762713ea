// The tasks as a table: sorted, searched, and of any length.

import { Component } from 'preact'
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'
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

/** The rows of a state, as they were asked for. */
function listOf(cache) {
  const state = shown.peek()
  const names = new Map(state.groups.map((g) => [g.id, groupName(g, taskName)]))
  const [text, by] = [query.peek(), sort.peek()]
  return { rows: rowsOf(cache, state, text, by, names), text, by, names, now: state.now, tasks: state.tasks.size, truncated: state.truncated }
}

/** So many rows are written in one frame when a state has come. */
const AT_ONCE = 8

/** The rows in the document: those that a state has changed wait for their turn. */
class Written {
  constructor() {
    this.rows = new Set()
    this.waiting = new Set()
    this.patient = false // what is rendered now comes with a state, and not by a hand
  }

  /** Writes some of those that wait; false: there are none. */
  next() {
    let n = 0
    for (const row of this.waiting) {
      row.forceUpdate()
      if (++n === AT_ONCE) break
    }
    return n > 0
  }

  tell(now) {
    for (const row of this.rows) row.tell(now)
  }
}

/**
 * The rows, in their order, by the state a moment before. What a state changes is sorted
 * and written after the frame that it brings, some rows in each of the next ones, and the
 * times last: together they would be a long frame. What the user does is written at once.
 */
function useList(written) {
  const kept = useRef({ cache: { id: '', order: [] }, list: null })
  const [, again] = useReducer((n) => n + 1, 0)
  const k = kept.current
  if (!k.list || k.list.text !== query.value || k.list.by !== sort.value) k.list = listOf(k.cache)
  useLayoutEffect(() => void (written.patient = false))
  useEffect(() => {
    let timer = 0
    let more = false // a state has come meanwhile
    const after = (ms, f) => (timer = setTimeout(f, ms))
    const sortThem = () => {
      more = false
      k.list = listOf(k.cache)
      after(8, show)
    }
    const show = () => {
      written.patient = true
      again()
      after(16, write)
    }
    const write = () => {
      if (written.next()) return after(16, write)
      written.tell(k.list.now)
      timer = 0
      if (more) after(20, sortThem)
    }
    const stop = shown.subscribe(() => (timer ? (more = true) : after(20, sortThem)))
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [])
  return k.list
}

/** Who has left the sight leaves its row to one who has come: text is written faster than elements. */
function useSlots(ids) {
  const slots = useRef(new Map())
  const old = slots.current
  const now = new Map()
  for (const id of ids) if (old.has(id)) now.set(id, old.get(id))
  const used = new Set(now.values())
  let next = 0
  for (const id of ids) {
    if (now.has(id)) continue
    while (used.has(next)) next++
    used.add(next)
    now.set(id, next)
  }
  slots.current = now
  return now
}

export function Table({ alone }) {
  const written = useState(() => new Written())[0]
  const { rows, names, now, tasks, truncated } = useList(written)
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
  const items = list.getVirtualItems().filter((item) => rows[item.index])
  const slots = useSlots(items.map((item) => rows[item.index].id))
  const chosen = rows.findIndex((t) => t.id === selected.value)
  return (
    <>
      {alone && (
        <div class="bar">
          <h2>Tasks</h2>
          <span class="q grow">
            {many(rows.length, 'task')}
            {query.value ? ' found' : ''}
            {truncated ? `, ${count(truncated)} left out` : ''}
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
          {items.map(({ index, start }) => {
            const task = rows[index]
            return <Row key={slots.get(task.id)} task={task} at={start} index={index} now={now} group={names.get(task.group) ?? ''} knots={knots.value} chosen={selected.value === task.id} written={written} />
          })}
        </div>
      </div>
      {rows.length === 0 && <p class="none">{tasks ? 'No task fits the search.' : 'No task yet.'}</p>}
    </>
  )
}

/** Styles that depend on data are set on the element: the page's policy allows no style attributes. */
const sized = (height) => (e) => e && (e.style.height = `${height}px`)

/** A row is rendered when its task is another, or has changed. Where it is and how long ago that was is written past preact: most rows change in nothing else. */
class Row extends Component {
  componentDidMount() {
    this.props.written.rows.add(this)
    this.componentDidUpdate()
  }

  componentWillUnmount() {
    this.props.written.rows.delete(this)
    this.props.written.waiting.delete(this)
  }

  shouldComponentUpdate(next) {
    const { written, ...own } = this.props
    this.place(next)
    if (next.chosen !== own.chosen) return true
    const waits = written.waiting.has(this)
    if (!waits && ['task', 'group', 'knots'].every((k) => next[k] === own[k])) return false
    if (written.patient) written.waiting.add(this)
    return !written.patient
  }

  componentDidUpdate() {
    this.props.written.waiting.delete(this)
    this.place(this.props)
    this.tell(this.props.now)
  }

  place({ at, index }) {
    if (this.at === at && this.index === index) return
    Object.assign(this, { at, index })
    this.root.style.transform = `translateY(${at}px)`
    this.root.setAttribute('aria-rowindex', index + 2)
  }

  tell(now) {
    if (this.props.written.waiting.has(this)) return
    const t = this.props.task
    write(this.since, t.state !== 'done' && t.since ? duration(now - t.since) : '')
    write(this.busy, percent(share(t, now)))
  }

  render({ task: t, group, knots, chosen }) {
    return (
      <div class={`row ${knots.dead.has(t.id) ? 'bad' : ''} ${t.state === 'done' ? 'over' : ''}`} id={`row-${t.id}`} role="row" aria-selected={chosen} ref={(e) => (this.root = e)} onClick={() => select(this.props.task.id)}>
        <div class="num q" role="gridcell">{t.id}</div>
        <div class="name" role="gridcell" title={t.name}>{t.name}</div>
        <div class="w" role="gridcell">{group}</div>
        <div role="gridcell"><State task={t} knots={knots} /></div>
        <div role="gridcell" title={t.wait ? waitText(t.wait) : undefined}>{t.wait ? <Wait wait={t.wait} /> : t.by ? <span class="q">woken by {t.by}</span> : t.error ? <span class="q">{t.error}</span> : ''}</div>
        <div role="gridcell">{heldBy(t)}</div>
        <div class="num" role="gridcell" ref={(e) => (this.since = e)} />
        <div class="num" role="gridcell" ref={(e) => (this.busy = e)} />
        <div class="num" role="gridcell">{t.steps ? duration(t.longest) : ''}</div>
        <div class="num" role="gridcell">{count(t.steps)}</div>
        <div class="w" role="gridcell">{created(t)}</div>
      </div>
    )
  }
}

function write(cell, text) {
  if (cell.textContent !== text) cell.textContent = text
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
