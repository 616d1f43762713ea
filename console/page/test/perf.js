// How much the page costs: node test/perf.js [--url URL] [--tasks N] [--rate N]
// [--seconds N] [--view NAME] [--minutes N] [--hosts N].
//
// The time of script and layout of each frame, from Chromium's own trace: in every
// AnimationFrame (from the task that asks for it to the end of its rendering) all that
// was spent in functions, callbacks, garbage collection, style and layout; what lies in
// another one counts once. With --minutes it also lets the page run, and says how large
// its heap is at the end, arrays included. Without --url a made-up program is watched.

import { parseArgs } from 'node:util'
import { browser, open } from './browser.js'
import { serve } from '../dev/server.js'

const COSTS = new Set(['FunctionCall', 'FireAnimationFrame', 'EventDispatch', 'TimerFire', 'RunMicrotasks', 'MinorGC', 'MajorGC', 'V8.GCIncrementalMarking', 'V8.GCFinalizeMC', 'V8.GCScavenger', 'Layout', 'UpdateLayoutTree', 'HitTest', 'PrePaint', 'EvaluateScript'])

const string = { type: 'string' }
const { values: o } = parseArgs({ options: { url: string, tasks: string, rate: string, seconds: string, view: string, minutes: string, hosts: string } })
const [tasks, rate, seconds, minutes] = [Number(o.tasks ?? 10000), Number(o.rate ?? 1000), Number(o.seconds ?? 20), Number(o.minutes ?? 0)]

const b = await browser()
if (!b) {
  console.log('skipped: there is no chromium (set CHROMIUM to its path)')
  process.exit(0)
}
const server = o.url ? null : await serve({ tasks, rate, hosts: Number(o.hosts ?? 0), deadlock: true, slow: true })
const { page, errors } = await open(b, o.url ?? server.url)
const cdp = await page.context().newCDPSession(page)
await page.waitForFunction(() => globalThis.asyncioPage?.store.n > 50)
const views = ['timeline', 'table', 'tree', 'waits', 'health', 'warnings']
let worst = 0
for (const view of o.view ? [o.view] : views) {
  await page.keyboard.press(String(views.indexOf(view) + 1))
  await page.waitForTimeout(1500)
  const before = await page.evaluate(() => asyncioPage.store.head)
  const frames = costs(await trace(cdp, page, seconds))
  const [thread, wall] = [frames.map((f) => f.thread), frames.map((f) => f.wall)]
  const after = await page.evaluate(() => asyncioPage.store.head)
  const p90 = quantile(thread, 0.9)
  worst = Math.max(worst, p90)
  console.log(`${view.padEnd(9)} ${String(frames.length).padStart(4)} frames, script and layout: p50 ${quantile(thread, 0.5).toFixed(1)} ms, p90 ${p90.toFixed(1)} ms, most ${quantile(thread, 1).toFixed(1)} ms (by the clock ${quantile(wall, 0.5).toFixed(1)}, ${quantile(wall, 0.9).toFixed(1)}, ${quantile(wall, 1).toFixed(1)}); ${Math.round((after - before) / seconds)} segments a second`)
}
if (minutes > 0) {
  await page.keyboard.press('1')
  await page.waitForTimeout(minutes * 60e3)
}
await cdp.send('HeapProfiler.collectGarbage')
const heap = await cdp.send('Runtime.getHeapUsage')
const used = (heap.usedSize + (heap.backingStorageSize ?? 0)) / 1e6
console.log(`heap after ${((await page.evaluate(() => performance.now())) / 60e3).toFixed(1)} min: ${(heap.usedSize / 1e6).toFixed(1)} MB and ${((heap.backingStorageSize ?? 0) / 1e6).toFixed(1)} MB of arrays`)
await b.close()
await server?.close()
for (const e of errors) console.log(`error in the page: ${e}`)
const failed = errors.length > 0 || worst > 16 || used > 150
console.log(failed ? 'FAIL' : 'ok: p90 at most 16 ms, heap at most 150 MB')
process.exit(failed ? 1 : 0)

async function trace(cdp, page, seconds) {
  const events = []
  const on = (e) => events.push(...e.value)
  cdp.on('Tracing.dataCollected', on)
  const categories = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'disabled-by-default-v8.gc', 'v8']
  await cdp.send('Tracing.start', { traceConfig: { recordMode: 'recordUntilFull', includedCategories: categories, traceBufferSizeInKb: 400 * 1024 }, transferMode: 'ReportEvents' })
  await page.waitForTimeout(seconds * 1000)
  const done = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve))
  await cdp.send('Tracing.end')
  await done
  cdp.off('Tracing.dataCollected', on)
  return events
}

/**
 * Milliseconds of each frame, of the thread itself: on a busy machine the clock would
 * count what others did meanwhile. `wall` is by the clock.
 */
function costs(events) {
  const counts = new Map()
  for (const e of events) if (e.name === 'AnimationFrame' && e.ph === 'b') counts.set(`${e.pid} ${e.tid}`, (counts.get(`${e.pid} ${e.tid}`) ?? 0) + 1)
  const main = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
  if (!main) throw new Error('The trace has no frames: is the page drawn at all?')
  const own = events.filter((e) => `${e.pid} ${e.tid}` === main)
  const begun = new Map()
  const frames = []
  for (const e of own) {
    if (e.name !== 'AnimationFrame') continue
    const id = e.id ?? e.id2?.local
    if (e.ph === 'b') begun.set(id, e.ts)
    else if (e.ph === 'e' && begun.has(id)) frames.push({ from: begun.get(id), to: e.ts, thread: 0, wall: 0 })
  }
  frames.sort((a, b) => a.from - b.from)
  const spans = own.filter((e) => e.ph === 'X' && COSTS.has(e.name)).sort((a, b) => a.ts - b.ts)
  let covered = 0
  let frame = 0
  for (const e of spans) {
    if (e.ts < covered) continue // it lies in another one
    covered = e.ts + e.dur
    while (frame < frames.length && frames[frame].to < e.ts) frame++
    const f = frames[frame]
    if (!f || e.ts < f.from) continue
    f.wall += e.dur / 1000
    f.thread += (e.tdur ?? e.dur) / 1000
  }
  return frames
}

function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
}
