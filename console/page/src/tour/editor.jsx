// Edit and run: a field with numbers beside its lines. Tab writes a tab, as in any editor,
// and Escape leaves the field, so that nobody is caught in it.

import { useEffect, useRef } from 'preact/hooks'
import { signal } from '@preact/signals'
import { lesson, tour, canEdit, edit, showRecording, program } from './model.js'
import { sentence } from './source.js'

const codes = signal({}) // what was edited, of each lesson
const answer = signal(null) // of the last run
const running = signal(false)

const current = () => codes.value[lesson.value.name] ?? lesson.value.goFile ?? lesson.value.go.join('\n')

export function Editor() {
  if (!canEdit.value) return <p class="reason">{tour.value.canEditWhy || 'The code cannot be edited here: this page has no Go toolchain behind it. Run: asyncio tour --web'}</p>
  return <Field />
}

function Field() {
  const field = useRef(null)
  const numbers = useRef(null)
  const code = current()
  const lines = code.split('\n')
  const offset = lesson.value.goOffset ?? 0 // where the program begins, behind its imports
  const wrong = new Map((answer.value?.lesson === lesson.value.name ? answer.value.errors ?? [] : []).map((e) => [e.line, e]))
  useEffect(() => {
    field.current.focus()
    const first = lines.slice(0, offset).join('\n').length + (offset ? 1 : 0)
    field.current.setSelectionRange(first, first)
    field.current.scrollTop = offset * 18
    answer.value = null
  }, [])
  const write = (text) => (codes.value = { ...codes.peek(), [lesson.peek().name]: text })
  return (
    <div class="editor">
      <div class="field">
        <div class="numbers" ref={numbers} aria-hidden="true">
          {lines.map((_, i) => (
            <i key={i} class={wrong.has(i + 1) ? 'wrong' : ''} title={wrong.get(i + 1)?.text}>
              {i + 1}
            </i>
          ))}
        </div>
        <textarea
          ref={field}
          id="field"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          wrap="off"
          aria-label="The program in Go. Tab writes a tab; Escape leaves the field"
          aria-invalid={wrong.size > 0}
          aria-describedby="compiler"
          value={code}
          onInput={(e) => write(e.currentTarget.value)}
          onScroll={(e) => (numbers.current.scrollTop = e.currentTarget.scrollTop)}
          onKeyDown={(e) => typed(e)}
        />
      </div>
      <div class="runbar">
        <button id="run" class="strong" disabled={running.value} onClick={run}>
          {running.value ? 'Compiling…' : 'Run'}
        </button>
        <kbd>Ctrl Enter</kbd>
        <button onClick={() => setBack()} disabled={code === (lesson.value.goFile ?? '') && !program.value}>
          Reset
        </button>
        <span class="q">
          <kbd>Esc</kbd> leaves the field
        </span>
      </div>
      <Answer go={(line, column) => select(field.current, line, column)} />
    </div>
  )
}

function Answer({ go }) {
  const a = answer.value?.lesson === lesson.value.name ? answer.value : null
  return (
    <div class="answer" id="compiler" role="status">
      {a?.error && <p class="error">{a.error}</p>}
      {a?.errors?.length > 0 && (
        <ul>
          {a.errors.map((e, i) => (
            <li key={i}>
              <button class="link" onClick={() => go(e.line, e.column)}>
                line {e.line}
              </button>{' '}
              <span class="error">{e.text}</span>
            </li>
          ))}
        </ul>
      )}
      {a && !a.errors?.length && !a.error && <p class="q">It ran: its recording is shown{a.output ? ', and this is what it has printed' : ''}.</p>}
      {a?.output && <pre>{a.output}</pre>}
    </div>
  )
}

async function run() {
  if (running.peek()) return
  const name = lesson.peek().name
  const code = current()
  running.value = true
  try {
    const made = await edit(code)
    answer.value = { lesson: name, ...made }
    if (made.recording && lesson.peek().name === name) showRecording(made.recording, { lines: made.go ?? code.split('\n') })
  } catch (error) {
    answer.value = { lesson: name, error: sentence(error, 'The program could not be run.'), errors: [] }
  }
  running.value = false
}

function setBack() {
  const { [lesson.peek().name]: _, ...rest } = codes.peek()
  codes.value = rest
  answer.value = null
  if (program.peek()) showRecording(lesson.peek().recording, null)
}

function typed(e) {
  const field = e.currentTarget
  if (e.key === 'Escape') {
    e.preventDefault()
    document.getElementById('run').focus()
  } else if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
    e.preventDefault()
    run()
  } else if (e.key === 'Tab' && !e.ctrlKey && !e.altKey && !e.metaKey) {
    e.preventDefault()
    if (e.shiftKey) outdent(field)
    else insert('\t')
  } else if (e.key === 'Enter') {
    e.preventDefault()
    insert(`\n${/^[\t ]*/.exec(lineBefore(field))[0]}`)
  }
}

// The browser's own way, which is old, but the only one that undo knows of.
const insert = (text) => document.execCommand('insertText', false, text)

const lineBefore = (field) => field.value.slice(field.value.lastIndexOf('\n', field.selectionStart - 1) + 1, field.selectionStart)

function outdent(field) {
  const begin = field.selectionStart - lineBefore(field).length
  if (field.value[begin] !== '\t') return
  const at = field.selectionStart
  field.setSelectionRange(begin, begin + 1)
  document.execCommand('delete')
  field.setSelectionRange(Math.max(begin, at - 1), Math.max(begin, at - 1))
}

function select(field, line, column) {
  const lines = field.value.split('\n')
  const at = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0) + Math.max(0, column - 1)
  field.focus()
  field.setSelectionRange(at, at)
  field.scrollLeft = 0 // one reads a line from its beginning
}

