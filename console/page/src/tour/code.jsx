// The program, with the line on which each task stands in its color; what it has printed.

import { useEffect, useRef } from 'preact/hooks'
import { lesson, tour, next, values, program, language, editing, state, story, place, ended, open } from './model.js'
import { colorClass } from './colors.js'
import { Glyph } from './glyph.jsx'
import { Editor } from './editor.jsx'
import { at } from './words.js'

export function Code() {
  const python = language.value === 'python'
  const l = lesson.value
  return (
    <>
      <div class="codebar">
        <h2>{`${l.name}.${python ? 'py' : 'go'}`}</h2>
        <span class="q note">{editing.value ? 'edit, and run it again' : python ? 'the same program, for Python' : program.value ? 'as you have changed it' : 'the line each task stands on'}</span>
        <span class="grow" />
        <span role="group" aria-label="Language" class="languages">
          {[['go', 'Go'], ['python', 'Python']].map(([value, word]) => (
            <button key={value} class="word" aria-pressed={language.value === value && !editing.value} onClick={() => ((language.value = value), (editing.value = false))}>
              {word}
            </button>
          ))}
        </span>
        <button class="word" id="edit" aria-pressed={editing.value} onClick={() => toggleEditing()}>
          Edit and run <kbd>E</kbd>
        </button>
      </div>
      {editing.value ? <Editor /> : <Lines />}
    </>
  )
}

export function toggleEditing() {
  editing.value = !editing.peek()
  if (editing.peek()) language.value = 'go'
  else document.getElementById('edit')?.focus()
}

const COMMENT = { go: /\/\/.*$/, python: /#.*$/ }

function Lines() {
  const box = useRef(null)
  const l = lesson.value
  const lang = language.value
  const lines = lang === 'python' ? l.python : program.value?.lines ?? l.go
  const focus = new Set(lang === 'python' ? l.pythonFocus : program.value ? [] : l.goFocus)
  const here = lang === 'go' ? standing() : new Map()
  const touched = lang === 'go' ? story.value.touched : new Set()
  const running = [...here].find(([, tasks]) => tasks.some((t) => t.state === 'running'))?.[0] ?? 0
  useEffect(() => {
    if (running) show(box.current, box.current.children[running - 1])
  }, [running, lines])
  return (
    <div class="code" ref={box} tabIndex={0} role="group" aria-label={`The program in ${lang === 'go' ? 'Go' : 'Python'}`}>
      {lines.map((line, i) => (
        <Line key={i} n={i + 1} line={line} focus={focus.has(i + 1)} tasks={here.get(i + 1)} touched={touched.has(i + 1)} comment={COMMENT[lang].exec(line)?.index ?? line.length} />
      ))}
    </div>
  )
}

/** Which tasks stand on which line: those that have begun, and are not done. */
function standing() {
  const lines = new Map()
  for (const [id, task] of Object.entries(state.value.tasks)) {
    if (!task.line || task.state === 'done' || task.steps === 0) continue
    if (!lines.has(task.line)) lines.set(task.line, [])
    lines.get(task.line).push({ id: Number(id), ...task })
  }
  return lines
}

const MARKS = { running: 'run', ready: 'ready', held: 'held', waiting: 'wait' }

function Line({ n, line, focus, tasks, touched, comment }) {
  const st = story.value
  const first = tasks?.find((t) => t.state === 'running') ?? tasks?.[0]
  const text = line.replace(/\t/g, '    ') // tabs would not be as wide after a break as before it
  const indent = text.length - text.trimStart().length
  const from = comment < line.length ? text.length - (line.length - comment) : text.length
  const hang = (el) => el?.style.setProperty('--in', `${indent + 4}ch`)
  return (
    <div class={`line ${focus ? 'focus' : ''} ${touched ? 'touched' : ''} ${first ? `here ${colorClass(st, first.id)}` : ''} ${first?.state === 'running' ? 'runs' : ''}`}>
      <i>{n}</i>
      <span class="edges">{tasks?.map((t) => <b key={t.id} class={colorClass(st, t.id)} />)}</span>
      <span class="text" ref={hang}>
        {text.slice(0, from)}
        {from < text.length && <em>{text.slice(from)}</em>}
      </span>
      {tasks && (
        <span class="tags">
          {tasks.map((t) => (
            <span key={t.id} class={`tag ${colorClass(st, t.id)} ${t.state === 'running' ? 'runs' : ''}`}>
              <Glyph kind={MARKS[t.state]} width={10} />
              <b>{t.name}</b>
            </span>
          ))}
        </span>
      )}
    </div>
  )
}

/** Scrolls a box, and nothing but it, so that something in it is seen. */
function show(box, element) {
  if (!element) return
  const top = element.offsetTop - box.offsetTop
  if (top < box.scrollTop + 18) box.scrollTop = top - 36
  else if (top + element.offsetHeight > box.scrollTop + box.clientHeight - 18) box.scrollTop = top + element.offsetHeight - box.clientHeight + 36
}

export function Output() {
  const box = useRef(null)
  const out = state.value.out
  const more = story.value.prints.some((i) => i >= place.value)
  useEffect(() => {
    box.current.scrollTop = box.current.scrollHeight
  }, [out.length, ended.value])
  return (
    <div class="out" ref={box} tabIndex={0} role="group" aria-label="Output">
      {out.map((line, i) => (
        <div key={i}>
          <time>{at(line.t)}</time>
          <span>{line.text}</span>
        </div>
      ))}
      {more && open.value && (
        <div class="next">
          <time />
          <span>which line comes next?</span>
        </div>
      )}
      {ended.value && <Failure />}
    </div>
  )
}

/** What the run has shown, when it is over. */
export function Conclusion() {
  const text = lesson.value.conclusion
  if (!ended.value || !text || program.value) return null
  const all = tour.value.lessons
  const following = all[all.indexOf(lesson.value) + 1]
  return (
    <div class="conclusion">
      <p>{Object.keys(values.value).length > 0 ? `Without changes: ${text}` : text}</p>
      {following && (
        <button class="link" onClick={() => next(1)}>
          next: {following.title}
        </button>
      )}
    </div>
  )
}

function Failure() {
  const error = story.value.recording.error
  return error ? (
    <div class="failed">
      <time />
      <span>{error}</span>
    </div>
  ) : null
}

