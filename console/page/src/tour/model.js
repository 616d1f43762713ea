// What is known, and what the reader has chosen, as signals. The only writer of them.

import { signal, computed, batch } from '@preact/signals'
import { Fold } from './fold.js'
import { Story } from './story.js'
import { decoded, sentence } from './source.js'

export const tour = signal(null) // all lessons
export const failure = signal('') // why there are none
export const lesson = signal(null)
export const values = signal({}) // of its parameters, that are not the given ones
export const recording = signal(null)
export const program = signal(null) // {lines}: one that was edited; null: the lesson's
export const refused = signal('') // why the last run was not made
export const waiting = signal(false) // for a recording
export const place = signal(0) // how many events have happened
export const clock = signal(0) // the time of the picture, which glides while it plays
export const playing = signal(false)
export const speed = signal(1)
export const chosen = signal(-1) // a turn that the reader has picked; -1: the one of this moment
export const guesses = signal({}) // of each lesson
export const language = signal('go')
export const editing = signal(false)
export const help = signal(false)
export const listing = signal(false)

export const SPEEDS = [0.25, 0.5, 1, 2, 4]

let source = null

export const story = computed(() => recording.value && new Story(recording.value, lesson.value.loopName))
const fold = computed(() => recording.value && new Fold(recording.value))
export const state = computed(() => fold.value?.at(place.value))
export const guess = computed(() => guesses.value[lesson.value?.name] ?? -1)
export const open = computed(() => !lesson.value?.question?.choices?.length || guess.value >= 0 || program.value !== null)
export const ended = computed(() => !!story.value && place.value === story.value.events.length)
export const canRun = computed(() => !!lesson.value && !!source?.run && !(source.why ?? '') && !(lesson.value.needsProcess && source.prepare))
export const whyNot = computed(() => (lesson.value?.needsProcess && source?.prepare ? 'This lesson starts a program, which a browser cannot: what is shown is its recording.' : source?.why ?? ''))
export const canEdit = computed(() => !!tour.value?.canEdit && !!source?.edit)
export const edit = (code) => source.edit(lesson.peek().name, code)
export const prepare = () => source.prepare?.()

/** The turn that the chain explains. */
export const turn = computed(() => {
  const s = story.value
  if (!s) return null
  return s.turns[chosen.value] ?? s.turnBefore(place.value)
})

/** Gets the lessons, and shows the one of the address. */
export async function start(from) {
  source = from
  try {
    tour.value = await source.lessons()
  } catch (error) {
    failure.value = sentence(error, 'The lessons could not be loaded.')
    return
  }
  const at = Math.floor(Number(new URLSearchParams(location.search).get('event') ?? NaN))
  fromAddress(at)
  addEventListener('hashchange', () => fromAddress(NaN))
}

function fromAddress(at) {
  const name = decoded(location.hash.replace(/^#tour\/?/, ''))
  const list = tour.peek().lessons
  const found = list.find((l) => l.name === name) ?? list[0]
  if (found && found !== lesson.peek()) show(found)
  if (at > 1 && open.peek() === false) answer(found.question.right)
  if (at >= 0) moveTo(story.peek().stops[Math.min(at, story.peek().stops.length - 1)])
}

function show(next) {
  stop()
  batch(() => {
    lesson.value = next
    values.value = {}
    refused.value = ''
    program.value = null
    editing.value = false
    recording.value = next.recording
    reset(0)
  })
  document.title = `${next.title} - asyncio for Go`
}

function reset(n) {
  place.value = n
  clock.value = n ? recording.value.events[n - 1].t : 0
  chosen.value = -1
}

/** Shows another lesson, by its place; the address says which. */
export function goTo(index) {
  const next = tour.peek()?.lessons[index]
  if (!next) return
  listing.value = false
  history.pushState(null, '', `#tour/${next.name}`)
  show(next)
  document.querySelector('main')?.scrollTo?.(0, 0)
  globalThis.scrollTo(0, 0)
  document.querySelector('h1')?.focus()
}

export const next = (d) => goTo(tour.peek().lessons.indexOf(lesson.peek()) + d)

export function answer(choice) {
  if (lesson.peek()?.question?.choices?.[choice] === undefined) return
  guesses.value = { ...guesses.peek(), [lesson.peek().name]: choice }
}

/** Stands after so many events. */
export function moveTo(n) {
  const s = story.peek()
  if (!s) return
  stop()
  batch(() => reset(Math.max(0, Math.min(s.events.length, n))))
}

/** The place of the stop at which the picture stands, or of the one before. */
export const stopIndex = computed(() => {
  const s = story.value
  if (!s) return 0
  let i = 0
  while (i + 1 < s.stops.length && s.stops[i + 1] <= place.value) i++
  return i
})

export function step(d) {
  const s = story.peek()
  if (s) moveTo(s.stops[Math.max(0, Math.min(s.stops.length - 1, stopIndex.peek() + d))])
}

export const moveToStop = (i) => moveTo(story.peek().stops[i])

/** Stands where the next turn begins. */
export function nextSwitch() {
  const s = story.peek()
  const turn = s?.turns.find((t) => t.ev >= place.peek())
  moveTo(turn ? s.stops.find((n) => n > turn.ev) : s.events.length)
}

/** Stands where a turn begins. */
export function pick(turn) {
  const s = story.peek()
  moveTo(s.stops.find((n) => n > turn.ev) ?? s.events.length)
}

// --- playing

const BEAT = 420 // ms that a moment without time takes at the speed 1
let frame = 0
let timer = 0
const still = matchMedia('(prefers-reduced-motion: reduce)')

export function stop() {
  cancelAnimationFrame(frame)
  clearTimeout(timer)
  playing.value = false
}

export function play() {
  if (playing.peek()) return stop()
  const s = story.peek()
  if (!s) return
  if (place.peek() >= s.events.length) reset(0)
  playing.value = true
  beat()
}

export function faster(d) {
  const i = SPEEDS.indexOf(speed.peek())
  speed.value = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, i + d))]
}

/** On to the next stop: the clock glides there, unless nothing is to move. */
function beat() {
  const s = story.peek()
  const i = stopIndex.peek() + 1
  if (i >= s.stops.length) return stop()
  const n = s.stops[i]
  const from = clock.peek()
  const to = s.events[n - 1].t
  const takes = Math.max((to - from) / 1e6, to > from ? 0 : BEAT)
  const arrive = () => {
    batch(() => {
      place.value = n
      clock.value = to
      chosen.value = -1
    })
    beat()
  }
  if (still.matches || to === from) return (timer = setTimeout(arrive, takes / speed.peek()))
  let before = performance.now()
  const glide = (now) => {
    const t = clock.peek() + (now - before) * 1e6 * speed.peek()
    before = now
    if (t >= to) return arrive()
    clock.value = t
    frame = requestAnimationFrame(glide)
  }
  frame = requestAnimationFrame(glide)
}

// --- running again

let asked = null // what is to be run after what runs

/** Runs the lesson with another value of a parameter; the last one wins. */
export function set(name, value) {
  const p = lesson.peek().params.find((q) => q.name === name)
  const all = { ...values.peek(), [name]: value }
  if (p.default === value) delete all[name]
  values.value = all
  runAgain()
}

export function setBack() {
  values.value = {}
  runAgain()
}

async function runAgain() {
  asked = { lesson: lesson.peek(), values: values.peek() }
  if (waiting.peek()) return
  waiting.value = true
  while (asked) {
    const now = asked
    asked = null
    try {
      const made = Object.keys(now.values).length === 0 ? now.lesson.recording : await source.run(now.lesson.name, now.values)
      // Whoever has left the lesson meanwhile, or runs another program, has other values.
      if (now.values === values.peek() && !asked) showRecording(made, null)
    } catch (error) {
      if (now.values === values.peek()) refused.value = sentence(error, 'The lesson could not be run with these values.')
    }
  }
  waiting.value = false
}

/** Shows a recording in place of the one that is there, at the same time as far as it has come. */
export function showRecording(made, edited) {
  stop()
  const atEnd = ended.peek() && place.peek() > 0
  const t = clock.peek()
  const start = place.peek() === 0
  batch(() => {
    refused.value = ''
    program.value = edited
    if (edited) values.value = {} // they are the lesson's
    recording.value = made
    const s = story.value
    if (start) return reset(0)
    if (atEnd) return reset(s.events.length)
    let n = 0
    for (const stop of s.stops) if (stop === 0 || s.events[stop - 1].t <= t) n = stop
    reset(n)
  })
}
