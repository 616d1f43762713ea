// The tree of tasks and groups, and the order of the lanes that follows from it.

import { HERE } from './messages.js'

/**
 * Who belongs where: a task is in its group, a group under the task whose body it is (or
 * under the group around it, where one body has opened both).
 *
 * @param {Iterable<{id: number, group: number}>} tasks
 * @returns {{tasks: Map<number, object[]>, groups: Map<string, object[]>}} the tasks of
 *   each group (0: of none), and the groups under "t" and a task or "g" and a group
 */
export function forest(tasks, groups) {
  const byID = new Map(groups.map((g) => [g.id, g]))
  const inGroup = new Map()
  const ids = new Set()
  for (const t of tasks) {
    const group = byID.has(t.group) ? t.group : 0
    inGroup.has(group) ? inGroup.get(group).push(t) : inGroup.set(group, [t])
    ids.add(t.id)
  }
  for (const list of inGroup.values()) list.sort((a, b) => a.id - b.id)
  const under = new Map()
  for (const g of groups) {
    const around = byID.get(g.parent)
    const key = around && (around.owner === g.owner || !ids.has(g.owner)) ? `g${around.id}` : ids.has(g.owner) ? `t${g.owner}` : ''
    under.has(key) ? under.get(key).push(g) : under.set(key, [g])
  }
  return { tasks: inGroup, groups: under, byID }
}

/** What a group is called: by its name, else as the task whose body it is. */
export const groupName = (g, nameOf) => g.name || nameOf(g.owner)

/** So many tasks of a group that have ended have a line each. */
const FEW = 8

/** Tasks that came one after the other share a line: ten thousand short ones would hide all others. */
function pack(list) {
  const rows = []
  const ends = []
  for (const lane of list.sort((a, b) => a.begun - b.begun)) {
    let i = ends.findIndex((end) => end <= lane.begun)
    if (i < 0) i = rows.push([]) - 1
    rows[i].push(lane)
    ends[i] = lane.ended
  }
  return rows
}

/**
 * The lanes of the timeline from top to bottom, and the bands of groups around them. Where
 * there are hosts, these are the outermost bands, and a row of its own begins each.
 *
 * @param {import('./store.js').Store} store
 * @param {object[]} groups of the snapshot
 * @param {number} from lanes that have ended before are left out
 * @param {null | ((lane: object) => boolean)} match
 * @param {Set<string>} folded hosts of which only their row is shown
 */
export function arrange(store, groups, from, match, folded = new Set()) {
  const shown = []
  const named = new Map(groups.map((g) => [g.name, g.id]))
  for (const lane of store.tasks.values()) {
    if (lane.ended && lane.ended < from) continue
    // Which group it is, the next state says; its name is known at once.
    if (!lane.group && lane.groupName) lane.group = named.get(lane.groupName) ?? 0
    shown.push(lane)
  }
  const all = { lanes: [], bands: [] }
  if (store.hosts.list.length === 0) place(all, shown, groups, match, 0)
  else for (const h of inOrder(store.hosts)) placeHost(all, h, shown.filter((l) => l.host === h.name || (!l.host && h.name === HERE)), groups, match, folded)
  const { lanes, bands } = all
  const kinds = new Map()
  for (const lane of store.rows.values()) {
    if (match && !match(lane)) continue
    kinds.has(lane.kind) ? kinds.get(lane.kind).push(lane) : kinds.set(lane.kind, [lane])
  }
  // Other machines are below the threads of this one.
  for (const [kind, list] of [...kinds].sort(([a], [b]) => (a === 'remote') - (b === 'remote'))) {
    const begin = lanes.length
    for (const lane of list) show(all, lane, 0, false)
    bands.push({ kind, depth: 0, begin, end: lanes.length })
  }
  return { lanes, bands: bands.filter((b) => b.end > b.begin) }
}

/** The test itself is above its hosts. */
const inOrder = (hosts) => [hosts.host(HERE), ...hosts.list.filter((h) => h.name !== HERE)]

function placeHost(all, h, list, groups, match, folded) {
  const found = match ? list.filter(match) : list
  const closed = folded.has(h.name)
  if (found.length === 0 && (match || (h.name === HERE && !h.spoke))) return
  const band = { host: h, depth: 0, begin: all.lanes.length, tasks: list.length, hidden: closed ? found : [] }
  all.bands.push(band)
  show(all, h.lane, 0, false)
  if (!closed) place(all, list, groups, match, 1)
  band.end = all.lanes.length
}

function show({ lanes }, lane, depth, shares) {
  lane.depth = depth
  lane.shares = shares
  lane.others = 0
  lanes.push(lane)
}

/** Adds the lanes of some tasks, and the bands of their groups. */
function place(all, shown, groups, match, base) {
  const tree = forest(shown, groups)
  const { lanes, bands } = all
  const put = (list, depth) => {
    const over = []
    for (const lane of list) {
      const owns = tree.groups.get(`t${lane.id}`)
      if (lane.ended && !owns) over.push(lane)
      else if (!match || match(lane)) show(all, lane, depth, false)
      for (const g of owns ?? []) band(g, depth)
    }
    const found = match ? over.filter(match) : over
    if (found.length <= FEW) for (const lane of found) show(all, lane, depth, false)
    else for (const row of pack(found)) row.forEach((lane, i) => show(all, lane, depth, i > 0)), (row[0].others = row.length - 1)
  }
  const band = (g, depth) => {
    const begin = lanes.length
    const entry = { group: g, depth, begin, end: begin, own: 0 }
    bands.push(entry)
    const list = tree.tasks.get(g.id) ?? []
    put(list, depth + 1)
    for (const inner of tree.groups.get(`g${g.id}`) ?? []) band(inner, depth + 1)
    entry.end = lanes.length
  }
  put(tree.tasks.get(0) ?? [], base)
  for (const g of tree.groups.get('') ?? []) band(g, base)
}
