// What happens, in words: for the boxes, the chain, and those who hear the page.

import { duration } from '../format.js'

/** A time of the lesson's clock: 0.3 s, and as exact as it has to be. */
export function at(ns) {
  const ms = Math.round(ns / 1e6)
  return ms % 100 === 0 || ns >= 100e9 ? `${(ns / 1e9).toFixed(1)} s` : `${(ns / 1e9).toFixed(ms % 10 === 0 ? 2 : 3)} s`
}

/** How long something takes. */
export const span = (ns) => (ns >= 100e6 || ns === 0 ? at(ns) : duration(ns))

const quoted = (text) => (text.length > 40 ? `"${text.slice(0, 39)}…"` : `"${text}"`)

const several = (names) => (names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names[0] ?? '')

/** What a task waits for: "sleeps 3.0 s", "waits for lock db". */
export function waitWords(wait, from, story) {
  if (!wait) return 'waits'
  if (wait.kind === 'sleep') return wait.until === undefined ? 'sleeps' : `sleeps ${span(wait.until - from)}`
  if (wait.tasks?.length) return `waits for ${several(wait.tasks.map((id) => story.name(id)))}`
  if (wait.kind === 'task') return `waits for ${wait.task ? story.name(wait.task) : wait.name || 'a task'}`
  if (WAITS[wait.kind]) return WAITS[wait.kind][0] + (wait.name ? `${WAITS[wait.kind][1]} ${wait.name}` : '')
  const what = wait.name ? `${wait.kind} ${wait.name}` : `${/^[aeiou]/.test(wait.kind) ? 'an' : 'a'} ${wait.kind}`
  return `waits for ${what}${wait.task ? `, which ${story.name(wait.task)} has` : ''}`
}

// What is said where there is no name, and what comes before one.
const WAITS = {
  read: ['waits to read', ' from'],
  write: ['waits to write', ' to'],
  accept: ['waits for a client', ' at'],
  'queue put': ['waits for room in the queue', ''],
  'queue get': ['waits for the queue', ''],
  'task group': ['waits for its group', ''],
  future: ['waits for a result', ':'],
}

const HOW = { returned: 'is done', failed: 'has failed', canceled: 'is canceled', panicked: 'has panicked' }

/** One event as a sentence without its dot. */
export function eventWords(story, n) {
  const e = story.events[n]
  const loop = story.loopName || 'the loop'
  const who = e.task ? story.name(e.task) : e.row ? e.row : story.turnAt[n] >= 0 ? 'the callback' : ''
  switch (e.k) {
    case 'pass':
      return `pass ${e.n} of the loop begins`
    case 'spawn':
      return e.by?.task ? `${story.name(e.by.task)} starts ${who}` : `${loop} starts ${who}`
    case 'hold':
      return `the limit of its group holds ${who} back`
    case 'awake':
      return `${loop} ${story.loopName ? 'goes on' : 'wakes up'}`
    case 'report':
      return `an error that nobody has taken: ${quoted(e.text ?? '')}`
    case 'push':
      return `${itemName(e.item, story)} goes to the end of the ready queue`
    case 'take':
      return e.back ? 'it is taken out of the ready queue' : 'the first in the queue has its turn'
    case 'begin':
      return `${who} runs, step ${e.step}`
    case 'end':
      if (e.how === 'waits') return `${who} ${waitWords(e.wait, e.t, story)}: ${loop} is free`
      return e.how === 'yields' ? `${who} lets others go first` : e.how === 'pauses' ? `${who} lets the task that it has started run first` : `the last step of ${who} is over`
    case 'call':
      return `a callback runs: ${e.name}`
    case 'called':
      return 'the callback is over'
    case 'wake':
      return `${who} is ready again`
    case 'timer':
      return `a timer is set for ${at(e.at)}`
    case 'due':
      return dueWords(story, e)
    case 'stop':
      return 'a timer is taken back'
    case 'group':
      return `${who} opens a group`
    case 'left':
      return `the group of ${who} is over`
    case 'cancel':
      return `${who} is asked to end`
    case 'done':
      return `${who} ${HOW[e.how] ?? 'is done'}${e.error ? `: ${e.error}` : ''}`
    case 'print':
      return `${who || 'it'} prints ${quoted(e.text)}`
    case 'work':
      return `${who} works for ${span(e.for)}`
    case 'block':
      return e.row ? `${who} is blocked for ${span(e.for)}` : `${who} blocks ${loop} for ${span(e.for)}`
    case 'row':
      return `${e.row} ${e.busy ? 'begins to work' : 'is done'}${e.task ? ` for ${who}` : ''}`
    case 'asleep':
      return `nothing is ready: ${loop} ${story.loopName ? 'waits' : 'sleeps'}${e.until ? ` until ${at(e.until)}` : ''}`
    case 'over':
      return 'the program has ended'
    default:
      return e.k
  }
}

function dueWords(story, e) {
  const timer = story.timers.get(e.id)
  return timer?.task ? `the timer of ${story.name(timer.task)} is due` : 'a timer is due'
}

/** What is in the ready queue. */
export function itemName(item, story) {
  if (item?.kind === 'timer' && item.task) return `timer of ${story.name(item.task)}`
  if (item?.kind === 'end') return `${story.name(item.task)} has ended`
  return item?.task ? story.name(item.task) : item?.name || item?.kind || 'something'
}

/** What has happened last, as the picture stands: the event that matters most among those that are one step of it. */
export function lastWords(story, n) {
  if (n === 0) return 'nothing has happened yet'
  let first = n - 1
  const before = story.stops.findLast((stop) => stop < n) ?? 0
  const rank = (e) => ['over', 'asleep', 'due', 'spawn', 'done', 'cancel', 'begin', 'call', 'end', 'print', 'row', 'wake'].indexOf(e.k)
  for (let i = n - 1; i >= before; i--) if (rank(story.events[i]) >= 0 && (rank(story.events[first]) < 0 || rank(story.events[i]) < rank(story.events[first]))) first = i
  return eventWords(story, first)
}

/** A link of the chain: what, and what there is to say besides. */
export function linkWords(story, link) {
  if (link.kind === 'turn') return turnWords(story, link)
  const line = (n) => (n ? `line ${n}` : '')
  const cause = story.turns[link.turn]
  const who = link.task ? story.name(link.task) : cause?.name ?? ''
  const done = cause && story.tasks.get(cause.task)?.done?.turn === cause.id
  switch (link.kind) {
    case 'timer':
      return timerWords(story, link, 'its timer was due, after')
    case 'spawn':
      return [`${who || story.loopName || 'the loop'} started it`, line(link.line)]
    case 'end':
      return [`${link.task ? story.name(link.task) : 'a task'}, for which it waited, has ended`, line(lineAt(story, link.ev))]
    case 'task':
      return [`${who} woke it`, line(lineAt(story, link.ev))]
    case 'yields':
      return ['it had let the others go first', 'it went to the end of the queue']
    case 'resumes':
      return ['the task that it had started ran first', '']
    case 'cancel':
      if (link.timer !== undefined) return timerWords(story, link, 'its time was up, after')
      if (done) return ['it was asked to end', `when ${who} had ${story.tasks.get(cause.task).done.how === 'failed' ? 'failed' : 'ended'}`]
      return [cause ? `${cause.name} asked it to end` : 'it was asked to end', line(lineAt(story, link.ev))]
    case 'thread':
      return ['its thread was done', 'beside the loop']
    case 'callback':
      return [`a callback woke it${link.name ? `: ${link.name}` : ''}`, '']
    case 'push':
      return [cause ? `${cause.name} put it into the ready queue` : `${story.loopName || 'the loop'} put it into the ready queue`, line(lineAt(story, link.ev))]
    default:
      return [link.name ? `${link.name} woke it` : link.kind === 'loop' && story.loopName ? `${story.loopName} woke it` : `the ${link.kind} woke it`, '']
  }
}

function timerWords(story, link, what) {
  const timer = story.timers.get(link.timer)
  if (!timer) return ['its timer was due', '']
  const by = story.turns[timer.turn]
  const setter = by && `set by ${by.task === link.of.task ? '' : `${by.name}, `}step ${by.step}`
  const line = timer.line ?? (timer.for === 'sleep' ? lineAt(story, timer.ev) : 0) // that of others is where the next wait is
  return [`${what} ${span(timer.at - timer.t)}`, [setter, line && `line ${line}`].filter(Boolean).join(', ')]
}

/** Why a turn came, and why so late. */
function turnWords(story, { turn, late, others }) {
  const what = turn.kind === 'task' ? `${turn.name} runs, step ${turn.step}` : `a callback runs: ${turn.name}`
  if (others.length === 0) return [what, turn.line ? `line ${turn.line}` : '']
  const names = []
  for (const other of others) if (!names.includes(other.name)) names.push(other.name)
  const list = names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : several(names)
  return [what, late > 0 ? `ready for ${span(late)}: ${story.loopName ? `${story.loopName} had ${list} in hand` : `the loop ran ${list}`}` : `it stood behind ${list} in the queue`]
}

/** The line on which the task of an event's turn stood. */
function lineAt(story, ev) {
  const task = story.turns[story.turnAt[ev]]?.task
  for (let i = ev; i < story.events.length; i++) {
    const e = story.events[i]
    if (e.line && e.task === task && e.k !== 'spawn') return e.line
    if (e.k === 'end' || e.k === 'called') break
  }
  for (let i = ev; i >= 0; i--) if (story.events[i].line && story.events[i].task === task) return story.events[i].line
  return 0
}
