// The tree: groups under the tasks whose bodies they are, tasks in their groups.

import { useEffect, useRef, useState } from 'preact/hooks'
import { signal } from '@preact/signals'
import { tick, shown, selected, select, query, knots, matcher, taskName } from './model.js'
import { forest, groupName } from './forest.js'
import { useVirtual } from './virtual.js'
import { State } from './marks.jsx'
import { Wait, held } from './table.jsx'
import { count, duration, many } from './format.js'
import { onArrows } from './keys.js'
import { Search } from './search.jsx'

const ROW = 20
const folded = signal(new Set()) // keys of the rows that are folded up

/** The rows of the tree that can be seen. A search keeps what leads to what it finds. */
function rowsOf(state, fold, match) {
  const tree = forest(state.tasks.values(), state.groups)
  const rows = []
  const put = (key, entry, depth, children) => {
    const at = rows.length
    rows.push({ key, depth, ...entry, parent: entry.parent })
    const mine = rows[at]
    const before = rows.length
    children(depth + 1)
    mine.size = rows.length - before
    mine.open = !fold.has(key)
    if (!mine.open) rows.length = before
    if (match && mine.size === 0 && !(mine.task && match(mine.task))) rows.length = at
  }
  const tasks = (list, depth) => {
    for (const t of list ?? []) put(`t${t.id}`, { task: t }, depth, (d) => groups(tree.groups.get(`t${t.id}`), d))
  }
  const groups = (list, depth) => {
    for (const g of list ?? [])
      put(`g${g.id}`, { group: g }, depth, (d) => {
        tasks(tree.tasks.get(g.id), d)
        groups(tree.groups.get(`g${g.id}`), d)
      })
  }
  tasks(tree.tasks.get(0), 0)
  groups(tree.groups.get(''), 0)
  return rows
}

export function Tree() {
  const state = shown.value
  const names = new Map(state.groups.map((g) => [g.id, groupName(g, taskName)]))
  const kept = useRef({})
  const key = `${state.structure} ${query.value} ${query.value && tick.value}`
  if (kept.current.key !== key || kept.current.fold !== folded.value) kept.current = { key, fold: folded.value, rows: rowsOf(state, folded.value, matcher(query.value, (g) => names.get(g) ?? '')) }
  const rows = kept.current.rows
  const { element, list } = useVirtual(rows.length, ROW)
  const latest = useRef(rows)
  const cursor = useRef('')
  const [, turn] = useState(0)
  latest.current = rows
  const selectedKey = `t${selected.value}`
  if (selected.value && !cursor.current.startsWith('g')) cursor.current = selectedKey
  const place = () => latest.current.findIndex((r) => r.key === cursor.current)
  const to = (i) => {
    const row = latest.current[i]
    if (!row) return
    cursor.current = row.key
    select(row.task ? row.task.id : row.group.owner)
    cursor.current = row.key
    turn((n) => n + 1)
    list.scrollToIndex(i)
  }
  const fold = (row, on) => {
    const next = new Set(folded.peek())
    on ? next.add(row.key) : next.delete(row.key)
    folded.value = next
  }
  useEffect(
    () =>
      onArrows(
        (d) => to(Math.max(0, Math.min(latest.current.length - 1, place() < 0 ? 0 : place() + d))),
        (d) => {
          const i = place()
          const row = latest.current[i]
          if (!row) return
          if (d > 0) return row.open || !row.size ? to(i + 1) : fold(row, false)
          if (row.open && row.size) return fold(row, true)
          for (let k = i - 1; k >= 0; k--) if (latest.current[k].depth < row.depth) return to(k)
        },
      ),
    [],
  )
  const all = state.tasks.size
  const groups = new Map(state.groups.map((g) => [g.id, g]))
  return (
    <>
      <div class="bar">
        <h2>Tree</h2>
        <span class="q grow">
          {many(all, 'task')} in {many(state.groups.length, 'group')}
        </span>
        <Search />
        <button onClick={() => (folded.value = new Set())}>Unfold all</button>
        <button onClick={() => (folded.value = new Set(state.groups.map((g) => `g${g.id}`)))}>Fold groups</button>
      </div>
      <div class="tree" ref={element} role="tree" aria-label="Tasks by groups" tabIndex={0} aria-activedescendant={`tree-${cursor.current}`}>
        <div class="inner" role="none" ref={(e) => e && (e.style.height = `${list.getTotalSize()}px`)}>
          {list.getVirtualItems().map((item) => {
            const row = rows[item.index]
            if (!row) return null
            const chosen = row.key === cursor.current
            return (
              <div
                key={row.key}
                id={`tree-${row.key}`}
                class={`node ${row.group ? 'group' : ''} ${row.task && knots.value.dead.has(row.task.id) ? 'bad' : ''}`}
                role="treeitem"
                aria-level={row.depth + 1}
                aria-expanded={row.size ? row.open : undefined}
                aria-selected={chosen}
                ref={(e) => e && (e.style.transform = `translateY(${item.start}px)`)}
                onClick={() => to(item.index)}
              >
                <span class={row.depth ? 'indent' : 'indent none'} ref={(e) => e && (e.style.width = `${row.depth * 18}px`)} />
                <span class="fold" onClick={(e) => row.size && (e.stopPropagation(), fold(row, row.open))}>
                  {row.size ? (row.open ? '−' : '+') : ''}
                </span>
                {row.task ? <TaskNode task={state.tasks.get(row.task.id) ?? row.task} now={state.now} /> : <GroupNode group={groups.get(row.group.id) ?? row.group} now={state.now} folded={row.open ? 0 : row.size} name={row.group.name || `${row.group.kind} of ${taskName(row.group.owner)}`} />}
              </div>
            )
          })}
        </div>
      </div>
      {rows.length === 0 && <p class="none">{all ? 'No task fits the search.' : 'No task yet.'}</p>}
    </>
  )
}

function TaskNode({ task: t, now }) {
  return (
    <>
      <span class="name">{t.name}</span>
      <span class="st">
        <State task={t} knots={knots.value} />
      </span>
      <span class="what">
        {t.wait && <Wait wait={t.wait} />}
        {t.wait?.by?.length ? <span class="q">, {held(t.wait)} {t.wait.by.slice(0, 3).map(taskName).join(', ')}{t.wait.by.length > 3 ? ` and ${t.wait.by.length - 3} more` : ''}</span> : ''}
        {t.error && <span class="q">{t.error}</span>}
      </span>
      <span class="num">{t.state !== 'done' && t.since ? duration(now - t.since) : ''}</span>
    </>
  )
}

function GroupNode({ group: g, now, folded: hidden, name }) {
  const facts = []
  if (g.limit) facts.push(`limit ${count(g.limit)}, ${count(g.running)} in use`)
  if (g.held) facts.push(`${count(g.held)} held back`)
  if (g.kind !== 'timeout' || g.children) facts.push(many(g.children, 'task'))
  if (g.errors) facts.push(many(g.errors, 'error'))
  if (g.deadline) facts.push(g.deadline > now ? `ends in ${duration(g.deadline - now)}` : `deadline over for ${duration(now - g.deadline)}`)
  if (hidden) facts.push(`${count(hidden)} rows folded`)
  return (
    <>
      <span class="name">{name}</span>
      <span class="q facts">{facts.join(' · ')}</span>
    </>
  )
}
