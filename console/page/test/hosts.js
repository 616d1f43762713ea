// Hosts and their messages, by the store and on the page.
//
//	node test/hosts.js URL    the recording of cmd/asyncio's test, as asyncio view shows it

import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { browser, open } from './browser.js'
import { until } from './any.js'
import { Store } from '../src/store.js'
import { arrange } from '../src/forest.js'
import { isDown, HERE } from '../src/messages.js'
import { serve } from '../dev/server.js'

const text = ['alpha', 'beta', 'A', 'B', 'test', 'data', 'alpha\nbeta', 'beta\nalpha']
const frame = (n, rec) => ({ n, from: 1, to: 1000, rec, text, dropped: 0 })
const state = (tasks, more) => ({ at: 1000, tasks, gone: [], groups: [], threads: [], ...more })

/** Two hosts with a task each, and one task beside them. */
function two() {
  const s = new Store()
  s.frame(frame(1, [[24, 1, 0, 0, 0, 0, 1], [24, 1, 0, 0, 0, 0, 2], [1, 1, 0, 1, 0, 0, 5], [1, 1, 0, 2, 1, 0, 3], [23, 1, 0, 2, 0, 0, 1], [1, 1, 0, 3, 1, 0, 4], [23, 1, 0, 3, 0, 0, 2]]))
  return s
}

const rows = ({ lanes }) => lanes.map((l) => `${l.kind} ${l.name}`)

async function unit(test) {
  await test('hosts: what was sent, and what of it is on the way', () => {
    const s = two()
    s.frame(frame(2, [[26, 100, 12, 2, 300, 6, 7], [27, 200, 5, 3, 0, 6, 8], [26, 400, 0, 0, 400, 6, 8]]))
    const during = (from, to) => {
      const list = []
      s.hosts.during(from, to, (m) => void list.push(m.at))
      return list
    }
    assert.deepEqual(during(0, 1000), [400, 200, 100])
    assert.deepEqual(during(250, 350), [100], 'what was lost is not on the way')
    assert.deepEqual(during(301, 399), [])
    assert.deepEqual(s.hosts.at(0), { at: 100, arrives: 300, from: 0, to: 1, bytes: 12, task: 2, what: 'data' })
    assert.equal(s.hosts.at(1).arrives, 0)
  })
  await test('hosts: the newest messages are kept', () => {
    const s = two()
    const n = (1 << 16) + 500
    for (let i = 0; i < n; i++) s.hosts.send(i + 1, i + 2, i, 0, 'data', 'alpha\nbeta')
    assert.deepEqual([s.hosts.head, s.hosts.tail, s.hosts.messages.length], [n, 500, 1 << 16])
    for (const i of [500, 1000, n - 1]) assert.equal(s.hosts.at(i).bytes, i)
    let seen = 0
    s.hosts.during(-Infinity, Infinity, () => void seen++)
    assert.equal(seen, 1 << 16)
  })
  await test('hosts: when they were down, from records and from states', () => {
    const s = two()
    s.frame(frame(2, [[25, 100, 0, 0, 0, 0, 2], [24, 300, 0, 0, 0, 0, 2]]))
    const beta = s.hosts.byName.get('beta')
    assert.deepEqual([50, 100, 299, 300].map((t) => isDown(beta, t)), [false, true, true, false])
    s.sync(state([], { hosts: [{ name: 'alpha', up: false, since: 500 }, { name: 'beta', up: true, since: 300 }, { name: 'gamma', up: false, since: 400 }] }))
    assert.ok(isDown(s.hosts.byName.get('alpha'), 500) && !isDown(s.hosts.byName.get('alpha'), 499))
    assert.deepEqual(beta.ups, [[1, 100], [300, Infinity]], 'a state adds nothing to what is known')
    assert.ok(isDown(s.hosts.byName.get('gamma'), 900))
    assert.ok(!isDown(s.hosts.host(HERE), 900))
  })
  await test('hosts: bands with a row of their own; folded; found', () => {
    const s = two()
    assert.deepEqual(rows(arrange(s, [], 0, null)), ['host localhost', 'task test', 'host alpha', 'task A', 'host beta', 'task B'])
    const folded = arrange(s, [], 0, null, new Set(['alpha']))
    assert.deepEqual(rows(folded), ['host localhost', 'task test', 'host alpha', 'host beta', 'task B'])
    assert.deepEqual(folded.bands.map((b) => [b.host.name, b.begin, b.end, b.hidden.length]), [[HERE, 0, 2, 0], ['alpha', 2, 3, 1], ['beta', 3, 5, 0]])
    assert.deepEqual(rows(arrange(s, [], 0, (l) => l.name === 'B')), ['host beta', 'task B'])
    const t = new Store()
    t.sync(state([{ id: 7, name: 'late', parent: 0, group: 0, state: 'waiting', since: 10, host: 'alpha' }], { hosts: [{ name: 'beta', up: true }, { name: 'alpha', up: true }] }))
    assert.deepEqual(rows(arrange(t, [], 0, null)), ['host beta', 'host alpha', 'task late'], 'a state alone tells it as well, and the order')
  })
  await test('hosts: groups of their tasks are bands within', () => {
    const s = two()
    s.tasks.get(3).group = 9
    const { bands } = arrange(s, [{ id: 9, owner: 1, parent: 0, name: 'g' }], 0, null)
    assert.deepEqual(bands.map((b) => [b.host?.name ?? b.group.name, b.depth]), [[HERE, 0], ['alpha', 0], ['beta', 0], ['g', 1]])
  })
}

/** The pixels of a color in the lanes: how many, and the middle of the first mark. */
const ink = (page, name) =>
  page.evaluate(async (name) => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const c = document.querySelector('canvas.lanes')
    const color = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16))
    const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height)
    let n = 0
    let first = null
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] !== r || data[i + 1] !== g || data[i + 2] !== b) continue
      n++
      first ??= [(i / 4) % c.width, Math.floor(i / 4 / c.width)]
    }
    const box = c.getBoundingClientRect()
    return { n, at: first && [box.x + first[0], box.y + first[1]] }
  }, name)

const aside = (page) => page.$eval('aside .detail', (e) => e.textContent)
const press = async (page, ...keys) => {
  for (const k of keys) await page.keyboard.press(k)
}
const height = (page) => page.$eval('canvas.lanes', (e) => e.clientHeight)

/** What one does with hosts, by keys and by the mouse. `first` is the host below the test. */
async function use(page, first) {
  await until(page, () => /\d hosts, \d+ tasks/.test(document.querySelector('.bar .grow').textContent))
  const lost = await ink(page, 'bad')
  assert.ok(lost.n > 0, 'messages that are lost end in a cross')
  await press(page, 'm')
  assert.equal((await ink(page, 'bad')).n, 0, 'M hides messages')
  await press(page, 'm')
  await until(page, () => document.querySelector('aside .detail').textContent.startsWith('No task'))
  // ↓: the test, its task, the first host.
  await press(page, 'ArrowDown', 'ArrowDown', 'ArrowDown')
  await until(page, (name) => document.querySelector('aside .detail').textContent.startsWith(`Selected: host ${name}`), first)
  assert.match(await aside(page), /\d messages? sent, [\d,]+ of them lost/)
  const before = await height(page)
  await press(page, 'h')
  await until(page, (h) => document.querySelector('canvas.lanes').clientHeight < h, before)
  await press(page, 'h')
  await until(page, (h) => document.querySelector('canvas.lanes').clientHeight === h, before)
  await press(page, '.')
  await page.waitForSelector('aside .message')
  const one = await page.$eval('aside .message', (e) => e.textContent)
  assert.match(one, new RegExp(`from .*${first}|to ${first}`))
  await press(page, '.', '.')
  await until(page, (t) => document.querySelector('aside .message').textContent !== t, one)
  await press(page, ',', ',')
  await until(page, (t) => document.querySelector('aside .message').textContent.slice(0, 60) === t.slice(0, 60), one)
  await press(page, 'Escape')
  await until(page, () => !document.querySelector('aside .message'))
  await page.click('aside .events li button')
  await page.waitForSelector('aside .events li[aria-current]')
  await press(page, 'Escape', 'Escape')
  await until(page, () => document.querySelector('aside .detail').textContent.startsWith('No task'))
  await press(page, 't')
  await until(page, (name) => [...document.querySelectorAll('.astext th')].some((e) => e.textContent === name) && document.querySelector('.astext ol li'), first)
  await press(page, 't')
}

/** What a message is, is said by the mouse as well. */
async function point(page) {
  const { at } = await ink(page, 'bad')
  await page.mouse.move(...at)
  await until(page, () => /from .* to .*, lost/.test(document.querySelector('.tip:not([hidden])')?.textContent ?? ''))
  await page.mouse.click(...at)
  await page.waitForSelector('aside .message')
  assert.match(await aside(page), /Message: .*, lost/)
  await press(page, 'Escape')
}

export async function hostTests(b, test) {
  await unit(test)
  await test('hosts of a program that runs: bands, messages, keys', async () => {
    const server = await serve({ hosts: 3 })
    const { page, errors } = await open(b, server.url)
    try {
      await until(page, () => asyncioPage.store.hosts.head > 20)
      await until(page, () => { for (let i = 0; i < asyncioPage.store.hosts.head; i++) if (!asyncioPage.store.hosts.at(i).arrives) return true })
      await press(page, ' ')
      await use(page, 'host-1')
      assert.deepEqual(errors, [])
    } finally {
      await page.close()
      await server.close()
    }
  })
  await test('without hosts there is nothing of them', async () => {
    const server = await serve({})
    const { page } = await open(b, server.url)
    try {
      await until(page, () => asyncioPage.store.n > 10)
      assert.equal(await page.evaluate(() => asyncioPage.store.hosts.list.length), 0)
      await press(page, 'h', 'm', '.', ',')
      assert.ok(!(await page.$eval('.bar .grow', (e) => e.textContent)).includes('host'))
      assert.equal(await page.$('aside .message'), null)
    } finally {
      await page.close()
      await server.close()
    }
  })
}

/** The recording of a leader with two followers, of which the second crashes; and a client. */
async function recorded(url) {
  const b = await browser()
  const { page, errors } = await open(b, url)
  try {
    await until(page, () => document.querySelector('.live')?.textContent.startsWith('recorded'))
    assert.equal(await page.title(), 'hosts.json: asyncio for Go')
    assert.ok(!page.url().includes('#'), 'the token leaves the address')
    await use(page, 'follower-1')
    await point(page)
    const { hosts, live } = await page.evaluate(() => ({
      hosts: asyncioPage.store.hosts.list.map((h) => [h.name, h.ups.length]),
      live: [...asyncioPage.store.tasks.values()].filter((l) => !l.ended).length,
    }))
    assert.deepEqual(hosts.filter(([, n]) => n), [['follower-1', 1], ['follower-2', 2], ['leader', 1], ['client', 1]])
    assert.equal(live, 0)
    await press(page, 'ArrowDown', 'ArrowDown', '/')
    await page.fill('#find', 'leader')
    await press(page, 'Escape', '3')
    await page.waitForSelector('[role=treeitem]')
    await press(page, '2')
    await page.waitForSelector('[role=row]')
    assert.deepEqual(errors, [])
  } finally {
    await b.close()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await recorded(process.argv[2])
  console.log('ok    the recording of a test with hosts')
}
