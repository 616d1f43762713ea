// All keys of the page. The foot and the help are made of this table.

import { VIEWS, view, help, texts, sort, selected, select, span, move, moveTo, zoom, pause, stepBy, messageBy, host, message, quiet, fold, last, redraw, query } from './model.js'
import { toggleLanes } from './timeline.jsx'
import { ownMessage } from './hosts.js'
import { toggleTheme } from './theme.js'
import { listen } from './keyboard.js'

let arrows = null // ↑ ↓ of the view that is shown
let sideways = null // ← → of the tree

/** The view says what "next" is in it. The answer takes that back. */
export function onArrows(next, fold) {
  arrows = next
  sideways = fold ?? null
  return () => {
    if (arrows !== next) return
    arrows = null
    sideways = null
  }
}

export const COLUMNS = ['id', 'name', 'group', 'state', 'wait', 'by', 'since', 'busy', 'longest', 'steps', 'created']
export const DOWN = new Set(['since', 'busy', 'longest', 'steps'])

function nextSort() {
  const i = COLUMNS.indexOf(sort.peek().key)
  const key = COLUMNS[(i + 1) % COLUMNS.length]
  sort.value = { key, down: DOWN.has(key) }
}

const side = (d) => (sideways ? sideways(d) : move(d * 0.2))
const far = (d) => (arrows ? arrows(d) : 0)

/** [keys, what they do, the function, shown in the foot: "left" or "right"] */
export const KEYS = [
  ['ArrowLeft ArrowRight', 'move', (k) => side(k === 'ArrowLeft' ? -1 : 1), 'left', 'back and forth in time; in the tree: fold and unfold'],
  ['- +', 'zoom', (k) => zoom(k === '-' ? 1.4 : 1 / 1.4), 'left', 'the timeline, from 1 ms to 60 s; also Ctrl and the wheel'],
  ['ArrowUp ArrowDown', 'task', (k) => far(k === 'ArrowUp' ? -1 : 1), 'left', 'select the one before or after'],
  ['[ ]', 'its steps', (k) => stepBy(k === '[' ? -1 : 1), 'left', 'the step before or after of the selected task, and what led to it'],
  ['Space', 'pause', () => pause(), 'left', 'stops the picture, not the record'],
  ['/', 'search', () => document.getElementById('find')?.focus(), 'left', 'by name, state, wait and group; state:ready, wait:lock, name:conn look there alone'],
  ['S', 'sort', () => nextSort(), 'left', 'the table by its next column; Shift and S turns the order'],
  ...VIEWS.map((name, i) => [String(i + 1), name, () => (view.value = name), 'right', `the view ${name}`]),
  ['PageUp PageDown', 'ten tasks', (k) => far(k === 'PageUp' ? -10 : 10), '', 'select the tenth before or after'],
  ['Home End', 'first, now', (k) => moveTo(k === 'Home' ? 0 : Infinity), '', 'the oldest that is kept; the present, and follow it'],
  ['V', 'a lane each', () => toggleLanes(), '', 'all lanes in the window, or each in its full height'],
  [', .', 'its messages', (k) => messageBy(k === ',' ? -1 : 1, ownMessage), '', 'the message before or after of the selected task or host, or of all'],
  ['H', 'fold a host', () => fold(), '', 'show one row for the host of what is selected, or for all; again: its tasks'],
  ['M', 'messages', () => (quiet.value = !quiet.peek()), '', 'between hosts: drawn, or not'],
  ['T', 'as text', () => (texts.value = !texts.peek()), '', 'the timeline as a table of text'],
  ['D', 'dark', () => toggleTheme(redraw), '', 'dark or light'],
  ['Escape', 'nothing selected', () => escape(), '', 'ends a search, a selection, this help'],
  ['?', 'all keys', () => (help.value = !help.peek()), 'right', 'this help'],
]

function escape() {
  if (help.peek()) return (help.value = false)
  if (query.peek()) return (query.value = '')
  if (message.peek() >= 0) return (message.value = -1)
  if (selected.peek() || host.peek()) return select(0)
  if (span.peek().end) moveTo(last())
}

/** Listens to the keyboard. */
export function listenToKeys() {
  listen(KEYS, (key, e) => {
    if (e.shiftKey && key === 's') {
      sort.value = { ...sort.peek(), down: !sort.peek().down }
      return true
    }
    return help.peek() && key !== '?' && key !== 'Escape' && key !== 'd'
  })
}
