// Light or dark: as the system says, until the user says otherwise.

import { signal } from '@preact/signals'
import { forgetPalette } from './palette.js'

const system = matchMedia('(prefers-color-scheme: dark)')
export const dark = signal(system.matches)

function apply(value) {
  dark.value = value
  document.documentElement.dataset.theme = value ? 'dark' : 'light'
  forgetPalette()
}

export function followTheme(redraw) {
  const kept = read()
  apply(kept === null ? system.matches : kept === 'dark')
  system.addEventListener('change', () => {
    if (read() !== null) return
    apply(system.matches)
    redraw()
  })
}

export function toggleTheme(redraw) {
  apply(!dark.peek())
  try {
    sessionStorage.setItem('theme', dark.peek() ? 'dark' : 'light')
  } catch {
    // A page without storage forgets it.
  }
  redraw()
}

function read() {
  try {
    return sessionStorage.getItem('theme')
  } catch {
    return null
  }
}
