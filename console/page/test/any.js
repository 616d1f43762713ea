// What holds for the page whatever program is behind it.

import assert from 'node:assert/strict'
import { open } from './browser.js'

const PATIENCE = 30e3 // a busy machine; no test waits for it to pass

export const VIEWS = ['timeline', 'table', 'tree', 'waits', 'health', 'warnings']

/** Waits until there are frames and a state. */
export async function ready(page, frames = 5) {
  await page.waitForFunction((n) => globalThis.asyncioPage?.store.n >= n && document.querySelector('.figures .n')?.textContent.trim() !== '–', frames, { timeout: PATIENCE })
}

export const until = (page, f, arg) => page.waitForFunction(f, arg, { timeout: PATIENCE })

/** The share of the pixels of a canvas that are not its ground: is anything drawn? */
export const drawn = (page, selector) =>
  page.$eval(selector, (c) => {
    const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height)
    let n = 0
    for (let i = 3; i < data.length; i += 4) if (data[i] > 0) n++
    return n / (data.length / 4)
  })

/** Does every text stand out from its ground? WCAG: 4.5 to 1. */
export const contrasts = (page) =>
  page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 1
    const g = canvas.getContext('2d', { willReadFrequently: true })
    const rgb = (color) => {
      g.clearRect(0, 0, 1, 1)
      g.fillStyle = color
      g.fillRect(0, 0, 1, 1)
      return g.getImageData(0, 0, 1, 1).data
    }
    const light = ([r, gr, b]) => [r, gr, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0)
    const ground = (e) => {
      for (; e; e = e.parentElement) {
        const c = rgb(getComputedStyle(e).backgroundColor)
        if (c[3] === 255) return c
      }
      return [255, 255, 255]
    }
    const bad = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) {
      const e = walk.currentNode.parentElement
      if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest('.sr')) continue
      const svg = e instanceof SVGElement
      const a = light(rgb(getComputedStyle(e)[svg ? 'fill' : 'color']))
      const b = light(ground(svg ? e.closest('div, section, figure') : e))
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      if (ratio < 4.5) bad.push(`${walk.currentNode.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`)
    }
    return bad
  })

/** Things that are wider than the page, or lie over one another in the head. */
export const overflow = (page) => page.evaluate(() => (document.documentElement.scrollWidth > innerWidth + 1 ? [`the page is ${document.documentElement.scrollWidth} px wide, the window ${innerWidth}`] : []))

export async function anyProgram(b, test, url, expected) {
  for (const dark of [false, true]) {
    const { page, errors } = await open(b, url, { dark })
    await test(`${dark ? 'dark' : 'light'}: frames and states come`, () => ready(page))
    for (const [i, view] of VIEWS.entries()) {
      await test(`${dark ? 'dark' : 'light'}: view ${view}, by its key`, () => show(page, view, String(i + 1)))
    }
    await test(`${dark ? 'dark' : 'light'}: the page has no error`, () => assert.deepEqual(errors, []))
    await page.close()
  }
  for (const [width, height] of [[900, 700], [400, 800]]) {
    await test(`${width} px: one column, nothing is wider than the window`, async () => {
      const { page, errors } = await open(b, url, { width, height })
      await ready(page)
      for (const i of [1, 2, 3, 4, 5, 6]) {
        await page.keyboard.press(String(i))
        assert.deepEqual(await overflow(page), [], VIEWS[i - 1])
      }
      assert.deepEqual(errors, [])
      await page.close()
    })
  }
  const { page, errors } = await open(b, url)
  await ready(page)
  await test('what the process is known to do is shown', () => shows(page, expected))
  await keyboard(test, page)
  await test('the page has no error in the end', () => assert.deepEqual(errors, []))
  await page.close()
}

async function show(page, view, key) {
  await page.keyboard.press(key)
  await until(page, (v) => document.querySelector('nav [aria-current]')?.textContent.startsWith(v), view)
  const has = {
    timeline: 'canvas.lanes',
    table: '[role=grid] [role=row][aria-rowindex="2"]',
    tree: '[role=tree] [role=treeitem]',
    waits: '.graph',
    health: '.chart canvas',
    warnings: '.warnings.all',
  }[view]
  await page.waitForSelector(has, { timeout: PATIENCE })
  if (view === 'timeline') {
    await until(page, () => document.querySelector('canvas.lanes').dataset.mode)
    assert.ok((await drawn(page, 'canvas.lanes')) > 0.01, 'the lanes are drawn')
    assert.ok((await drawn(page, 'canvas.strip')) > 0.01, 'the overview is drawn')
  }
  if (view === 'health') await until(page, () => document.querySelector('.chart canvas').getContext('2d').getImageData(0, 0, 2000, 400).data.some((v) => v > 0))
  assert.deepEqual(await contrasts(page), [], 'all text has a contrast of 4.5 to 1')
  assert.deepEqual(await overflow(page), [])
}

async function shows(page, expected) {
  if (expected.deadlock) {
    await page.keyboard.press('1')
    await page.waitForSelector('aside article.bad .cycle', { timeout: PATIENCE })
    await until(page, () => document.querySelector('[role=row].bad'))
    await page.keyboard.press('4')
    await page.waitForSelector('.knots .cycle .waits', { state: 'attached', timeout: PATIENCE })
  }
  if (expected.stuck) await page.waitForSelector('.notice.stuck ol li', { timeout: PATIENCE })
  if (expected.tasks) {
    await page.keyboard.press('2')
    const want = Number(expected.tasks)
    await until(page, (n) => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) > n, want)
    const rows = await page.$$eval('[role=grid] [role=row]', (r) => r.length)
    assert.ok(want < 200 || rows < 200, `only the rows in sight are in the document, not ${rows}`)
    if (want >= 1000) {
      await page.keyboard.press('1')
      await until(page, () => document.querySelector('canvas.lanes')?.dataset.mode === 'density')
    }
  }
  if (expected.loops) assert.equal(await page.$$eval('.parameter option', (o) => o.length), Number(expected.loops))
  if (expected.name) {
    await page.keyboard.press('2')
    await page.keyboard.press('/')
    await page.keyboard.type(`name:${expected.name}`)
    await page.keyboard.press('Enter')
    await until(page, (name) => [...document.querySelectorAll('[role=row] .name')].some((e) => e.textContent.includes(name)), expected.name)
    await page.keyboard.press('Escape')
  }
}

/** Everything the page can do, with the keyboard alone. */
export async function keyboard(test, page) {
  const label = () => page.$eval('.bar .grow', (e) => e.textContent)
  await page.keyboard.press('1')
  await page.waitForSelector('canvas.lanes')
  await test('keys: ↓ selects a task, its detail comes', async () => {
    await page.keyboard.press('ArrowDown')
    await until(page, () => document.querySelector('.detail h2')?.textContent.startsWith('Selected'))
    await page.waitForSelector('.detail .stack', { timeout: PATIENCE })
    const first = await page.$eval('.detail h2', (e) => e.firstChild.data + e.childNodes[1]?.data)
    await page.keyboard.press('ArrowDown')
    await until(page, (before) => document.querySelector('.detail h2').firstChild.data + document.querySelector('.detail h2').childNodes[1]?.data !== before, first)
  })
  await test('keys: + and − zoom, ← goes back, End comes to the present', async () => {
    const before = await label()
    await page.keyboard.press('+')
    await until(page, (t) => document.querySelector('.bar .grow').textContent !== t, before)
    await page.keyboard.press('-')
    await page.keyboard.press('ArrowLeft')
    await until(page, () => document.querySelector('.bar .grow').textContent.includes('ago'))
    await page.keyboard.press('End')
    await until(page, () => document.querySelector('.bar .grow').textContent.startsWith('last'))
  })
  await test('keys: space stops the picture, the record goes on', async () => {
    await page.keyboard.press(' ')
    await until(page, () => document.querySelector('.live').textContent.startsWith('paused, still recording'))
    const n = await page.evaluate(() => asyncioPage.store.n)
    const still = await page.$eval('.figures', (e) => e.textContent)
    await until(page, (before) => asyncioPage.store.n > before + 12, n)
    assert.equal(await page.$eval('.figures', (e) => e.textContent), still, 'the figures stand still')
    await page.keyboard.press(' ')
    await until(page, () => document.querySelector('.live').textContent.startsWith('live'))
  })
  await test('keys: / searches, Escape ends it', async () => {
    await page.keyboard.press('2')
    await page.keyboard.press('/')
    await page.keyboard.type('no task is called so')
    await until(page, () => document.querySelector('.none')?.textContent.includes('No task fits'))
    await page.keyboard.press('Escape')
    await until(page, () => document.querySelector('[role=row][aria-rowindex="2"]') && document.getElementById('find').value === '')
  })
  await test('keys: S sorts the table, Tab reaches it, ↓ and End move in it', async () => {
    const sorted = () => page.$eval('[role=columnheader]:not([aria-sort=none])', (e) => e.textContent + e.getAttribute('aria-sort'))
    const before = await sorted()
    await page.keyboard.press('s')
    await until(page, (b) => document.querySelector('[role=columnheader]:not([aria-sort=none])').textContent + document.querySelector('[role=columnheader]:not([aria-sort=none])').getAttribute('aria-sort') !== b, before)
    await page.evaluate(() => document.activeElement?.blur())
    for (let i = 0; i < 40 && !(await page.evaluate(() => document.activeElement.getAttribute('role') === 'grid')); i++) await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('role')), 'grid')
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none', 'the focus can be seen')
    await page.keyboard.press('End')
    await until(page, () => {
      const grid = document.querySelector('[role=grid]')
      return document.getElementById(grid.getAttribute('aria-activedescendant'))?.getAttribute('aria-rowindex') === grid.getAttribute('aria-rowcount')
    })
  })
  await test('keys: the tree folds with ← and unfolds with →', async () => {
    await page.keyboard.press('3')
    await page.waitForSelector('[role=treeitem]')
    await page.keyboard.press('ArrowDown')
    for (let i = 0; i < 50 && !(await page.$('[role=treeitem][aria-selected=true][aria-expanded]')); i++) await page.keyboard.press('ArrowUp')
    if (!(await page.$('[role=treeitem][aria-selected=true][aria-expanded=true]'))) return // no group
    await page.keyboard.press('ArrowLeft')
    await page.waitForSelector('[role=treeitem][aria-selected=true][aria-expanded=false]', { timeout: PATIENCE })
    await page.keyboard.press('ArrowRight')
    await page.waitForSelector('[role=treeitem][aria-selected=true][aria-expanded=true]', { timeout: PATIENCE })
  })
  await test('keys: ? shows all keys, Escape closes; D turns dark and light', async () => {
    await page.keyboard.press('?')
    await page.waitForSelector('dialog[open] kbd')
    await page.keyboard.press('Escape')
    await page.waitForSelector('dialog', { state: 'detached' })
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
    const before = await theme()
    await page.keyboard.press('d')
    assert.notEqual(await theme(), before)
    await page.keyboard.press('d')
  })
  await test('keys: T shows the lanes as a table of text, which is always there for screen readers', async () => {
    await page.keyboard.press('1')
    await page.waitForSelector('.sr table tbody tr', { state: 'attached', timeout: PATIENCE })
    await page.keyboard.press('t')
    await page.waitForSelector('.astext table tbody tr', { timeout: PATIENCE })
    await page.keyboard.press('t')
  })
  await test('keys: Tab goes through the page and comes to its end', async () => {
    const seen = new Set()
    await page.evaluate(() => document.activeElement?.blur())
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      seen.add(await page.evaluate(() => document.activeElement.id || document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.slice(0, 20)))
    }
    for (const name of ['find', 'Tasks', 'timeline']) assert.ok([...seen].some((s) => s.includes(name)), `${name} is reached: ${[...seen].join(', ')}`)
  })
}
