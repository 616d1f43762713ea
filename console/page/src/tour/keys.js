// All keys of the tour. The foot and the help are made of this table.

import { step, nextSwitch, play, faster, moveTo, story, language, next, help, listing, editing, answer } from './model.js'
import { toggleEditing } from './code.jsx'
import { toggleTheme } from '../theme.js'
import { listen } from '../keyboard.js'

const first = (id) => document.getElementById(id)?.focus()

export const KEYS = [
  ['ArrowLeft ArrowRight', 'step', (k) => step(k === 'ArrowLeft' ? -1 : 1), 'left', 'back, or on, by one event'],
  ['N', 'next switch', () => nextSwitch(), 'left', 'to where the next task has its turn'],
  ['Space', 'play', () => play(), 'left', 'and pause'],
  ['- +', 'speed', (k) => faster(k === '-' ? -1 : 1), 'left', 'from a quarter to four times'],
  ['Home End', 'first, last', (k) => moveTo(k === 'Home' ? 0 : story.peek().events.length), 'left', 'to the beginning, to the end'],
  ['1 2 3', 'guess', (k) => answer(Number(k) - 1), 'left', 'answers the question'],
  ['P', 'parameters', () => first('first-parameter'), 'left', 'to the first of them; Tab goes on'],
  ['E', 'edit and run', () => toggleEditing(), 'left', 'the program; Esc leaves the field'],
  ['L', 'language', () => ((editing.value = false), (language.value = language.peek() === 'go' ? 'python' : 'go')), 'left', 'Go, or Python'],
  ['[ ]', 'lesson', (k) => next(k === '[' ? -1 : 1), 'right', 'the one before, the next one'],
  ['G', 'go to', () => (listing.value = !listing.peek()), 'right', 'the list of all lessons'],
  ['D', 'dark', () => toggleTheme(() => {}), 'right', 'dark or light'],
  ['Escape', 'close', () => escape(), '', 'the list, this help, the editor'],
  ['?', 'all keys', () => (help.value = !help.peek()), 'right', 'this help'],
]

function escape() {
  if (help.peek() || listing.peek()) return (help.value = listing.value = false)
  if (editing.peek()) toggleEditing()
}

export function listenToKeys() {
  listen(KEYS, (key) => (help.peek() || listing.peek()) && !['?', 'g', 'd', 'Escape'].includes(key))
}
