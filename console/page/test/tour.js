// The page of the tour, with made-up lessons: by a server, and as a static site from a file.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { rm, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { open } from './browser.js'
import { contrasts, drawn, overflow, until } from './any.js'
import { DIST, serveTour, exportTour } from '../dev/tour.js'
import { lessons, run } from '../dev/lessons.js'

const NAMES = lessons().lessons.map((l) => l.name)
const text = (page, selector) => page.$eval(selector, (e) => e.textContent)
const where = (page) => text(page, '.transport .at')
const whichEvent = async (page) => Number(/event (\d+)/.exec(await where(page))[1])
const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key)
}

/** A page at a lesson; the server is the one of the test. */
async function at(b, server, lesson = '', how = {}) {
  const opened = await open(b, `${server.url}${how.event === undefined ? '' : `?event=${how.event}`}${lesson && `#tour/${lesson}`}`, how)
  await opened.page.waitForSelector('h1')
  return opened
}

/** Tab until something has the focus. */
async function tabTo(page, selector) {
  for (let i = 0; i < 80; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`Tab does not reach ${selector}`)
}

/** How dark the picture is right of the playhead: is a future drawn? */
const inkAfter = (page) =>
  page.$eval('canvas.picture', (c) => {
    const { data, width, height } = c.getContext('2d').getImageData(0, 0, c.width, c.height)
    const ratio = c.width / c.clientWidth
    const column = (x) => {
      let n = 0
      for (let y = Math.round(26 * ratio); y < height - 10 * ratio; y++) if (data[(y * width + x) * 4 + 3] > 0) n++
      return n
    }
    let head = 0
    for (let x = 0; x < width; x++) if (column(x) > column(head)) head = x
    let ink = 0
    for (let x = head + Math.round(12 * ratio); x < width; x++) ink += column(x)
    return ink
  })

export async function tourTests(b, test) {
  const server = await serveTour({ token: 'a secret' })
  server.url += '#' // each page is opened at #TOKEN/tour/NAME
  const plainUrl = server.url.slice(0, -1)
  const free = await serveTour()
  const shown = (lesson, how) => at(b, free, lesson, how)
  const closing = async (opened) => {
    assert.deepEqual(opened.errors, [], 'the page has no error')
    await opened.page.close()
  }

  for (const dark of [false, true]) {
    for (const name of NAMES) {
      await test(`tour, ${dark ? 'dark' : 'light'}: lesson ${name} opens, from its first event to its last`, async () => {
        const opened = await shown(name, { dark })
        const { page } = opened
        await press(page, '1')
        assert.deepEqual(await contrasts(page), [], 'all text has a contrast of 4.5 to 1')
        assert.ok((await drawn(page, 'canvas.picture')) > 0.005)
        const last = await page.$eval('#slider', (e) => Number(e.max))
        assert.ok(last > 10)
        for (let i = 0; i < last; i++) await press(page, 'ArrowRight')
        assert.equal(await whichEvent(page), last)
        await page.waitForSelector('.conclusion')
        assert.deepEqual(await contrasts(page), [])
        for (let i = 0; i < last; i++) await press(page, 'ArrowLeft')
        assert.equal(await whichEvent(page), 0)
        assert.match(await text(page, '.boxes'), /The program has not begun/)
        await closing(opened)
      })
    }
  }
  for (const [width, height] of [[400, 800], [900, 700], [1440, 900]]) {
    await test(`tour, ${width} px: nothing is wider than the window, all keys are in the foot`, async () => {
      for (const name of NAMES) {
        const opened = await shown(name, { width, height, event: 20 })
        const { page } = opened
        assert.deepEqual(await overflow(page), [], name)
        assert.deepEqual(await contrasts(page), [])
        await press(page, 'e')
        assert.deepEqual(await overflow(page), [], `${name}, edited`)
        const foot = await text(page, 'footer')
        for (const word of ['step', 'next switch', 'play', 'speed', 'guess', 'parameters', 'edit and run', 'language', 'lesson', 'dark', 'all keys']) assert.ok(foot.includes(word), word)
        await closing(opened)
      }
    })
  }
  await test('tour: the address says which lesson; [ and ] go on, the browser goes back', async () => {
    const opened = await shown('gather')
    const { page } = opened
    assert.match(await text(page, 'h1'), /^Gather/)
    await press(page, ']')
    assert.match(await text(page, 'h1'), /^Threads/)
    assert.equal(new URL(page.url()).hash, '#tour/threads')
    await press(page, '[', '[')
    assert.match(await text(page, 'h1'), /^Concurrency/)
    await press(page, '[')
    assert.match(await text(page, 'h1'), /^Concurrency/, 'there is none before the first one')
    await page.goBack()
    await until(page, () => document.querySelector('h1').textContent.startsWith('Gather'))
    await closing(opened)
  })
  await test('tour: G lists the lessons, the arrows and Enter choose one, Escape closes', async () => {
    const opened = await shown('concurrency')
    const { page } = opened
    await press(page, 'g')
    await page.waitForSelector('dialog[open] a[aria-current]')
    assert.equal(await page.$$eval('dialog li', (l) => l.length), NAMES.length)
    await press(page, 'ArrowDown', 'Enter')
    await until(page, () => document.querySelector('h1').textContent.startsWith('Gather') && !document.querySelector('dialog'))
    await press(page, 'g')
    await page.waitForSelector('dialog[open]')
    await press(page, 'Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
    await press(page, '?')
    await page.waitForSelector('dialog[open] kbd')
    await press(page, 'Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
    await closing(opened)
  })
  await test('tour: before the guess neither future nor comparison is drawn; after it the future is', async () => {
    const opened = await shown('gather', { event: 1 })
    const { page } = opened
    assert.equal(await page.$$eval('.ask button[aria-pressed=true]', (l) => l.length), 0)
    assert.match(await text(page, '.ask'), /guess, then play/)
    assert.match(await text(page, '.ways'), /after your guess/)
    assert.equal(await page.$('canvas.waysPicture'), null)
    assert.equal(await inkAfter(page), 0)
    await press(page, '2')
    await page.waitForSelector('canvas.waysPicture')
    await until(page, () => document.querySelector('.ask').textContent.includes('the run will tell'))
    assert.ok((await inkAfter(page)) > 1000)
    await press(page, 'End')
    assert.match(await text(page, '.ask [role=status]'), /^right$/)
    await press(page, '1')
    assert.match(await text(page, '.ask [role=status]'), /^no: 2 s/)
    await closing(opened)
  })
  await test('tour: step, back, next switch, first, last, and the slider', async () => {
    const opened = await shown('concurrency', { event: 5 })
    const { page } = opened
    assert.equal(await whichEvent(page), 5)
    await press(page, 'ArrowRight')
    assert.equal(await whichEvent(page), 6)
    await press(page, 'ArrowLeft', 'ArrowLeft')
    assert.equal(await whichEvent(page), 4)
    const names = []
    await press(page, 'Home')
    for (let i = 0; i < 5; i++) {
      await press(page, 'n')
      names.push((await text(page, '.big')).trim())
    }
    assert.deepEqual(names, ['main', 'rice', 'vegetables', 'curry', 'table'])
    await press(page, 'End')
    assert.equal(await whichEvent(page), await page.$eval('#slider', (e) => Number(e.max)))
    await press(page, 'Home')
    await tabTo(page, '#slider')
    await press(page, 'ArrowRight', 'ArrowRight', 'ArrowRight')
    assert.equal(await whichEvent(page), 3)
    assert.match(await page.$eval('#slider', (e) => e.getAttribute('aria-valuetext')), /event 3 of \d+, ./)
    assert.match(await text(page, '[aria-live=polite]'), /Ready queue: /)
    await closing(opened)
  })
  await test('tour: what the boxes, the code and the chain say at a moment', async () => {
    const opened = await shown('concurrency', { event: 1 })
    const { page } = opened
    await press(page, '2')
    for (let i = 0; i < 6; i++) await press(page, 'n')
    assert.equal((await text(page, '.big')).trim(), 'vegetables')
    assert.match(await text(page, '.boxes section:nth-child(1)'), /empty.*After this step the cook waits until 3.3 s, when the timer of rice is due/)
    assert.match(await text(page, '.boxes section:nth-child(2)'), /rice.*at 3.3, in 1.1 s.*curry.*at 3.4, in 1.2 s/)
    assert.match(await text(page, '.boxes section:nth-child(3)'), /step 2, pass \d/)
    assert.match(await text(page, '.line.runs'), /Sleep.*rice.*vegetables.*curry/)
    assert.equal(await text(page, '.tag.runs'), 'vegetables')
    assert.match(await text(page, '.line.here:not(.runs)'), /return nil.*main/)
    assert.match(await text(page, '.why'), /vegetables runs, step 2ready for 0.3 s: the cook had table in hand/)
    assert.match(await text(page, '.why'), /timer was due, after 1.0 s/)
    assert.match(await text(page, '.why'), /main started itline 18/)
    assert.match(await text(page, '.sr table'), /vegetables, step 1.*0.3 s to 0.9 s/)
    assert.deepEqual(await page.$$eval('.out div:not(.next) span', (l) => l.map((e) => e.textContent)), ['rice: on the stove', 'vegetables: on the stove', 'curry: on the stove', 'table: set'])
    assert.match(await text(page, 'header'), /recorded from the real loop, on the virtual clock/)
    await closing(opened)
  })
  await test('tour: it plays to its end and again, stops, and has speeds', async () => {
    const opened = await shown('gather', { event: 0 })
    const { page } = opened
    await press(page, '+', '+')
    assert.equal(await page.$eval('.transport select', (e) => e.value), '4')
    await press(page, ' ')
    await until(page, () => document.getElementById('play').textContent === 'Pause')
    await until(page, () => /event [4-9]/.test(document.querySelector('.transport .at').textContent))
    await press(page, ' ')
    const n = await whichEvent(page)
    assert.equal(await text(page, '#play'), 'Play')
    await press(page, ' ')
    await until(page, () => document.getElementById('play').textContent === 'Again')
    assert.ok((await whichEvent(page)) > n)
    await press(page, ' ')
    await until(page, () => document.getElementById('play').textContent === 'Pause')
    await press(page, '-', '-', '-', '-')
    assert.equal(await page.$eval('.transport select', (e) => e.value), '0.25')
    await closing(opened)
  })
  await test('tour: with reduced motion it goes from event to event, and the clock never stands in between', async () => {
    const opened = await shown('gather', { event: 0, still: true })
    const { page } = opened
    await page.evaluate(() => {
      globalThis.times = new Set()
      new MutationObserver(() => times.add(/· (.*)/.exec(document.querySelector('.transport .at').textContent)[1])).observe(document.querySelector('.transport .at'), { subtree: true, characterData: true, childList: true })
    })
    await press(page, '+', '+', ' ')
    await until(page, () => document.getElementById('play').textContent === 'Again')
    assert.deepEqual(await page.evaluate(() => [...times].sort()), ['0.0 s', '1.0 s', '2.0 s'])
    await closing(opened)
  })
  await test('tour: a parameter, by the keyboard, is run again and drawn at once; and set back', async () => {
    const opened = await shown('concurrency', { event: 0 })
    const { page } = opened
    await press(page, '2', 'End')
    assert.match(await where(page), /3.7 s/)
    await press(page, 'p')
    assert.equal(await page.evaluate(() => document.activeElement.id), 'first-parameter')
    const took = await page.evaluate(async () => {
      const field = document.activeElement
      const began = performance.now()
      field.value = '4500'
      field.dispatchEvent(new Event('input', { bubbles: true }))
      while (!document.querySelector('.transport .at').textContent.includes('5.0 s')) await new Promise((done) => requestAnimationFrame(done))
      return performance.now() - began
    })
    console.log(`      a changed parameter was drawn after ${Math.round(took)} ms (150 wanted)`)
    assert.equal(await page.$eval('output', (e) => e.value), '4.5 s')
    await press(page, 'ArrowRight')
    await until(page, () => document.querySelector('.transport .at').textContent.includes('5.1 s'))
    assert.deepEqual(free.asked.at(-1), { path: '/tour/run', lesson: 'concurrency', values: { rice: '4600ms' } })
    assert.match(await text(page, '.ask [role=status]'), /with the given values/)
    await page.click('.try button.link')
    await until(page, () => document.querySelector('.transport .at').textContent.includes('3.7 s'))
    await closing(opened)
  })
  await test('tour: choices, numbers and switches are parameters too', async () => {
    const opened = await shown('threads', { event: 0 })
    const { page } = opened
    assert.equal(await page.$$eval('.params input[type=range]', (l) => l.length), 2)
    await page.selectOption('#parameter-fails', 'yes')
    await press(page, '1')
    await page.evaluate(() => document.activeElement.blur())
    await until(page, () => !document.querySelector('.try h2').textContent.includes('running'))
    await press(page, 'End')
    await until(page, () => document.querySelector('.out .failed')?.textContent === 'disk: no space left')
    await page.selectOption('#parameter-eager', 'true')
    await until(page, () => !document.querySelector('.try h2').textContent.includes('running'))
    assert.deepEqual(free.asked.at(-1).values, { fails: 'yes', eager: 'true' })
    await closing(opened)
  })
  await test('tour: of values that come fast the last one wins', async () => {
    const slow = await serveTour({ slow: 120 })
    const opened = await at(b, slow, 'gather', { event: 0 })
    const { page } = opened
    await press(page, '1', 'End', 'p')
    for (let i = 0; i < 12; i++) await press(page, 'ArrowRight')
    await until(page, () => document.querySelector('.transport .at').textContent.includes('3.2 s'))
    assert.ok(slow.asked.length <= 8, `${slow.asked.length} runs for 12 changes`)
    assert.equal(slow.asked.at(-1).values.A, '3200ms')
    await closing(opened)
    await slow.close()
  })
  await test('tour: L shows Python and Go', async () => {
    const opened = await shown('gather')
    const { page } = opened
    await press(page, 'l')
    assert.match(await text(page, '.code'), /async def main/)
    assert.match(await text(page, '.codebar h2'), /gather.py/)
    await press(page, 'l')
    assert.match(await text(page, '.code'), /asyncio.Gather/)
    await closing(opened)
  })
  await test('tour: edit and run, with the keyboard alone', async () => {
    const opened = await shown('gather', { event: 0 })
    const { page } = opened
    await press(page, 'e')
    await until(page, () => document.activeElement?.id === 'field')
    await press(page, 'Control+Home', 'End', 'Enter', 'Tab')
    await page.keyboard.type('var wrong = 1')
    assert.match(await page.$eval('#field', (e) => e.value), /^package gather\n\tvar wrong = 1\n/)
    await press(page, 'Enter')
    await page.keyboard.type('x')
    assert.match(await page.$eval('#field', (e) => e.value), /\n\tx\n/, 'a line begins as the one before')
    await press(page, 'Shift+Tab')
    assert.match(await page.$eval('#field', (e) => e.value), /\nx\n/)
    await press(page, 'Control+z')
    assert.match(await page.$eval('#field', (e) => e.value), /\n\tx\n/, 'what was written can be undone')
    await press(page, 'Escape')
    assert.equal(await page.evaluate(() => document.activeElement.id), 'run', 'Escape leaves the field')
    await press(page, 'Enter')
    await page.waitForSelector('.answer li')
    assert.match(await text(page, '.answer li'), /line 2.*undefined: wrong/)
    assert.equal(await text(page, '.numbers .wrong'), '2')
    await tabTo(page, '.answer li button')
    await press(page, 'Enter')
    assert.deepEqual(await page.evaluate(() => [document.activeElement.id, document.activeElement.value.slice(0, document.activeElement.selectionStart).split('\n').length]), ['field', 2])
    await press(page, 'Control+a')
    await page.keyboard.type('package gather // 3 s')
    await press(page, 'Control+Enter')
    await until(page, () => document.querySelector('.answer')?.textContent.includes('It ran'))
    assert.match(await text(page, '.answer pre'), /A starts\nB starts/)
    assert.match(await text(page, 'header'), /your program, recorded/)
    await press(page, 'Escape', 'Escape')
    await page.waitForSelector('.code')
    assert.match(await text(page, '.code'), /3 s/, 'the program that was run is shown')
    await press(page, 'End')
    assert.match(await where(page), /3.0 s/)
    await press(page, 'e')
    await page.click('.runbar button:nth-of-type(2)')
    assert.match(await page.$eval('#field', (e) => e.value), /asyncio.Gather/, 'it is reset')
    await until(page, () => !document.querySelector('header').textContent.includes('your program'))
    await closing(opened)
  })
  await test('tour: a program that runs for too long says so, with what it has printed', async () => {
    const opened = await shown('gather')
    const { page } = opened
    await press(page, 'e')
    await until(page, () => document.activeElement?.id === 'field')
    await press(page, 'Control+a')
    await page.keyboard.type('forever')
    await press(page, 'Control+Enter')
    await page.waitForSelector('.answer .error')
    assert.match(await text(page, '.answer'), /more than 10 s.*A starts/)
    await closing(opened)
  })
  await test('tour: everything is reached by Tab, and nothing holds it', async () => {
    const opened = await shown('concurrency', { event: 5 })
    const { page } = opened
    const seen = []
    for (let i = 0; i < 60; i++) {
      await press(page, 'Tab')
      seen.push(await page.evaluate(() => document.activeElement.id || document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.slice(0, 24)))
    }
    for (const name of ['Lesson 1 of', 'The program in Go', 'Output', 'step ▸', 'play', 'slider', 'Speed', 'first-parameter', 'parameter-table', 'all keys']) assert.ok(seen.some((s) => s.includes(name)), `${name}: ${seen.join(', ')}`)
    await closing(opened)
  })
  await test('tour: the token comes with the address and does not stay in it', async () => {
    const { page, errors } = await open(b, `${plainUrl}#${encodeURIComponent('a secret')}/tour/gather`)
    await until(page, () => document.querySelector('h1')?.textContent.startsWith('Gather'))
    assert.equal(new URL(page.url()).hash, '#tour/gather')
    await page.reload()
    await until(page, () => document.querySelector('h1')?.textContent.startsWith('Gather'))
    assert.deepEqual(errors, [])
    await page.close()
  })
  await test('tour: without the token, or the command, it says what to do', async () => {
    const { page } = await open(b, plainUrl)
    await until(page, () => document.querySelector('.error')?.textContent === 'The tour wants the token of its address.')
    await page.close()
    const gone = await serveTour()
    const opened = await at(b, gone, 'gather', { event: 0 })
    await gone.close()
    await press(opened.page, 'p', 'ArrowRight')
    await until(opened.page, () => document.querySelector('.try .error').textContent.includes('Start it again: asyncio tour --web'))
    await opened.page.close()
  })
  await test('tour: a version that the page cannot read is said', async () => {
    const other = await serveTour({ tour: lessons({ version: 2 }) })
    const { page } = await open(b, other.url)
    await until(page, () => document.querySelector('.error')?.textContent.includes('version 2'))
    await page.close()
    await other.close()
  })
  await test('tour: names that hold markup are text', async () => {
    const tour = lessons()
    const evil = '<img src=x onerror="globalThis.owned=1">'
    tour.lessons[1].recording = JSON.parse(JSON.stringify(tour.lessons[1].recording).replaceAll('"name":"A"', `"name":${JSON.stringify(evil)}`).replaceAll('A starts', evil.replaceAll('"', '\\"')))
    tour.lessons[1].title = tour.lessons[1].go[0] = evil
    const other = await serveTour({ tour })
    const opened = await at(b, other, 'gather', { event: 12 })
    await press(opened.page, 'End', 'g')
    assert.ok((await text(opened.page, 'body')).includes(evil))
    assert.equal(await opened.page.evaluate(() => globalThis.owned), undefined)
    await closing(opened)
    await other.close()
  })
  await files(b, test)
  await wasm(b, test)
  await recorded(b, test)
  await test('tour: the page is at most 60 kB compressed, and asks nobody else for anything', async () => {
    let size = 0
    for (const name of await readdir(DIST)) {
      const body = await readFile(path.join(DIST, name))
      size += gzipSync(body, { level: 9 }).length
      const addresses = (body.toString().match(/https?:\/\/[^"'`\s)]+/g) ?? []).filter((a) => !a.startsWith('http://www.w3.org/'))
      assert.deepEqual(addresses, [], name)
    }
    console.log(`      ${size} bytes`)
    assert.ok(size <= 60000)
  })
  await server.close()
  await free.close()
}

/** The static site, from a file:// address. */
async function files(b, test) {
  const folder = await exportTour()
  const url = pathToFileURL(path.join(folder, 'index.html')).href
  await test('tour, from file://: all lessons open; the first one soon', async () => {
    const { page, errors } = await open(b, url)
    const requests = []
    page.on('request', (r) => requests.push(r.url()))
    await page.reload()
    await page.waitForSelector('canvas.picture')
    const visible = await page.evaluate(async () => {
      const paint = () => performance.getEntriesByName('first-contentful-paint')[0]
      while (!paint()) await new Promise((done) => setTimeout(done, 10))
      return paint().startTime
    })
    console.log(`      the first lesson was visible after ${Math.round(visible)} ms (300 wanted)`)
    assert.ok(requests.every((r) => r.startsWith('file://')), requests.join())
    for (const name of NAMES) {
      await page.goto(`${url}#tour/${name}`)
      await until(page, (t) => document.querySelector('h1')?.textContent === t, lessons().lessons.find((l) => l.name === name).title)
      await press(page, '1', 'End')
      await page.waitForSelector('.conclusion')
    }
    assert.deepEqual(errors, [])
    await page.close()
  })
  await test('tour, from file://: it says why values and code cannot be changed', async () => {
    const { page, errors } = await open(b, `${url}#tour/concurrency`)
    await page.waitForSelector('h1')
    assert.match(await text(page, '.try'), /opened from a file/)
    assert.ok(await page.$eval('#first-parameter', (e) => e.disabled))
    await press(page, 'e')
    await until(page, () => document.querySelector('.reason')?.textContent.includes('The code cannot be edited here'))
    assert.equal(await page.$('#field'), null)
    assert.deepEqual(errors, [])
    await page.close()
  })
  await rm(folder, { recursive: true })
}

// A WebAssembly module with nothing in it, as .lzma.
const EMPTY_PROGRAM = [3, 0, 32, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 26, 27, 84, 47, 18, 32, 123, 103, 112, 0]

/** The static site on a web server, with a program in place of Go's: the page loads it when it is wanted, and not before. */
async function wasm(b, test) {
  const folder = await exportTour()
  const site = await serveTour({ folder })
  await test('tour, static: the loop is loaded when a parameter is changed, and runs in a Worker', async () => {
    await writeFile(path.join(folder, 'tour.wasm.lzma'), Buffer.from(EMPTY_PROGRAM))
    await writeFile(
      path.join(folder, 'wasm_exec.js'),
      `class Go {
        importObject = {}
        async run() {
          const answers = ${JSON.stringify({ '2100ms': run('gather', { A: '2100ms' }), '2200ms': { error: 'A=2200ms: has to be less, says the lesson' } })}
          asyncioTour((request, done) => setTimeout(() => done(JSON.stringify(answers[JSON.parse(request).values.A]))))
          await new Promise(() => {})
        }
      }`,
    )
    const { page, errors } = await open(b, `${site.url}#tour/gather`)
    const loaded = []
    page.on('request', (r) => loaded.push(path.basename(r.url())))
    await page.waitForSelector('h1')
    await press(page, '1', 'End')
    assert.deepEqual(loaded.filter((name) => /wasm|worker/.test(name)), [])
    await press(page, 'p', 'ArrowRight')
    await until(page, () => document.querySelector('.transport .at').textContent.includes('2.1 s'))
    assert.ok(loaded.includes('tour.wasm.lzma'), loaded.join())
    await press(page, 'ArrowRight')
    await until(page, () => document.querySelector('.try .error').textContent === 'A=2200ms: has to be less, says the lesson')
    await page.evaluate(() => document.activeElement.blur())
    await press(page, ']')
    assert.match(await text(page, '.try'), /starts a program, which a browser cannot/)
    assert.ok(await page.$eval('#first-parameter', (e) => e.disabled))
    assert.deepEqual(errors, [])
    await page.close()
  })
  await test('tour, static: where the loop cannot be loaded, it says so', async () => {
    await rm(path.join(folder, 'tour.wasm.lzma'))
    const { page } = await open(b, `${site.url}#tour/gather`)
    await page.waitForSelector('h1')
    await press(page, 'p', 'ArrowRight')
    await until(page, () => document.querySelector('.try .error').textContent.startsWith('The loop could not be loaded'))
    await page.close()
  })
  await site.close()
  await rm(folder, { recursive: true })
}

/** What the library has recorded of the lessons: the page has a word and a mark for all of it. */
async function recorded(b, test) {
  const folder = fileURLToPath(new URL('../../../lessons/testdata', import.meta.url))
  const files = existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith('.json')) : []
  if (!files.length) return console.log('skipped: there are no recordings of the library')
  const [like] = lessons().lessons
  const list = await Promise.all(
    files.map(async (name, i) => {
      const recording = JSON.parse(await readFile(path.join(folder, name), 'utf8'))
      return { ...like, number: i + 1, name: path.basename(name, '.json'), title: name, params: [], recording }
    }),
  )
  const server = await serveTour({ tour: { version: 1, lessons: list, canEdit: false, canEditWhy: 'no' } })
  await test(`tour: the ${list.length} recordings of the library, event by event`, async () => {
    for (const { name, recording } of list) {
      const opened = await at(b, server, name, { event: 0 })
      const { page } = opened
      await press(page, '1')
      const last = await page.$eval('#slider', (e) => Number(e.max))
      for (let n = 0; n < last; n++) {
        await press(page, 'ArrowRight')
        const said = await page.$$eval('.boxes, .why, [aria-live], .transport, .sr table', (l) => l.map((e) => e.textContent).join(' | '))
        assert.equal(/.{0,60}(undefined|NaN|null|\[object|task \d|Infinity|step 0).{0,60}/.exec(said)?.[0], undefined, `${name}, event ${n + 1}`)
      }
      assert.equal(await page.$$eval('.out div:not(.next, .failed)', (l) => l.length), recording.events.filter((e) => e.k === 'print' || e.k === 'report').length, name)
      assert.deepEqual(opened.errors, [])
      await page.close()
    }
  })
  await server.close()
}
