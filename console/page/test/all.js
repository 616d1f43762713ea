// Tests of the page in headless Chromium:
//
//	node test/all.js                  against made-up programs, and the tour: every test
//	node test/all.js URL [EXPECTED]   against a process: what holds for any program
//
// EXPECTED says what the process is known to do: deadlock, stuck, tasks=N, loops=N,
// name=TASK (a task of that name is there). ONLY=TEXT in the environment runs the tests
// with the text in their names. It prints what was tested; the exit
// status is 1 if something is wrong, and 0 also where there is no Chromium, which is said.

import { browser } from './browser.js'
import { anyProgram } from './any.js'
import { madeUp } from './madeup.js'
import { foldTests } from './fold.js'
import { hostTests } from './hosts.js'
import { tourTests } from './tour.js'

const [url, ...words] = process.argv.slice(2)
const expected = Object.fromEntries(words.map((w) => [w.split('=')[0], w.includes('=') ? w.slice(w.indexOf('=') + 1) : true]))

const b = await browser()
if (!b) {
  console.log('skipped: there is no chromium (set CHROMIUM to its path)')
  process.exit(0)
}

let failed = 0
let passed = 0

/** One test: it throws if something is wrong. */
async function test(name, f) {
  if (!name.includes(process.env.ONLY ?? '')) return
  const began = performance.now()
  try {
    await f()
    passed++
    console.log(`ok    ${name} (${Math.round(performance.now() - began)} ms)`)
  } catch (error) {
    failed++
    console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).replaceAll('\n', '\n      ')}`)
  }
}

try {
  if (url) await anyProgram(b, test, url, expected)
  else {
    await madeUp(b, test)
    await hostTests(b, test)
    await foldTests(test)
    await tourTests(b, test)
  }
} finally {
  await b.close()
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
