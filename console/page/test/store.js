// The store by itself: what records and states make of the lanes.

import assert from 'node:assert/strict'
import { Store, WAITING, READY, RUNNING, HELD, DONE, BUSY } from '../src/store.js'
import { forest, arrange } from '../src/forest.js'
import { duration, power, waitText } from '../src/format.js'
import { nice } from '../src/chart.js'

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
  await test('store: rows of any kind', () => {
    const s = fresh()
    s.frame(frame([[21, 10, 0, 5, 1, 1, 2], [22, 30, 0, 5, 1, 0, 0], [21, 40, 0, 6, 2, 1, 2]], ['host', 'alpha']))
    const [lane] = s.rows.values()
    assert.equal(s.rows.size, 1)
    assert.equal(lane.kind, 'host')
    assert.deepEqual(segments(s, lane), [[BUSY, 10, 30, 5]])
    assert.equal(lane.state, BUSY)
  })
  await test('store: rows whose names are always new share a line; one that comes again keeps it', () => {
    const s = fresh()
    const rec = []
    for (let i = 0; i < 20; i++) rec.push([21, 10 + i * 10, 0, 5, i, 1, 2 + i], [22, 15 + i * 10, 0, 5, i, 0, 0])
    s.frame(frame(rec, ['thread', ...Array.from({ length: 20 }, (_, i) => `thread-${i}`)]))
    assert.equal(s.rows.size, 1)
    s.frame(frame([[21, 500, 0, 5, 90, 1, 2], [22, 510, 0, 5, 90, 0, 0], [21, 520, 0, 5, 91, 1, 3]], ['thread', 'thread-19', 'thread-20']))
    assert.deepEqual([...s.rows.values()].map((l) => l.name), ['thread-19', 'thread-20'])
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
  await test('format: durations and steps of an axis', () => {
    assert.deepEqual([350, 12300, 1.5e6, 45e6, 6.44e9, 192e9, 7500e9, -1].map(duration), ['350 ns', '12 µs', '1.5 ms', '45 ms', '6.4 s', '3 min 12 s', '2 h 5 min', '0 ns'])
    assert.deepEqual([0, 5, 12, 21].map(power), ['1 µs', '32 µs', '4 ms', '2 s'])
    assert.deepEqual(['sleep 809.989463ms', 'sleep 1.23456789s', 'sleep 3s'].map((text) => waitText({ kind: 'sleep', text })), ['sleep 809ms', 'sleep 1.23s', 'sleep 3s'])
    assert.equal(waitText({ kind: 'lock', text: 'lock "1.2345s"' }), 'lock "1.2345s"')
    assert.deepEqual([10, 7, 0.3].map((m) => nice(m, 5)), [2, 2, 0.1])
  })
}
