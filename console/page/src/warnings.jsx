// What is wrong, since when, where, and what to do.

import { source, beside, running, select, taskName } from './model.js'
import { Mark } from './marks.jsx'
import { Cycle } from './cycle.jsx'
import { count, duration, place } from './format.js'

const MARKS = {
  'blocked-step': 'blocked',
  'never-yields': 'blocked',
  spin: 'blocked',
  deadlock: 'bad',
  'error-unseen': 'bad',
  'cancel-ignored': 'behind',
  'long-wait-on-lock': 'behind',
  'timer-late': 'ready',
  'queue-grows': 'ready',
  'pool-full': 'ready',
  'task-flood': 'ready',
}

const RED = new Set(['deadlock', 'never-yields'])

/** Those that hold first, deadlocks before all, then the newest. */
const order = (a, b) => !!a.ended - !!b.ended || (b.id === 'deadlock') - (a.id === 'deadlock') || (b.ended || b.at) - (a.ended || a.at)

/** @param {{all: boolean}} props all of them, or those that have a place beside the timeline */
export function Warnings({ all }) {
  const { warnings, now, stuck } = beside.value
  const list = [...warnings].sort(order)
  const open = running(list).length
  const ended = list.length - open
  return (
    <section class={all ? 'warnings all' : 'warnings'} aria-label="Warnings" tabIndex={all ? 0 : undefined}>
      <h2>
        Warnings <small>{list.length === 0 ? 'none' : `${count(open)} now${ended ? `, ${count(ended)} ended` : ''}`}</small>
      </h2>
      <div class={all ? 'columns' : ''}>
        {list.map((w) => (
          <Warning key={w.key} warning={w} now={now} />
        ))}
      </div>
      {list.length === 0 && !stuck && <p class="none">{source.live ? 'Nothing is wrong that the console knows of: no deadlock, no step over 100 ms, no lock held for long.' : 'A recording has none: they come from the console of a program that runs.'}</p>}
    </section>
  )
}

export function Warning({ warning: w, now }) {
  const when = w.ended ? `${duration(now - w.ended)} ago` : w.for && w.id === 'blocked-step' ? `${duration(now - w.at)} ago` : `for ${duration(now - w.at)}`
  return (
    <article class={`${RED.has(w.id) && !w.ended ? 'bad' : ''} ${w.ended ? 'over' : ''}`}>
      <h3 onClick={() => select(w.task || w.tasks?.[0] || 0)}>
        <Mark kind={MARKS[w.id] ?? 'bad'} />
        <span>{w.title}</span>
        {w.count > 1 && <small>{count(w.count)} times</small>}
        <time>{when}</time>
      </h3>
      {w.cycle?.length ? <Cycle cycle={w.cycle} now={now} /> : ''}
      <p>
        <Prose text={w.text} />
      </p>
      <p class="cure">
        <Prose text={w.cure} />
      </p>
      <p class="refs">
        {w.frame && <code>{place(w.frame)}</code>}
        {(w.cycle?.length ? [] : (w.tasks ?? [])).slice(0, 4).map((t) => (
          <button key={t} class="link" onClick={() => select(t)}>
            {taskName(t)}
          </button>
        ))}
        {!w.cycle?.length && w.tasks?.length > 4 && <span class="q">and {count(w.tasks.length - 4)} more</span>}
      </p>
    </article>
  )
}

/** A sentence in which what stands between backquotes is code. */
export function Prose({ text }) {
  return String(text ?? '')
    .split('`')
    .map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part))
}
