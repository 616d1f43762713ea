// The text of a lesson, and the question before it runs.

import { lesson, guess, answer, ended, open, values, program } from './model.js'

export function Text() {
  const l = lesson.value
  return (
    <>
      <h1 tabIndex={-1}>{l.title}</h1>
      <p class="idea">{l.idea}</p>
      {l.question?.choices?.length > 0 && <Question q={l.question} />}
    </>
  )
}

function Question({ q }) {
  return (
    <div class="ask" role="group" aria-labelledby="question">
      <b id="question">{q.text}</b>
      {q.choices.map((choice, i) => (
        <button key={i} aria-pressed={guess.value === i} onClick={() => answer(i)} title={`Choose (${i + 1})`}>
          {choice}
        </button>
      ))}
      <span class="q" role="status">
        {verdict(q)}
      </span>
    </div>
  )
}

function verdict(q) {
  if (!open.value) return 'guess, then play'
  if (guess.value < 0) return ''
  if (!ended.value) return 'the run will tell'
  if (program.value || Object.keys(values.value).length > 0) return `with the given values: ${q.choices[q.right]}`
  return guess.value === q.right ? 'right' : `no: ${q.choices[q.right]}`
}

