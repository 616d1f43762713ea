// The lanes as a table of text.

import { computed } from '@preact/signals'
import { store, shown, tick, texts, taskName, hello, when } from './model.js'
import { isDown, title } from './messages.js'
import { messageText } from './mail.jsx'
import { BUSY, READY } from './store.js'
import { groupName } from './forest.js'
import { WORDS } from './marks.jsx'
import { count, duration, percent, several, waitText } from './format.js'
import { LEAST } from './lanes.js'

/** Those who do not see it are not told anew each second. */
const often = computed(() => (texts.value ? tick.value : Math.floor(tick.value / 5)))

const READ = 60 // rows of the text table

/** The lanes that can be seen as a table: for screen readers, and with T for all. */
export function LanesAsText({ of }) {
  often.value
  const t = of()
  const p = t?.picture
  const sheet = texts.value
  if (!p || hello.value === null) return null
  const [first, last] = p.pitch < LEAST ? [0, READ] : (t.visible ?? [0, READ])
  const rows = t.lanes.slice(first, Math.min(last, first + READ))
  const { tasks, groups } = shown.peek()
  const names = new Map(groups.map((g) => [g.id, groupName(g, taskName)]))
  return (
    <div class={sheet ? 'astext' : 'sr'}>
      <table>
        <caption>
          The timeline as text: {rows.length} of {count(t.lanes.length)} lanes, {duration(p.to - p.from)}
        </caption>
        <thead>
          <tr>
            {['Lane', 'Group', 'State', 'Steps', 'Running', 'Ready', 'Longest step'].map((h) => (
              <th key={h} scope="col">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((lane) => {
            const s = sum(lane, p)
            const { host } = lane
            const task = tasks.get(lane.id)
            return (
              <tr key={lane.slot}>
                <th scope="row">{title(lane.name)}</th>
                <td>{lane.kind === 'task' ? [names.get(lane.group), host && `on ${host}`].filter(Boolean).join(', ') : several(lane.kind)}</td>
                <td>{lane.kind === 'host' ? (isDown(host, p.to) ? 'down' : 'up') : lane.kind !== 'task' ? (lane.state === BUSY ? `busy ${lane.what}` : 'nothing to do') : task?.state === 'waiting' && task.wait ? `waits for ${waitText(task.wait)}` : task?.state}</td>
                <td class="num">{count(s.steps)}</td>
                <td class="num">{percent(s.busy / (p.to - p.from))}</td>
                <td class="num">{percent(s.ready / (p.to - p.from))}</td>
                <td class="num">{s.steps ? duration(s.longest) : ''}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <Mail p={p} />
    </div>
  )
}

/** The messages on the way in the picture, latest first. */
function Mail({ p }) {
  const list = []
  store.hosts.during(p.from, p.to, (m, i) => list.push(<li key={i}>{when(m.at)}: {messageText(m)}</li>) >= READ)
  return list.length > 0 && <ol aria-label="Messages between hosts, latest first">{list}</ol>
}

function sum(lane, p) {
  const s = { steps: 0, busy: 0, ready: 0, longest: 0 }
  store.walk(lane, (k) => {
    if (store.end[k] < p.from) return true
    if (store.begin[k] > p.to) return false
    const part = Math.min(store.end[k], p.to) - Math.max(store.begin[k], p.from)
    if (store.state[k] === READY) s.ready += part
    else if (WORDS[store.state[k]] === 'running' || WORDS[store.state[k]] === 'busy') {
      s.steps++
      s.busy += part
      s.longest = Math.max(s.longest, store.end[k] - store.begin[k])
    }
    return false
  })
  return s
}
