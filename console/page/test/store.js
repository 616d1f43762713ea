// The store by itself: what records and states make of the lanes.

import assert from 'node:assert/strict'
import { Store, WAITING, READY, RUNNING, HELD, DONE, BUSY } from '../src/store.js'
import { forest, arrange } from '../src/forest.js'
import { duration, power, waitText } from '../src/format.js'
import { nice } from '../src/chart.js'
import { Columns } from '../src/columns.js'
import { beside } from '../src/overview.js'

let n = 0
const frame = (rec, text = [], more = {}) => ({ n: ++n, from: 0, to: Math.max(1, ...rec.map((r) => r[1])), rec, text, dropped: 0, ...more })
const state = (tasks, more = {}) => ({ at: 1000, tasks, gone: [], groups: [], threads: [], ...more })
const task = (id, more) => ({ id, name: `t${id}`, parent: 0, group: 0, state: 'waiting', since: 10, begun: 1, ...more })

function segments(store, lane) {
  const list = []
  store.walk(lane, (k) => void list.unshift([store.state[k], store.begin[k], store.end[k], store.arg[k]]))
  return list
}

function fresh() {
  n = 0
  return new Store()
}

export async function unit(test) {
  await test('store: ready, step, wait', () => {
    const s = fresh()
    s.frame(frame([[1, 10, 0, 7, 3, 0, 1], [6, 30, 20, 7, 0, 2, 3], [9, 50, 0, 7, 4, 4, 0], [7, 70, 60, 7, 0, 0, 0], [10, 70, 0, 7, 0, 0, 0]], ['A', 'lock', 'lock "db"', 'task']))
    const lane = s.tasks.get(7)
    assert.equal(lane.name, 'A')
    assert.equal(lane.state, DONE)
    assert.equal(lane.ended, 70)
    const [ready, run, woken, last] = segments(s, lane)
    assert.deepEqual(ready, [READY, 10, 20, 3])
    assert.deepEqual(run.slice(0, 3), [RUNNING, 20, 30])
    assert.equal(s.texts.text(run[3]), 'lock "db"')
    assert.deepEqual(woken, [READY, 50, 60, 4])
    assert.deepEqual(last, [RUNNING, 60, 70, 0])
  })
  await test('store: held back, then ready', () => {
    const s = fresh()
    s.frame(frame([[1, 10, 0, 1, 0, 0, 0], [4, 10, 0, 1, 0, 0, 0], [9, 40, 0, 1, 0, 0, 0], [5, 60, 50, 1, 0, 0, 0]]))
    assert.deepEqual(segments(s, s.tasks.get(1)), [[HELD, 10, 40, 0], [READY, 40, 50, 0], [RUNNING, 50, 60, 0]])
    assert.equal(s.tasks.get(1).state, READY)
  })
  await test('store: rows of any kind, with what they do and for whom', () => {
    const s = fresh()
    s.frame(frame([[21, 10, 3, 5, 1, 1, 2], [22, 30, 0, 5, 1, 0, 0], [21, 40, 4, 6, 2, 1, 2]], ['remote', 'alpha', 'resize 1', 'resize 2']))
    const [lane] = s.rows.values()
    assert.equal(s.rows.size, 1)
    assert.equal(lane.kind, 'remote')
    const [[, from, to, text]] = segments(s, lane)
    assert.deepEqual([from, to, s.texts.text(text)], [10, 30, 'resize 1 for task 5'])
    assert.deepEqual([lane.state, lane.what, lane.by], [BUSY, 'resize 2 for task 6', 6])
  })
  await test('store: threads whose names are always new share a line; one that comes again keeps it', () => {
    const s = fresh()
    const rec = []
    for (let i = 0; i < 20; i++) rec.push([21, 10 + i * 10, 0, 5, i, 1, 2 + i], [22, 15 + i * 10, 0, 5, i, 0, 0])
    s.frame(frame(rec, ['thread', ...Array.from({ length: 20 }, (_, i) => `thread-${i}`)]))
    assert.equal(s.rows.size, 1)
    s.frame(frame([[21, 500, 0, 5, 90, 1, 2], [22, 510, 0, 5, 90, 0, 0], [21, 520, 0, 5, 91, 1, 3]], ['thread', 'thread-19', 'thread-20']))
    assert.deepEqual([...s.rows.values()].map((l) => l.name), ['thread-19', 'thread-20'])
  })
  await test('store: a worker elsewhere keeps its line', () => {
    const s = fresh()
    s.frame(frame([[21, 10, 0, 5, 1, 1, 2], [22, 20, 0, 5, 1, 0, 0], [21, 30, 0, 5, 2, 1, 3]], ['remote', 'alpha', 'beta']))
    assert.deepEqual([...s.rows.values()].map((l) => [l.name, segments(s, l).length]), [['alpha', 1], ['beta', 0]])
  })
  const thread = (id, since, task = 5) => ({ id, kind: 'thread', name: `thread-${id}`, since, task })
  await test('store: a row whose end was missed is over when a state no longer has it', () => {
    const s = fresh()
    const [at, MS] = [1e9, 1e6]
    s.sync(state([], { at, threads: [thread(10, at - 300 * MS), thread(11, at - 100 * MS, 6)] }))
    const [ten, eleven] = [...s.rows.values()]
    assert.deepEqual([ten.name, ten.state, ten.since], ['thread-10', BUSY, at - 300 * MS], 'it began before the page was opened')
    s.frame(frame([[22, at + 50 * MS, 0, 6, 11, 1, 0]], ['thread']))
    assert.equal(eleven.state, WAITING, 'a record ends what only a state has told of')
    assert.equal(ten.state, BUSY)
    s.sync(state([], { at: at + 1000 * MS, threads: [] }))
    assert.equal(ten.state, WAITING)
    s.sync(state([], { at: at + 2000 * MS, threads: [thread(12, at + 1900 * MS)] }))
    s.frame(frame([[21, at + 1900 * MS, 0, 5, 12, 1, 2], [22, at + 1950 * MS, 0, 5, 12, 1, 0]], ['thread', 'thread-12']))
    assert.equal(s.rows.size, 2, 'the record of what a state has told makes no row of its own')
    s.frame(frame([[21, at + 2000 * MS, 0, 5, 13, 1, 2], [21, at + 2010 * MS, 0, 6, 14, 1, 3]], ['thread', 'thread-13', 'thread-14']))
    assert.deepEqual([...s.rows.values()].map((l) => [l.name, l.state]), [['thread-13', BUSY], ['thread-14', BUSY]], 'nor does it keep one')
    assert.deepEqual(segments(s, ten)[0].slice(0, 3), [BUSY, at - 300 * MS, at + 1000 * MS])
    assert.deepEqual(segments(s, eleven)[0].slice(0, 3), [BUSY, at - 100 * MS, at + 50 * MS])
  })
  await test('store: a row that is busy anew, of which no record came, begins with the state', () => {
    const s = fresh()
    const [at, MS] = [1e9, 1e6]
    s.frame(frame([[21, at, 0, 5, 1, 1, 2]], ['thread', 'thread-1']))
    s.sync(state([], { at: at + 1000 * MS, threads: [thread(1, at + 20e3)] }))
    const [lane] = s.rows.values()
    assert.deepEqual([lane.state, lane.since], [BUSY, at], 'the clocks differ a little')
    s.sync(state([], { at: at + 2000 * MS, threads: [{ ...thread(2, at + 1500 * MS, 7), name: 'thread-1' }] }))
    assert.deepEqual([lane.state, lane.since, lane.by, s.busy.size], [BUSY, at + 1500 * MS, 7, 1])
  })
  await test('store: a state that is older than the records changes no row', () => {
    const s = fresh()
    const [at, MS] = [1e9, 1e6]
    s.frame(frame([[21, at, 0, 5, 1, 1, 2], [22, at + 300 * MS, 0, 5, 1, 1, 0], [21, at + 310 * MS, 0, 5, 2, 1, 3]], ['thread', 'thread-1', 'thread-2']))
    const before = [...s.rows.values()].map((l) => [l.name, l.state, l.since])
    s.sync(state([], { at: at + 200 * MS, threads: [thread(1, at)] }))
    assert.deepEqual([...s.rows.values()].map((l) => [l.name, l.state, l.since]), before)
  })
  await test('store: a state tells the kind of a row, and what it does', () => {
    const s = fresh()
    s.sync(state([], { at: 1e9, threads: [{ id: 1, kind: 'remote', name: 'alpha', what: 'resize 1', task: 5, since: 9e8 }] }))
    s.frame(frame([[21, 9e8, 3, 5, 1, 1, 2]], ['remote', 'alpha', 'resize 1']))
    assert.deepEqual([...s.rows].map(([k, l]) => [k, l.kind, l.what]), [['remote alpha', 'remote', 'resize 1 for task 5']])
  })
  await test('lanes: what works elsewhere is below the threads, whichever began first', () => {
    const s = fresh()
    s.frame(frame([[1, 1, 0, 5, 0, 0, 0], [21, 10, 0, 5, 1, 1, 2], [21, 20, 0, 5, 2, 3, 4], [15, 30, 25, 0, 0, 0, 0]], ['remote', 'alpha', 'thread', 'thread-1']))
    const { lanes, bands } = arrange(s, [], 0, null)
    assert.deepEqual(lanes.map((l) => l.name), ['task 5', 'thread-1', 'callbacks', 'alpha'])
    assert.deepEqual(bands.map((b) => [b.kind, b.begin, b.end]), [['thread', 1, 2], ['callback', 2, 3], ['remote', 3, 4]])
  })
  await test('store: a state is believed if it is newer than the records, or records are missing', () => {
    const s = fresh()
    s.sync(state([task(1)]))
    s.frame(frame([[6, 2000, 1990, 1, 0, 0, 0]]))
    s.sync(state([task(1, { state: 'ready', since: 1500 })]))
    assert.equal(s.tasks.get(1).state, WAITING, 'an old state')
    s.sync(state([task(1, { state: 'ready', since: 2500 })]))
    assert.equal(s.tasks.get(1).state, READY, 'a new one')
    s.frame(frame([], [], { lost: 3 }))
    s.sync(state([task(1, { state: 'waiting', since: 2400 })]))
    assert.equal(s.tasks.get(1).state, WAITING, 'events are missing')
    assert.equal(s.gaps.length, 1)
  })
  await test('store: before the first event nothing is known of a lane but what a state says', () => {
    const s = fresh()
    s.frame({ ...frame([[6, 2000, 1990, 1, 0, 0, 0], [1, 2500, 0, 4, 1, 0, 0]]), n: 7, past: true, from: 1000 })
    s.frame({ ...frame([]), n: 8, from: 2500, to: 3000 })
    assert.equal(s.gaps.length, 0, 'the frames of the past have the number of the last one before')
    s.sync(state([task(1, { since: 2000, begun: 10 }), task(2, { since: 400, begun: 10 }), task(3, { since: 0, begun: 0 }), task(4, { state: 'ready', since: 2500, begun: 2500 })], { at: 2900 }))
    const seen = [1, 2, 3, 4].map((id) => s.seen(s.tasks.get(id)))
    assert.deepEqual(seen, [1000, 400, 1000, 2500])
    assert.equal(s.tasks.get(1).state, WAITING)
  })
  await test('store: after the past the records are believed, not an older state', () => {
    const s = fresh()
    s.frame({ ...frame([[6, 2000, 1990, 1, 0, 0, 0]]), past: true, from: 1000 })
    s.sync(state([task(1, { state: 'ready', since: 1500 })]))
    assert.equal(s.tasks.get(1).state, WAITING)
    assert.deepEqual(segments(s, s.tasks.get(1)).map((x) => x.slice(0, 3)), [[RUNNING, 1990, 2000]])
  })
  await test('overview: a text keeps away from the lines of deadlocks', () => {
    assert.equal(beside(300, 60, []), 300)
    assert.equal(beside(300, 60, [100, 310]), 300)
    assert.equal(beside(300, 60, [270]), 264)
    assert.equal(beside(300, 60, [230, 270]), 224)
  })
  await test('store: a frame that is missing is a gap', () => {
    const s = fresh()
    s.frame(frame([]))
    n += 3
    s.frame(frame([]))
    assert.equal(s.gaps.length, 1)
  })
  await test('store: a million and more segments stay in one ring', () => {
    const s = fresh()
    const lane = s.task(1)
    for (let i = 0; i < (1 << 20) + 5000; i++) s.push(lane, i, i + 1, RUNNING, 0)
    assert.equal(s.size, 1 << 20)
    let count = 0
    s.walk(lane, () => void count++)
    assert.equal(count, 1 << 20)
  })
  await test('store: lanes that ended a minute ago go, and their places are used again', () => {
    const s = fresh()
    s.frame(frame([[1, 1, 0, 1, 0, 0, 0], [10, 2, 0, 1, 0, 0, 0]]))
    s.sync(state([], { at: 70e9 }))
    assert.equal(s.tasks.size, 0)
    assert.equal(s.task(2).slot, 0)
  })
  await test('store: texts that nobody uses go', () => {
    const s = fresh()
    const [a, b] = [s.texts.id('a'), s.texts.id('b')]
    for (const t of [61e9, 122e9, 183e9]) {
      s.texts.turn(t)
      assert.equal(s.texts.id('b'), b)
    }
    assert.equal(s.texts.text(a), '')
    assert.equal(s.texts.text(b), 'b')
  })
  await test('forest: groups under their owners, nested in any depth', () => {
    const groups = [{ id: 1, owner: 1, parent: 0 }, { id: 2, owner: 1, parent: 1 }, { id: 3, owner: 5, parent: 2 }]
    const f = forest([task(1), task(2, { group: 1 }), task(5, { group: 2 }), task(6, { group: 3 })], groups)
    assert.deepEqual(f.groups.get('t1').map((g) => g.id), [1])
    assert.deepEqual(f.groups.get('g1').map((g) => g.id), [2])
    assert.deepEqual(f.groups.get('t5').map((g) => g.id), [3])
    const s = fresh()
    s.sync(state([task(1), task(2, { group: 1 }), task(5, { group: 2 }), task(6, { group: 3 })]))
    const { lanes, bands } = arrange(s, groups, 0, null)
    assert.deepEqual(lanes.map((l) => l.id), [1, 2, 5, 6])
    assert.deepEqual(bands.map((b) => [b.group.id, b.depth, b.begin, b.end]), [[1, 0, 1, 4], [2, 1, 2, 4], [3, 2, 3, 4]])
  })
  await test('forest: short tasks that came one after the other share a line', () => {
    const s = fresh()
    s.sync(state(Array.from({ length: 30 }, (_, i) => task(i + 1, { state: 'done', begun: 1 + i * 10, ended: 9 + i * 10 }))))
    const { lanes } = arrange(s, [], 0, null)
    assert.equal(lanes.filter((l) => !l.shares).length, 1)
    assert.equal(lanes[0].others, 29)
  })
  await test('columns: a step alone is a tick, many short ones show their share of the time', () => {
    const p = { from: 0, to: 10e9, now: 10e9, left: 200, right: 1000, x: (t) => 200 + (800 * t) / 10e9 }
    const BAR = 9
    const draw = (count, busy, wait = 0) => {
      const c = new Columns()
      c.begin(p)
      const each = 10e9 / count
      for (let i = 0; i < count; i++) {
        const t = (i + 0.5) * each
        if (wait) c.addReady(t - each * wait, t)
        c.addRun(t, t + each * busy)
      }
      const [runs, readies] = [[], []]
      c.take(100, BAR, runs, readies)
      const marks = (list) => Array.from({ length: list.length / 4 }, (_, i) => ({ x: list[4 * i], y: list[4 * i + 1], w: list[4 * i + 2], h: list[4 * i + 3] }))
      const ink = (list) => marks(list).reduce((sum, r) => sum + r.w * r.h, 0) / (800 * BAR)
      return { runs: marks(runs), readies: marks(readies), ink: ink(runs) }
    }
    const one = draw(1, 1e-5)
    assert.deepEqual(one.runs.map((r) => r.h), [BAR], 'alone: the full height')
    assert.equal(one.runs[0].x, 600)
    assert.deepEqual(draw(40, 1e-3).runs.map((r) => r.h), Array(40).fill(BAR), 'ticks that can be told apart')
    for (const count of [1000, 5000, 50000]) {
      const idle = draw(count, 0.014)
      assert.ok(idle.runs.length > 700, 'every column has its mark')
      assert.ok(Math.max(...idle.runs.map((r) => r.h)) <= BAR / 3, `${count} steps, 1.4 % busy: ${Math.max(...idle.runs.map((r) => r.h))} px of ${BAR}`)
      const half = draw(count, 0.5)
      assert.ok(half.ink > 0.4 && half.ink < 0.6, `${count} steps, half the time: ${half.ink}`)
      assert.ok(draw(count, 0.999).ink > 0.97, `${count} steps, all the time`)
    }
    const inks = [10, 40, 100, 200, 400, 1000, 5000].map((n) => draw(n, 0.01).ink)
    assert.ok(Math.max(...inks) < 0.35, `never solid while it hardly runs: ${inks}`)
  })
  await test('columns: running and ready are told apart', () => {
    const p = { from: 0, to: 10e9, now: 10e9, left: 0, right: 800, x: (t) => (800 * t) / 10e9 }
    const c = new Columns()
    const draw = (wait) => {
      c.begin(p)
      for (let t = 0; t < 10e9; t += 5e6) c.addReady(t, t + wait), c.addRun(t + wait, t + wait + 50e3)
      const [runs, readies] = [[], []]
      c.take(50, 9, runs, readies)
      return [runs[3], readies[3] ?? 0] // the height of the first marks
    }
    const [run, ready] = draw(4e6)
    assert.ok(ready >= run + 3, `${ready} px ready around ${run} px running`)
    assert.deepEqual(draw(10e3), [run, 0], 'ready for no time: nothing')
  })
  await test('columns: marks do not change while the picture moves', () => {
    const heights = (shift) => {
      const [from, to] = [shift, 10e9 + shift]
      const p = { from, to, now: 20e9, left: 0, right: 800, x: (t) => (800 * (t - from)) / (to - from) }
      const c = new Columns()
      c.begin(p)
      for (let t = 3e9; t < 6e9; t += 7e6) c.addRun(t, t + (t % 5) * 1e5)
      const runs = []
      c.take(50, 9, runs, [])
      return runs.filter((_, i) => i % 4 === 3).map((h) => h.toFixed(3))
    }
    assert.deepEqual(heights(0), heights(123456789))
  })
  await test('format: durations and steps of an axis', () => {
    assert.deepEqual([350, 12300, 1.5e6, 45e6, 6.44e9, 192e9, 7500e9, -1].map(duration), ['350 ns', '12 µs', '1.5 ms', '45 ms', '6.4 s', '3 min 12 s', '2 h 5 min', '0 ns'])
    assert.deepEqual([0, 5, 12, 21].map(power), ['1 µs', '32 µs', '4 ms', '2 s'])
    assert.deepEqual(['sleep 809.989463ms', 'sleep 1.23456789s', 'sleep 3s'].map((text) => waitText({ kind: 'sleep', text })), ['sleep 810 ms', 'sleep 1.2 s', 'sleep 3 s'])
    assert.equal(waitText({ kind: 'lock', text: 'lock "1.2345s"' }), 'lock "1.2345s"')
    assert.deepEqual([10, 7, 0.3].map((m) => nice(m, 5)), [2, 2, 0.1])
  })
}
