// Every test, against made-up programs of which all is known.

import assert from 'node:assert/strict'
import { serve } from '../dev/server.js'
import { open } from './browser.js'
import { anyProgram, ready, until, VIEWS, contrasts } from './any.js'
import { unit } from './store.js'

const EVIL = '<img src=x onerror="globalThis.owned=1"><b>bold</b>'

/** How many pixels of each column of the lanes are those of a running step. */
const inkOfColumns = (page) =>
  page.evaluate(async () => {
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const c = document.querySelector('canvas.lanes')
    const run = getComputedStyle(document.documentElement).getPropertyValue('--run').trim()
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(run.slice(i, i + 2), 16))
    const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height)
    const columns = new Array(c.width).fill(0)
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255 && data[i] === r && data[i + 1] === g && data[i + 2] === b) columns[(i / 4) % c.width]++
    return columns
  })

async function withProgram(b, how, f, look) {
  const server = await serve(how)
  const { page, errors } = await open(b, server.url + (look?.hash ?? ''), look)
  try {
    await f(page, server)
    if (!look?.errors) assert.deepEqual(errors, [])
  } finally {
    await page.close()
    await server.close()
  }
}

export async function madeUp(b, test) {
  await unit(test)
  const server = await serve({ deadlock: true, slow: true, actions: true })
  await anyProgram(b, test, server.url, { deadlock: true, name: 'settle-orders' })
  await server.close()

  await test('10,000 tasks: density map, table of the rows in sight', () =>
    withProgram(b, { tasks: 10000, rate: 1000 }, async (page) => {
      await ready(page)
      await until(page, () => document.querySelector('canvas.lanes').dataset.mode === 'density')
      assert.equal(await page.$eval('[role=grid]', (e) => e.getAttribute('aria-rowcount')), '10001')
      assert.ok((await page.$$('[role=row]')).length < 100)
      await page.keyboard.press('v')
      await until(page, () => document.querySelector('canvas.lanes').dataset.mode === 'lanes')
    }))
  await test('a cycle of six is a ring', () =>
    withProgram(b, { ring: 6 }, async (page) => {
      await page.waitForSelector('aside .cycle.ring', { timeout: 30e3 })
      assert.equal((await page.$$('aside .cycle.ring .task')).length, 6)
      assert.equal((await page.$$('aside .edges li')).length, 6)
      assert.deepEqual(await contrasts(page), [])
    }))
  await test('a stuck loop: its task, for how long, and its stack', () =>
    withProgram(b, { stuck: true }, async (page) => {
      await page.waitForSelector('.notice.stuck', { timeout: 30e3 })
      const text = await page.$eval('.notice.stuck', (e) => e.textContent)
      assert.match(text, /does not answer: task audit is in one step for .*os\.ReadFile/)
    }))
  await test('dropped events are shown, loudly, and leave a hole in the picture', () =>
    withProgram(b, { drop: true }, async (page) => {
      await ready(page, 1)
      assert.match(await page.$eval('.live', (e) => e.textContent), /0 events dropped/)
      await until(page, () => document.querySelector('.live .lost')?.textContent === '1,234 events dropped')
      assert.equal(await page.evaluate(() => asyncioPage.store.gaps[0].lost), 1234)
    }))
  await test('the time before the page was opened is there, as far as it is known', () =>
    withProgram(b, { past: 50, known: 30, deadlock: true }, async (page) => {
      await ready(page, 3)
      const { from, now, lanes, gaps } = await page.evaluate(() => {
        const { store } = asyncioPage
        return { from: store.from, now: store.now, gaps: store.gaps.length, lanes: [...store.tasks.values()].map((l) => [l.begun, l.known, store.seen(l)]) }
      })
      assert.ok(now - from > 29e9 && now - from < 60e9, `${(now - from) / 1e9} s are known`)
      assert.equal(gaps, 0)
      assert.ok(lanes.length > 30 && lanes.every(([, known, seen]) => seen === Math.min(known, from)), 'a lane is drawn from when it is known')
      for (let i = 0; i < 6; i++) await page.keyboard.press('-')
      await until(page, () => document.querySelector('.bar .grow').textContent.startsWith('last 1 min'))
      const inked = await inkOfColumns(page)
      const x = (s) => Math.round(inked.length - 20 - ((inked.length - 226) * s) / 60)
      assert.ok(inked.slice(x(25), x(5)).some((n) => n > 0), 'steps of before are drawn')
    }))
  await test('several loops: a chooser', () =>
    withProgram(b, { loops: 3 }, async (page) => {
      await ready(page)
      await page.selectOption('.parameter select', { label: 'loop 2' })
      await page.waitForResponse((r) => r.url().includes('/v1/live?loop=2'), { timeout: 30e3 })
      await ready(page)
    }))
  await test('a lost connection is said, and comes back by itself', () =>
    withProgram(b, {}, async (page, server) => {
      await ready(page)
      server.hangUp()
      await page.waitForSelector('.notice', { timeout: 30e3 })
      await until(page, () => document.querySelector('.live').textContent.startsWith('live') && !document.querySelector('.notice'))
    }, { errors: true }))
  await test('another version of the format is refused with a sentence', () =>
    withProgram(b, { version: 2 }, async (page) => {
      await until(page, () => document.querySelector('.notice')?.textContent.includes('the program speaks version 2'))
    }))
  await test('a token in the address becomes a cookie, and leaves the address', () =>
    withProgram(b, { token: 'sesame' }, async (page) => {
      await ready(page)
      assert.ok(!page.url().includes('sesame'))
      const [cookie] = await page.context().cookies()
      assert.equal(cookie.value, 'sesame')
      assert.equal(cookie.sameSite, 'Strict')
    }, { hash: '#sesame' }))
  await test('without the token the page says what to do', () =>
    withProgram(b, { token: 'sesame' }, async (page) => {
      await until(page, () => document.querySelector('.notice')?.textContent.includes('wants a token'))
    }, { errors: true }))
  await test('names are data: markup in them is text', () =>
    withProgram(b, { deadlock: true }, async (page, server) => {
      const program = server.programs[0]
      for (const t of program.list) t.name = t.spec.name = EVIL + t.id
      for (const g of program.groups) g.name = EVIL
      for (const o of program.objects) o.name = EVIL
      await page.reload()
      await page.waitForSelector('aside .cycle', { timeout: 30e3 })
      for (let i = 0; i < VIEWS.length; i++) {
        await page.keyboard.press(String(i + 1))
        await page.keyboard.press('ArrowDown')
        await page.waitForTimeout(50)
      }
      assert.equal(await page.evaluate(() => globalThis.owned), undefined)
      assert.equal(await page.$('img, td b, .name b'), null)
    }))
  await test('another source: a recording in memory, with a parameter', () =>
    withProgram(b, {}, async (page) => {
      await ready(page)
      await page.evaluate(() => {
        const task = (id, name, more) => ({ id, name, parent: 0, group: 0, state: 'done', wait: null, since: 0, created: [], steps: 1, busy: 1e6, ready: 0, waiting: 0, longest: 1e6, begun: 1, ended: 4e6, outcome: 'returned', ...more })
        let tell
        let dishes = 3
        const play = () => {
          tell({ type: 'hello', hello: { v: 1, pid: 0, program: 'lesson 1', go: 'go1.27', loops: [{ id: 1, name: 'loop 1' }], epoch: 0, actions: false } })
          const tasks = Array.from({ length: dishes }, (_, i) => task(i + 1, `dish ${i + 1}`))
          tell({ type: 'state', state: { at: 5e6, pass: [1, 1], tasks, gone: [], groups: [], objects: [], timers: [], pools: [], threads: [], warnings: [], dropped: 0, full: true, loop: { passes: 4, rate: 0, busy: 0, lag: [], p50: 0, p99: 0, ready: 0, live: 0, workers: 0, timers: 0, watched: 0 } } })
          tell({ type: 'frame', frame: { n: 1, from: 1, to: 5e6, dropped: 0, rec: tasks.map((t) => [7, t.id * 1e6, t.id * 1e6 - 5e5, t.id, 0, 0, 0]), text: [] } })
        }
        globalThis.ran = []
        asyncioPage.showPage(
          {
            live: false,
            get length() {
              return dishes === 3 ? undefined : 8e6
            },
            subscribe: (listener) => ((tell = listener), play(), () => {}),
            parameters: () => [{ name: 'dishes', label: 'Dishes', value: dishes, min: 1, max: 9, step: 1 }],
            run: (values) => (globalThis.ran.push(values), (dishes = values.dishes), play()),
            detail: async (id) => ({ ...task(id, `dish ${id}`), stack: [], events: [], histogram: [] }),
          },
          document.body,
        )
      })
      await until(page, () => document.querySelector('.live').textContent.startsWith('recorded'))
      await until(page, () => document.querySelector('[role=grid]').getAttribute('aria-rowcount') === '4')
      const label = (text) => until(page, (t) => document.querySelector('.bar .grow').textContent.startsWith(t), text)
      await label('5 ms recorded') // without a length: all that was told
      await page.fill('.parameter input', '7')
      await until(page, () => document.querySelector('[role=grid]').getAttribute('aria-rowcount') === '8')
      assert.deepEqual(await page.evaluate(() => globalThis.ran.at(-1)), { dishes: 7 })
      await label('8 ms recorded')
      const inked = await inkOfColumns(page)
      const x = (ms) => Math.round(206 + ((inked.length - 226) * ms) / 8)
      assert.ok(inked[x(0.75)] && inked[x(6.75)], 'the first and the last step are where they were')
      assert.ok(inked.slice(x(7.2), x(7.9)).every((n) => n === 0), 'of what was not told nothing is drawn')
      await page.evaluate(() => document.activeElement.blur())
      await page.keyboard.press('+')
      await until(page, () => document.querySelector('.bar .grow').textContent.includes('of 8 ms recorded, from'))
      for (let i = 0; i < 3; i++) await page.keyboard.press('-')
      await label('8 ms recorded')
      await page.keyboard.press('ArrowDown')
    }))
  await test('thousands of short steps do not look as if their tasks ran all the time', () =>
    withProgram(b, {}, async (page) => {
      await ready(page)
      const inked = await (async () => {
        await page.evaluate(() => {
          const S = 1e9
          const tasks = Array.from({ length: 8 }, (_, i) => ({ id: i + 1, name: `worker ${i + 1}`, parent: 0, group: 0, state: 'waiting', wait: null, since: 0, created: [], steps: 1000, busy: 14e7, ready: 0, waiting: 0, longest: 14e4, begun: 1 }))
          const rec = []
          for (let n = 0; n < 8000; n++) {
            const t = n * 1.25e6 + 1
            rec.push([6, t + 14e4, t, (n % 8) + 1, 0, 0, 0])
          }
          asyncioPage.showPage(
            {
              live: false,
              length: 10 * S,
              subscribe(tell) {
                tell({ type: 'hello', hello: { v: 1, pid: 0, program: 'workers', go: 'go1.27', loops: [{ id: 1, name: 'loop 1' }], epoch: 0, actions: false } })
                tell({ type: 'frame', frame: { n: 1, from: 1, to: 10 * S, dropped: 0, rec, text: [] } })
                tell({ type: 'state', state: { at: 10 * S, pass: [1, 1], tasks, gone: [], groups: [], objects: [], timers: [], pools: [], threads: [], warnings: [], dropped: 0, full: true, loop: { passes: 4, rate: 0, busy: 0, lag: [], p50: 0, p99: 0, ready: 0, live: 8, workers: 0, timers: 0, watched: 0 } } })
                return () => {}
              },
              parameters: () => [],
              run() {},
              detail: async (id) => ({ ...tasks[id - 1], stack: [], events: [], histogram: [] }),
            },
            document.body,
          )
        })
        await until(page, () => document.querySelector('.bar .grow').textContent.startsWith('10.0 s recorded · 8 tasks'))
        return inkOfColumns(page)
      })()
      const columns = inked.slice(210, -24)
      const share = columns.reduce((a, b) => a + b, 0) / (columns.length * 8 * 9)
      assert.ok(share > 0.05 && share < 0.4, `${share} of the bars are full, of tasks that run 1.1 % of the time`)
      assert.ok(Math.max(...columns) <= 8 * 9 * 0.5, 'no column is full')
    }))
  await test('cancel asks first', () =>
    withProgram(b, { actions: true }, async (page) => {
      await ready(page)
      await page.keyboard.press('ArrowDown')
      await page.waitForSelector('.cancel button', { timeout: 30e3 })
      let sent = 0
      page.on('request', (r) => r.url().endsWith('/v1/cancel') && sent++)
      await page.click('.cancel button')
      await page.waitForSelector('.cancel .sure')
      assert.equal(sent, 0)
      await page.click('.cancel .sure')
      await until(page, () => document.querySelector('.cancel [role=status]').textContent === 'It is asked to end.')
      assert.equal(sent, 1)
    }))
  await test('without actions there is no button', () =>
    withProgram(b, {}, async (page) => {
      await ready(page)
      await page.keyboard.press('ArrowDown')
      await page.waitForSelector('.detail .shares', { timeout: 30e3 })
      assert.equal(await page.$('.cancel'), null)
    }))
  await test('[ goes to the step before, and says what it was', () =>
    withProgram(b, {}, async (page) => {
      await ready(page, 40)
      for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowDown')
      await page.keyboard.press('[')
      await page.waitForSelector('.step', { timeout: 30e3 })
      const first = await page.$eval('.step', (e) => e.textContent)
      assert.match(first, /Step: .* long, .* ago/)
      await page.keyboard.press('[')
      await until(page, (t) => document.querySelector('.step').textContent !== t, first)
    }))
  await test('reduced motion: the lanes move once a second', () =>
    withProgram(b, {}, async (page) => {
      await ready(page)
      const moves = await page.evaluate(async () => {
        const g = CanvasRenderingContext2D.prototype
        const real = g.clearRect
        let n = 0
        g.clearRect = function (...a) {
          if (this.canvas.classList.contains('lanes')) n++
          return real.apply(this, a)
        }
        const from = asyncioPage.store.n
        while (asyncioPage.store.n < from + 40) await new Promise((done) => setTimeout(done, 50))
        return n / (asyncioPage.store.n - from)
      })
      assert.ok(moves <= 0.25, `${moves} drawings a frame`)
    }, { still: true }))
}
