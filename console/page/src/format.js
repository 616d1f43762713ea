// Numbers as text. All durations are nanoseconds.

/** 350 ns, 12 µs, 1.5 ms, 45 ms, 6.4 s, 3 min 12 s, 2 h 5 min. */
export function duration(ns) {
  if (Number.isNaN(ns)) return ''
  ns = Math.max(0, ns) // a state may be a little older than an event
  if (ns < 1e3) return `${Math.round(ns)} ns`
  if (ns < 1e6) return `${short(ns / 1e3)} µs`
  if (ns < 999.5e6) return `${short(ns / 1e6)} ms`
  if (ns < 59.95e9) return `${(ns / 1e9).toFixed(1)} s`
  const s = Math.round(ns / 1e9)
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
}

/** The same in one unit, for where there is little room: 42 s, 3 min, 2 h. */
export function roughly(ns) {
  const s = Math.round(ns / 1e9)
  return s < 100 ? `${s} s` : s < 6000 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`
}

const short = (x) => (x < 9.95 ? x.toFixed(1).replace(/\.0$/, '') : String(Math.round(x)))

const english = new Intl.NumberFormat('en')
export const count = (n) => english.format(n)

/** The border of a bin of a histogram, 2^i microseconds: 32 µs, 4 ms, 2 s. */
export const power = (i) => (i < 10 ? `${2 ** i} µs` : i < 20 ? `${2 ** (i - 10)} ms` : `${2 ** (i - 20)} s`)

/** A count with its noun: 1 task, 2 tasks. */
export const many = (n, noun) => `${count(n)} ${noun}${n === 1 ? '' : 's'}`

/** What rows of a kind are called. */
export const several = (kind) => (kind === 'remote' ? kind : `${kind}s`)

export const percent = (x) => `${(x * 100 || 0).toFixed(1)} %`

const GO = /"(?:[^"\\]|\\.)*"|(?<![\w.:/-])(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?(?:ns|µs|ms|s)(?![\w.:/-])/g
const UNITS = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, µs: 1e3, ns: 1 }

/**
 * A text of the program's console as the page writes it: a duration as Go prints it,
 * 809.989463ms, becomes 810 ms. What stands in quotes is a name, and stays.
 */
export function words(text) {
  return text.replace(GO, (x) => {
    if (x[0] === '"') return x
    let ns = 0
    for (const [, n, unit] of x.matchAll(/([\d.]+)(h|ms|µs|ns|m|s)/g)) ns += Number(n) * UNITS[unit]
    return duration(ns).replace(/\.0 s$/, ' s')
  })
}

/** What a wait is for, in words. */
export const waitText = (wait) => words(wait.text)

export const place = (frame) => (frame ? `${frame.file}:${frame.line}` : '')
