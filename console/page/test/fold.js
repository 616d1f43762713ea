// The tour's fold by itself: from key frames or from scratch, forwards or backwards, in
// JavaScript or in Go, the state after an event is one and the same.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fold, FRAME, apply, begin } from '../src/tour/fold.js'
import { Story, chain, stops } from '../src/tour/story.js'
import { linkWords, lastWords } from '../src/tour/words.js'
import { lessons, run } from '../dev/lessons.js'

const module = fileURLToPath(new URL('../../..', import.meta.url))

/** The states after 0, 1, 2 ... events, without key frames. */
function* fromScratch(recording) {
  const tasks = new Map(recording.tasks.map((task) => [task.id, task]))
  const state = begin()
  yield state
  for (const e of recording.events) {
    apply(state, e, tasks)
    yield state
  }
}

export async function foldTests(test) {
  const all = lessons().lessons.map((l) => [l.name, l.recording])
  await test('fold: by key frames as from scratch, for every n', () => {
    assert.ok(all.some(([, r]) => r.events.length > FRAME), 'some recording has more than one key frame')
    for (const [name, r] of all) {
      const fold = new Fold(r)
      let n = 0
      for (const state of fromScratch(r)) assert.deepEqual(fold.at(n++), state, `${name}, ${n - 1} events`)
      assert.equal(n, r.events.length + 1)
    }
  })
  await test('fold: back from the end to 0, each state as on the way there', () => {
    for (const [name, r] of all) {
      const fold = new Fold(r)
      const there = [...fromScratch(r)].length
      const kept = Array.from({ length: there }, (_, n) => JSON.stringify(fold.at(n)))
      for (let n = there - 1; n >= 0; n--) assert.equal(JSON.stringify(fold.at(n)), kept[n], `${name}, ${n} events`)
      assert.deepEqual(fold.at(0), begin())
    }
  })
  await test('fold: a state that was given out is nobody else\'s', () => {
    const fold = new Fold(all[0][1])
    fold.at(30).ready.push('mine')
    fold.at(30).tasks[1].name = 'mine'
    assert.ok(!JSON.stringify(fold.at(30)).includes('mine'))
  })
  await test('fold: the states of the library, of every lesson', async () => {
    const states = await statesOfGo()
    if (!states) return console.log('skipped: there is no Go, or it cannot say its states')
    assert.ok(states.size > 10, `${states.size} lessons`)
    for (const [name, { recording, list }] of states) {
      const fold = new Fold(recording)
      assert.equal(list.length, recording.events.length + 1)
      for (let n = 0; n < list.length; n++) assert.deepEqual(plain(fold.at(n)), plain(list[n]), `${name}, ${n} events`)
      for (let n = list.length - 1; n >= 0; n--) assert.deepEqual(plain(fold.at(n)), plain(list[n]), `${name}, back to ${n} events`)
    }
  })
  await test('story: pieces of a row follow one another, and turns never overlap', () => {
    for (const [name, r] of all) {
      const s = new Story(r)
      let over = 0
      for (const turn of s.turns) {
        assert.ok(turn.from >= over, `${name}: turn ${turn.id}`)
        over = turn.to
      }
      for (const task of s.tasks.values()) {
        for (let i = 1; i < task.pieces.length; i++) assert.equal(task.pieces[i].from, task.pieces[i - 1].to, `${name}: ${task.name}, piece ${i}`)
        assert.ok(task.pieces.filter((p) => p.kind === 'run').length === s.turns.filter((t) => t.task === task.id).length)
      }
    }
  })
  await test('story: a timer that the loop saw late has made its task ready when it was due', () => {
    const s = new Story(run('concurrency'))
    const turn = s.turns.find((t) => t.name === 'vegetables' && t.step === 2)
    assert.deepEqual([turn.ready.t, turn.from], [1.9e9, 2.2e9])
    const links = chain(s, turn)
    assert.deepEqual(links.map((l) => l.kind), ['turn', 'timer', 'turn', 'spawn', 'turn', 'spawn'])
    assert.equal(linkWords(s, links[0])[1], 'ready for 0.3 s: the loop ran table')
    assert.match(linkWords(s, links[1]).join(), /timer was due, after 1.0 s.*step 1, line 6/)
    assert.match(linkWords(s, links[3]).join(), /main started it,line 18/)
  })
  await test('story: who waits for others is woken by the last of them', () => {
    const s = new Story(run('gather'))
    const links = chain(s, s.turns.findLast((t) => t.name === 'main'))
    assert.match(linkWords(s, links[1])[0], /^A, for which it waited, has ended/)
    assert.equal(links[2].turn.name, 'A')
  })
  await test('story: waits around a circle are a deadlock, from when it is closed', () => {
    const lock = (name, task) => ({ kind: 'lock', name, task })
    const of = (waits) => {
      const events = [1, 2, 3].map((task) => ({ k: 'spawn', t: 0, task }))
      for (const [t, task, wait] of waits) events.push({ k: 'begin', t, task, step: 1 }, { k: 'end', t, task, how: 'waits', wait })
      const s = new Story({ tasks: [1, 2, 3].map((id) => ({ id, name: `t${id}` })), length: 9, events: [...events, { k: 'over', t: 9 }] })
      return [1, 2, 3].map((id) => s.tasks.get(id).pieces.find((p) => p.kind === 'wait')?.dead?.t)
    }
    assert.deepEqual(of([[1, 1, lock('a', 2)], [2, 2, lock('b', 1)], [3, 3, lock('a', 2)]]), [2, 2, undefined])
    assert.deepEqual(of([[1, 1, lock('a', 2)], [2, 2, lock('b', 3)], [3, 3, lock('c', 1)]]), [3, 3, 3])
    assert.deepEqual(of([[1, 1, lock('a', 2)], [2, 2, lock('b', 3)], [3, 3, { kind: 'sleep', until: 9 }]]), [undefined, undefined, undefined])
  })
  await test('story: it stands still after the last event, and never between a timer and whom it wakes', () => {
    for (const [, r] of all) {
      const list = stops(r.events)
      assert.equal(list[0], 0)
      assert.equal(list.at(-1), r.events.length)
      for (const n of list) if (n) assert.ok(!['due', 'take', 'awake'].includes(r.events[n - 1].k))
      const s = new Story(r)
      for (const n of list) assert.ok(lastWords(s, n).length > 3)
    }
  })
}

/** Fields that are zero, empty or missing are the same: Go leaves them out. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== null && v !== undefined && v !== '' && v !== 0 && v !== false)
      .map(([k, v]) => [k, plain(v)]),
  )
}

/** The recordings and states of all lessons, from the Go side: its test writes them. */
async function statesOfGo() {
  if (!existsSync(path.join(module, 'lessons', 'record_test.go'))) return null
  const folder = await mkdtemp(path.join(tmpdir(), 'states-'))
  try {
    const go = spawnSync('go', ['test', './lessons', '-count=1', '-run', 'States', '-states', folder], { cwd: module, encoding: 'utf8' })
    if (go.error) return null
    assert.equal(go.status, 0, go.stdout + go.stderr)
    const states = new Map()
    for (const file of await readdir(folder)) {
      const name = /^(\w+)\.json$/.exec(file)?.[1]
      if (!name || name === 'subprocess') continue // a real process: no two recordings are alike
      const list = JSON.parse(await readFile(path.join(folder, file), 'utf8'))
      if (!existsSync(golden(name))) continue // one that is not the same each time
      states.set(name, { list, recording: await recordingOf(name) })
    }
    return states
  } finally {
    await rm(folder, { recursive: true })
  }
}

const golden = (name) => path.join(module, 'lessons', 'testdata', `${name}.json`)
const recordingOf = async (name) => JSON.parse(await readFile(golden(name), 'utf8'))
