// The source of asyncio tour --web: the command runs the lessons, and serves this page.

import { Refused, checked, decoded } from './source.js'

const KEPT = 'asyncio_tour_token'
const GONE = 'The tour does not answer: the command that serves this page has ended. Start it again: asyncio tour --web'

/**
 * Takes the token out of the address, where histories would keep it. What is left says
 * which lesson: #TOKEN/tour/gather becomes #tour/gather.
 */
export function takeToken() {
  const [, token, rest] = /^#(?!tour(?:\/|$))([^/]+)(.*)$/.exec(location.hash) ?? []
  if (!token) return
  try {
    sessionStorage.setItem(KEPT, decoded(token))
  } catch {
    kept = decoded(token)
  }
  history.replaceState(null, '', location.pathname + location.search + (rest ? `#${rest.slice(1)}` : ''))
}

let kept = '' // where there is no storage

function token() {
  try {
    return sessionStorage.getItem(KEPT) ?? kept
  } catch {
    return kept
  }
}

/** @returns {import('./source.js').Source} */
export function server() {
  return {
    lessons: async () => checked(await ask('tour/lessons.json')),
    run: (lesson, values) => ask('tour/run', { lesson, values }),
    edit: (lesson, code) => ask('tour/edit', { lesson, code }),
  }
}

async function ask(path, body) {
  const headers = { Authorization: `Bearer ${token()}` }
  if (body) Object.assign(headers, { 'Content-Type': 'application/json', 'X-Asyncio': '1' })
  let response
  try {
    response = await fetch(path, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) })
  } catch {
    throw new Refused(GONE)
  }
  const answer = await response.json().catch(() => null)
  if (response.ok && answer) return answer
  if (response.status === 401 && !answer?.error) throw new Refused('The tour wants a token: open the address that asyncio tour --web has printed.')
  throw new Refused(answer?.error ?? `The tour answers ${response.status} ${response.statusText}.`)
}
