// Pictures of the pages for documents: node test/pictures.js FOLDER [URL].
// Without URL a made-up program is shown; URL is that of a console, or, with #tour, of
// a tour: the address that asyncio tour --web prints, or of the file index.html of a static
// site. PNGs of 1440x900, of some 150 kB each.

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { browser, open } from './browser.js'
import { ready, VIEWS } from './any.js'
import { serve } from '../dev/server.js'

const [folder, url] = process.argv.slice(2)
if (!folder) {
  console.error('say where the pictures go: node test/pictures.js FOLDER [URL]')
  process.exit(2)
}
const b = await browser()
if (!b) {
  console.error('there is no chromium (set CHROMIUM to its path)')
  process.exit(1)
}
mkdirSync(folder, { recursive: true })
if (url?.includes('tour')) {
  await tour()
  await b.close()
  process.exit(0)
}
const server = url ? null : await serve({ deadlock: true, slow: true })
for (const dark of [false, true]) {
  const { page } = await open(b, url ?? server.url, { dark })
  await ready(page)
  // Twelve seconds, so that there is something to see; frames count from when the process began.
  await page.waitForFunction((to) => asyncioPage.store.n >= to, (await page.evaluate(() => asyncioPage.store.n)) + 120)
  await page.keyboard.press('ArrowDown')
  for (const [i, view] of VIEWS.entries()) {
    await page.keyboard.press(String(i + 1))
    await page.waitForTimeout(1500)
    await page.screenshot({ path: path.join(folder, `console-${view}-${dark ? 'dark' : 'light'}.png`) })
  }
  await page.close()
}
await b.close()
await server?.close()

/** The first lesson in the middle of what it shows: where the next to run has been ready for a while. */
async function tour() {
  for (const dark of [false, true]) {
    const { page } = await open(b, url, { dark })
    await page.waitForSelector('canvas.picture')
    await page.keyboard.press('2')
    for (let i = 0; i < 40 && !(await page.$eval('.why li', (e) => /step 2ready for/.test(e.textContent)).catch(() => false)); i++) await page.keyboard.press('n')
    await page.screenshot({ path: path.join(folder, `tour-${dark ? 'dark' : 'light'}.png`) })
    await page.close()
  }
}
