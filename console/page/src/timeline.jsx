// The timeline: the overview, the lanes, and the same as a table of text.

import { useEffect, useRef } from 'preact/hooks'
import { selected, host, message, quiet, folded, query, span, step, onDraw } from './model.js'
import { Mark } from './marks.jsx'
import { Search } from './search.jsx'
import { onArrows } from './keys.js'
import { Lanes } from './lanes.js'
import { listen } from './pointer.js'
import { LanesAsText } from './astext.jsx'

let shownTimeline = null

export const toggleLanes = () => shownTimeline?.toggle()

export function TimelineView() {
  const box = useRef(null)
  const lanes = useRef(null)
  const strip = useRef(null)
  const label = useRef(null)
  const tip = useRef(null)
  useEffect(() => {
    const t = (shownTimeline = new Lanes(box.current, lanes.current, strip.current))
    t.label = label.current
    const off = [onDraw(t.news), onArrows((d) => t.go(d)), ...listen(t, tip.current)]
    const size = new ResizeObserver(() => t.ask())
    size.observe(box.current)
    size.observe(box.current.parentElement)
    const stop = [query, selected, host, message, quiet, folded, span, step].map((s) => s.subscribe(() => t.ask()))
    return () => {
      shownTimeline = null
      size.disconnect()
      for (const f of [...off, ...stop]) f()
    }
  }, [])
  return (
    <>
      <div class="bar">
        <h2>Timeline</h2>
        <span class="q grow" ref={label} aria-live="off" />
        <Search />
        <span class="legend" aria-hidden="true">
          {[['run', 'running'], ['ready', 'ready'], ['wait', 'waiting'], ['bad', 'in a deadlock']].map(([kind, word]) => (
            <span key={kind}>
              <Mark kind={kind} width={kind === 'bad' ? 14 : 22} />
              {word}
            </span>
          ))}
        </span>
      </div>
      <canvas ref={strip} class="strip" role="img" aria-label="Ready tasks and how busy the loop was in the last 60 seconds; drag to choose what is shown below" />
      <div class="lanes" ref={box}>
        <canvas ref={lanes} class="lanes" tabIndex={0} role="img" aria-label="Lanes of tasks; the table that follows says the same" />
        <div class="tip" ref={tip} hidden />
        <LanesAsText of={() => shownTimeline} />
      </div>
    </>
  )
}
