// What is beside the timeline of hosts and their messages.

import { store, host, message, folded, fold, choose, messageBy, beside, tock, taskName, select, when } from './model.js'
import { ownMessage } from './hosts.js'
import { isDown, title, HERE } from './messages.js'
import { count, duration, many } from './format.js'

const nameOf = (place) => title(store.hosts.list[place].name)

/** A message in words. */
export function messageText(m) {
  const what = `${m.what || 'message'}${m.bytes ? ` (${many(m.bytes, 'byte')})` : ''} from ${nameOf(m.from)} to ${nameOf(m.to)}`
  const how = m.arrives === 0 ? 'lost' : m.arrives > m.at ? `${duration(m.arrives - m.at)} on the way` : 'arrives at once'
  return `${what}, ${how}${m.task ? `, sent by ${taskName(m.task)}` : ''}`
}

/** The message that is looked at. */
export function ChosenMessage() {
  const i = message.value
  tock.value
  if (i < store.hosts.tail || i >= store.hosts.head) return null
  const m = store.hosts.at(i)
  return (
    <div class="step message">
      <span>
        <b>Message</b>: {messageText(m)}, {when(m.at)}
        {m.task ? (
          <>
            {' '}
            <button class="link" onClick={() => select(m.task)}>its task</button>
          </>
        ) : (
          ''
        )}
      </span>
      <button onClick={() => messageBy(-1, ownMessage)} title="The message before (,)">,</button>
      <button onClick={() => messageBy(1, ownMessage)} title="The message after (.)">.</button>
    </div>
  )
}

const SHOWN = 40

/** A host that is selected. */
export function HostDetail() {
  const state = beside.value
  tock.value
  const h = store.hosts.byName.get(host.value)
  if (!h) return null
  const down = isDown(h, state.now - 1)
  const last = h.ups.at(-1)
  const since = last && (down ? last[1] : last[0])
  const tasks = [...store.tasks.values()].filter((l) => (l.host || HERE) === h.name)
  const sent = []
  const n = { sent: 0, lost: 0, got: 0 }
  store.hosts.during(-Infinity, Infinity, (m, i) => {
    if (m.from === h.place) m.arrives ? n.sent++ : n.lost++
    else if (m.to === h.place && m.arrives) n.got++
    if (ownMessage(m) && sent.length < SHOWN) sent.push([m, i])
  })
  return (
    <section class="detail" aria-label="Selected host" tabIndex={0}>
      <h2>
        Selected: {h.name === HERE ? title(h.name) : `host ${h.name}`}
        <small>{many(tasks.length, 'task')}, {count(tasks.filter((l) => !l.ended).length)} live</small>
      </h2>
      <p class="now">
        {down ? 'down' : 'up'}
        {since ? <span class="q"> for {duration(state.now - since)}</span> : ''}
        {h.ups.length > 1 ? <span class="q">, was down {count(h.ups.length - 1)} ×</span> : ''}
        <span class="q">; {many(n.sent + n.lost, 'message')} sent, {count(n.lost)} of them lost, {count(n.got)} received</span>
      </p>
      <p class="cancel"><button onClick={() => fold(h.name)}>{folded.value.has(h.name) ? 'Show its tasks' : 'Fold its tasks'}</button></p>
      <ChosenMessage />
      <div class="events">
        <h2>Messages <small>latest first</small></h2>
        <ol>
          {sent.map(([m, i]) => (
            <li key={i} class={m.arrives ? '' : 'lost'} aria-current={message.value === i ? 'true' : undefined}>
              <time>{when(m.at).replace(/^at | ago$/, '')}</time>
              <button class="link" onClick={() => choose(i)}>
                {m.what} {m.from === h.place ? `to ${nameOf(m.to)}` : `from ${nameOf(m.from)}`}{m.bytes ? `, ${many(m.bytes, 'byte')}` : ''}
              </button>
              <span class="q">{m.arrives ? duration(m.arrives - m.at) : 'lost'}</span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  )
}
