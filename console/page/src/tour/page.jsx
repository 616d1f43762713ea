// The frame of the tour: the lesson at the left, what the loop does at the right.

import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { start, tour, failure, lesson, help, listing, program, recording, place, story, playing, next, state } from './model.js'
import { Text } from './lesson.jsx'
import { Code, Conclusion, Output } from './code.jsx'
import { Boxes } from './boxes.jsx'
import { Timeline } from './timeline.jsx'
import { Why } from './why.jsx'
import { Try, Ways } from './params.jsx'
import { Help, List } from './dialogs.jsx'
import { KEYS, listenToKeys } from './keys.js'
import { Foot } from '../keytable.jsx'
import { dark, followTheme, toggleTheme } from '../theme.js'
import { at, lastWords } from './words.js'

/** Shows the tour in an element, with the lessons of a source. */
export function showTour(source, element) {
  followTheme(() => {})
  listenToKeys()
  render(<Page />, element)
  return start(source)
}

function Page() {
  return (
    <>
      <Head />
      {lesson.value ? <Lesson /> : <main class="empty">{failure.value ? <p class="error" role="alert">{failure.value}</p> : <p class="q">Loading the lessons.</p>}</main>}
      <Foot table={KEYS} />
      {help.value && <Help />}
      {listing.value && <List />}
    </>
  )
}

function Lesson() {
  return (
    <main class="tour">
      <section class="left" aria-label="Lesson" key={lesson.value.name}>
        <Text />
        <Code />
        <h2 class="outhead">Output</h2>
        <Output />
        <Conclusion />
      </section>
      <section class="right" aria-label="What the loop does">
        <Boxes />
        <Timeline />
        <div class={`lower ${hasMore() ? '' : 'alone'}`}>
          <Why />
          {hasMore() && (
            <div class="more">
              <Try />
              <Ways />
            </div>
          )}
        </div>
        <Said />
      </section>
    </main>
  )
}

const hasMore = () => lesson.value.params?.length > 0 || lesson.value.try || recording.value.ways?.length > 0

/** What has just happened, for those who hear the page; not while it plays, which would be too much. */
function Said() {
  const [words, say] = useState('')
  const n = place.value
  const s = story.value
  const still = !playing.value
  useEffect(() => {
    if (still) say(n === 0 ? '' : `${at(state.peek().t)}: ${lastWords(s, n)}. ${inWords(state.peek(), s)}`)
  }, [n, s, still])
  return (
    <p class="sr" aria-live="polite">
      {words}
    </p>
  )
}

function inWords(st, s) {
  const ready = st.ready.map((item) => (item.task ? s.name(item.task) : item.name))
  const timers = st.timers.map((timer) => `${timer.task ? s.name(timer.task) : timer.for} at ${at(timer.at)}`)
  return `Ready queue: ${ready.length ? ready.join(', ') : 'empty'}. Timers: ${timers.length ? timers.join(', ') : 'none'}.`
}

function Head() {
  const l = lesson.value
  const all = tour.value?.lessons ?? []
  const following = l && all[all.indexOf(l) + 1]
  return (
    <header>
      <b>
        asyncio <span class="q">for Go</span>
      </b>
      {l && (
        <nav aria-label="Lessons">
          <button onClick={() => next(-1)} disabled={all[0] === l} aria-label="The lesson before" title="The lesson before ([)">
            ◂
          </button>
          <button class="which" onClick={() => (listing.value = true)} aria-haspopup="dialog" title="All lessons (G)">
            Lesson {l.number} of {all.length}
          </button>
          <button onClick={() => next(1)} disabled={!following} aria-label="The next lesson" title="The next lesson (])">
            ▸
          </button>
        </nav>
      )}
      <span class="ctx">{following ? `next: ${following.title}` : ''}</span>
      <span class="grow" />
      {l && <span class="q recorded">{program.value ? 'your program, recorded from the real loop, on the virtual clock' : 'recorded from the real loop, on the virtual clock'}</span>}
      <button onClick={() => toggleTheme(() => {})} title="Light or dark (D)">
        {dark.value ? 'Light' : 'Dark'}
      </button>
    </header>
  )
}
