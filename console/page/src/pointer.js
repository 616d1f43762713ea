// The mouse and the finger on the timeline.

import { store, shown, selected, span, edge, last, kept, select, selectHost, choose, fold, move, moveTo, zoom, taskName, LONG_STEP } from './model.js'
import { READY, RUNNING, WAITING } from './store.js'
import { WORDS } from './marks.jsx'
import { arrowAt, more } from './hosts.js'
import { messageText } from './mail.jsx'
import { isDown, title } from './messages.js'
import { duration, many, waitText, words } from './format.js'

/** Mouse and touch: drag to move, wheel to zoom or scroll, click to select, hover to read. */
export function listen(t, tip) {
  const off = []
  const on = (target, type, f, options) => {
    target.addEventListener(type, f, options)
    off.push(() => target.removeEventListener(type, f, options))
  }
  on(t.strip, 'pointerdown', (e) => {
    t.strip.setPointerCapture(e.pointerId)
    t.dragStrip = true
    toStrip(e)
  })
  const toStrip = (e) => {
    const p = t.picture
    const x = e.clientX - t.strip.getBoundingClientRect().left
    moveTo(last() - kept() + ((x - p.left) / (p.right - p.left)) * kept() + span.peek().length / 2)
  }
  on(t.strip, 'pointermove', (e) => t.dragStrip && toStrip(e))
  on(t.strip, 'pointerup', () => (t.dragStrip = false))
  on(t.strip, 'pointercancel', () => (t.dragStrip = false))
  let drag = null
  on(t.canvas, 'pointerdown', (e) => (drag = { x: e.clientX, y: e.clientY, end: edge(), moved: false }))
  on(t.canvas, 'pointermove', (e) => {
    if (!drag || !t.picture) return hover(t, tip, e)
    const dx = e.clientX - drag.x
    if (!drag.moved && Math.hypot(dx, e.clientY - drag.y) < 4) return
    if (!drag.moved) t.canvas.setPointerCapture(e.pointerId)
    drag.moved = true
    tip.hidden = true
    moveTo(drag.end - (dx * span.peek().length) / (t.picture.right - t.picture.left))
  })
  on(t.canvas, 'pointerup', (e) => {
    const still = drag && !drag.moved
    drag = null
    const arrow = still && arrowOf(t, e)
    if (arrow) return choose(arrow.i)
    const lane = still ? t.at(e) : null
    if (lane?.kind === 'host') {
      if (e.clientX - t.canvas.getBoundingClientRect().left < t.picture.left) fold(lane.name)
      selectHost(lane.name)
    } else if (lane) select(lane.kind === 'task' ? lane.id : lane.by || selected.peek())
  })
  on(t.canvas, 'pointercancel', () => (drag = null))
  on(t.canvas, 'pointerleave', () => (tip.hidden = true))
  on(
    t.canvas,
    'wheel',
    (e) => {
      if (e.ctrlKey || e.metaKey) {
        e.preventDefault()
        return zoom(Math.exp(e.deltaY / 300), Math.min(edge(), t.time(e)))
      }
      if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
        e.preventDefault()
        return move((e.deltaX || e.deltaY) / 800)
      }
      if (!t.each) return
      e.preventDefault()
      t.scroll += e.deltaY
      t.ask()
    },
    { passive: false },
  )
  return off
}

function arrowOf(t, e) {
  const r = t.canvas.getBoundingClientRect()
  return arrowAt(t.arrows, e.clientX - r.left, e.clientY - r.top)
}

/** What is under the pointer, in words. */
function hover(t, tip, e) {
  const arrow = arrowOf(t, e)
  const lane = t.at(e)
  if (!arrow && !lane) return (tip.hidden = true)
  const at = t.time(e)
  tip.textContent = arrow ? messageText(store.hosts.at(arrow.i)) + more(arrow.n) : `${title(lane.name)}: ${lane.kind === 'host' ? (isDown(lane.host, at) ? 'down' : 'up') : describe(lane, at, t.picture)}`
  tip.hidden = false
  const r = t.box.getBoundingClientRect()
  const x = e.clientX - r.left
  tip.style.left = `${Math.max(4, Math.min(x + 12, r.width - tip.offsetWidth - 8))}px`
  tip.style.top = `${Math.min(e.clientY - r.top + 16, r.height - 8)}px`
}

function describe(lane, at, p) {
  const slack = (2 * (p.to - p.from)) / (p.right - p.left)
  if (lane.ended && at > lane.ended) return 'done'
  let text = ''
  let previous = 0
  store.walk(lane, (k) => {
    const [begin, end, state] = [store.begin[k], store.end[k], store.state[k]]
    if (begin > at + slack) return false
    if (end >= at - slack && WORDS[state]) {
      text = `${WORDS[state]} for ${duration(end - begin)}`
      if (state === READY && store.arg[k]) text += `, woken by ${taskName(store.arg[k])}`
      if (state === RUNNING && end - begin > LONG_STEP) text += ', which is long'
      if (lane.kind !== 'task') text += ` ${store.texts.text(store.arg[k])}`
    } else if (end < at && !previous) {
      previous = end
      if (!text && state === RUNNING && lane.kind === 'task') text = store.texts.text(store.arg[k]) ? `waits for ${words(store.texts.text(store.arg[k]))}` : ''
    }
    return true
  })
  if (text) return text
  const task = shown.peek().tasks.get(lane.id)
  if (lane.kind === 'task' && lane.state === WAITING && at >= lane.since && task?.wait) return `waits for ${waitText(task.wait)}, ${duration(p.now - lane.since)}`
  if (lane.state !== WAITING && at >= lane.since && WORDS[lane.state]) return `${WORDS[lane.state]} since ${duration(p.now - lane.since)} ${lane.what}`
  return lane.kind === 'task' ? 'waits' : 'nothing to do'
}
