// Why did it run now? The chain of wakes, latest first.

import { story, turn, place, pick } from './model.js'
import { chain } from './story.js'
import { colorClass } from './colors.js'
import { Glyph } from './glyph.jsx'
import { at, linkWords } from './words.js'

const MARKS = { turn: 'run', timer: 'timer', spawn: 'wake', task: 'wake', end: 'over', callback: 'wake', thread: 'busy', cancel: 'bad' }

export function Why() {
  const s = story.value
  const t = turn.value
  return (
    <section class="why" aria-label="Why did it run now?">
      <h2>
        Why did it run now? <small>the chain of wakes, latest first</small>
      </h2>
      {!t ? (
        <p class="none">{place.value === 0 ? 'Nothing has run yet: press → to step, or space to play.' : 'No task has run yet.'}</p>
      ) : (
        <ol>
          {chain(s, t).map((link, i) => (
            <Link key={i} link={link} s={s} />
          ))}
        </ol>
      )}
    </section>
  )
}

function Link({ link, s }) {
  const [what, more] = linkWords(s, link)
  const task = link.kind === 'turn' ? link.turn.task : link.kind === 'timer' || link.kind === 'thread' ? link.of.task : s.turns[link.turn]?.task
  const t = link.kind === 'timer' ? s.timers.get(link.timer)?.at ?? link.t : link.t
  return (
    <li>
      <Glyph kind={MARKS[link.kind] ?? 'wake'} color={task ? colorClass(s, task) : ''} />
      <time>{at(t)}</time>
      <span>
        {link.kind === 'turn' ? (
          <button class="link plain" onClick={() => pick(link.turn)}>
            {what}
          </button>
        ) : (
          what
        )}
        {more && <small>{more}</small>}
      </span>
    </li>
  )
}
