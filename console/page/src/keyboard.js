// What the keyboard is to every page here: a table of keys, of which the foot and the
// help are made as well.

const NAMES = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', '-': '−', Escape: 'Esc', PageUp: 'Page ↑', PageDown: 'Page ↓', Space: 'space' }

/** The keys of a row of the table, as they are written. */
export const keyNames = (keys) => keys.split(' ').map((k) => NAMES[k] ?? k)

/**
 * Listens to the keyboard. A row of the table is [keys, a word for what they do, the
 * function, where the foot shows it ("left", "right" or ""), what the help says].
 * What is typed into a field, and what a button or a list does itself, stays theirs.
 *
 * @param {(key: string, event: KeyboardEvent) => boolean=} first Sees each key before the
 *   table does; true: it has dealt with it.
 */
export function listen(table, first = () => false) {
  const byKey = new Map(table.flatMap(([keys, , run]) => keys.split(' ').map((k) => [k.length === 1 ? k.toLowerCase() : k, run])))
  byKey.set(' ', byKey.get('Space'))
  if (byKey.has('+')) byKey.set('=', byKey.get('+'))
  addEventListener('keydown', (e) => {
    if (e.metaKey || e.ctrlKey || e.altKey) return
    const on = e.target
    if (on.matches('input, textarea')) return
    if (on.matches('select') && e.key !== 'Escape') return
    if (on.matches('button, a, summary') && (e.key === ' ' || e.key === 'Enter')) return
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key
    if (first(key, e)) return
    const run = byKey.get(key)
    if (!run) return
    e.preventDefault()
    run(e.key)
  })
}
