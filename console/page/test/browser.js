// What the tests and the measuring share: a browser, and a page with its errors kept.

import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const PATHS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].filter(Boolean)

/** A headless Chromium of the system; null if there is none. */
export async function browser() {
  const executablePath = PATHS.find((p) => existsSync(p))
  return executablePath ? chromium.launch({ executablePath, args: ['--no-sandbox'] }) : null
}

/** A page at an address, 1440x900 unless said otherwise, and what went wrong in it. */
export async function open(b, url, { width = 1440, height = 900, dark = false, still = false } = {}) {
  const page = await b.newPage({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: still ? 'reduce' : 'no-preference' })
  const errors = []
  page.on('pageerror', (e) => errors.push(e.stack))
  page.on('console', (m) => m.type() === 'error' && errors.push(m.text()))
  await page.goto(url)
  return { page, errors }
}
