// What a reader does with the tour, in headless Chromium, with the keyboard only.
//
//	node tour.mjs site FOLDER    the static site, from file:// and from a web server
//	node tour.mjs web ADDRESS    asyncio tour --web, with a program that is edited
//
// The exit status is 1 if something is wrong. Figures are printed, and decide nothing.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { browser, open } from '../../../../console/page/test/browser.js'

const [what, where] = process.argv.slice(2)
const PATIENCE = { timeout: 120_000 } // with a machine that is busy
const b = await browser()

const press = async (page, ...keys) => {
  for (const key of keys) await page.keyboard.press(key)
}
const text = (page, selector) => page.$eval(selector, (e) => e.innerText)
const until = (page, f, arg) => page.waitForFunction(f, arg, PATIENCE)

async function at(url) {
  const opened = await open(b, url)
  await opened.page.waitForSelector('h1', PATIENCE)
  return opened
}

async function done({ page, errors }) {
  assert.deepEqual(errors, [], 'the page has no errors')
  await page.close()
}

/** Every lesson is played to its end and back. */
async function playAll(url) {
  const opened = await at(`${url}#tour/concurrency`)
  const { page } = opened
  const count = Number(/of (\d+)/.exec(await text(page, 'body'))[1])
  assert.ok(count >= 14, `${count} lessons`)
  const titles = new Set()
  for (let i = 1; i <= count; i++) {
    titles.add(await text(page, 'h1'))
    await press(page, '1', 'End')
    await page.waitForSelector('.conclusion', PATIENCE)
    assert.match(await text(page, '.transport .at'), /event (\d+) of \1\b/)
    await press(page, 'Home')
    assert.match(await text(page, '.transport .at'), /event 0 of/)
    if (i < count) {
      await press(page, ']')
      await until(page, (n) => document.body.innerText.includes(`Lesson ${n} of`), i + 1)
    }
  }
  assert.equal(titles.size, count, 'each lesson has its own title')
  await done(opened)
}

/** A parameter is changed, and the loop runs again. */
async function changeParameter(url) {
  const opened = await at(`${url}#tour/gather`)
  const { page } = opened
  await press(page, '1', 'End')
  const at2 = await text(page, '.transport .at')
  assert.match(at2, /2\.0 s$/)
  for (const length of ['2.1 s', '2.2 s']) { // the first one loads the loop
    await press(page, 'p')
    const began = performance.now()
    await press(page, 'ArrowRight')
    await until(page, (n) => document.querySelector('output[for=first-parameter]').innerText === n && !document.querySelector('.try').innerText.includes('running'), length)
    console.log(`a changed parameter is drawn after ${Math.round(performance.now() - began)} ms`)
    await press(page, 'Shift+Tab', 'End') // away from the slider, which has an end of its own
    await until(page, (n) => document.querySelector('.transport .at').innerText.endsWith(n), length)
  }
  await done(opened)
}

async function fromFile(folder) {
  const url = pathToFileURL(path.join(folder, 'index.html')).href
  await playAll(url)
  const opened = await at(`${url}#tour/gather`)
  assert.match(await text(opened.page, '.reason'), /opened from a file/)
  assert.ok(await opened.page.$eval('#first-parameter', (e) => e.disabled))
  await press(opened.page, 'e')
  await until(opened.page, () => document.body.innerText.includes('asyncio tour --web'))
  await done(opened)
}

/** A server as simple as they are: it knows nothing of what it serves. */
async function served(folder) {
  const server = createServer(async (request, response) => {
    const name = new URL(request.url, 'http://x').pathname
    try {
      const body = await readFile(path.join(folder, path.basename(name) || 'index.html'))
      const kinds = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml', '': 'text/html' }
      response.writeHead(200, { 'Content-Type': kinds[path.extname(name)] ?? 'application/octet-stream' }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}

async function site(folder) {
  await fromFile(folder)
  const { url, close } = await served(folder)
  const opened = await open(b, url)
  await opened.page.waitForSelector('h1', PATIENCE)
  const shown = await opened.page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
  console.log(`the first lesson is visible after ${Math.round(shown)} ms`)
  await done(opened)
  await changeParameter(url)
  close()
}

/** A program is edited: it runs, it does not compile, it is as before. */
async function edit(url) {
  const opened = await at(url)
  const { page } = opened
  assert.ok(!page.url().includes(new URL(url).hash.slice(1, 10)), 'the token is not in the address')
  await press(page, 'e')
  await page.waitForSelector('#field', PATIENCE)
  const code = await page.$eval('#field', (e) => e.value)
  const write = async (program) => {
    await page.focus('#field')
    await press(page, 'ControlOrMeta+a')
    await page.keyboard.insertText(program)
    await press(page, 'Control+Enter')
  }
  const began = performance.now()
  await write(code.replace('"starts"', '"is edited"'))
  await until(page, () => document.querySelector('#compiler')?.innerText.includes('It ran'))
  console.log(`an edited program is drawn after ${Math.round(performance.now() - began)} ms`)
  await press(page, 'Escape', 'Escape')
  await press(page, '1', 'End')
  await until(page, () => document.body.innerText.includes('A is edited'))

  await press(page, 'e')
  await page.waitForSelector('#field', PATIENCE)
  await write(code.replace('"starts"', 'starts'))
  await until(page, () => document.querySelector('#compiler')?.innerText.includes('undefined: starts'))
  const line = code.slice(0, code.indexOf('"starts"')).split('\n').length
  assert.match(await text(page, '#compiler'), new RegExp(`line ${line}\\b`))
  assert.equal(await text(page, '.numbers .wrong'), String(line))
  await done(opened)
}

async function web(url) {
  await edit(url)
  // The token is of this tab; another one has none, and says so.
  const stranger = await open(b, new URL('/', url).href)
  await until(stranger.page, () => document.body.innerText.includes('wants its token'))
  await stranger.page.close()
  const opened = await at(url)
  await done(opened)
}

try {
  await { site, web }[what](where)
} finally {
  await b.close()
}
