import { query } from './model.js'

/** The field of the search: it holds for the timeline, the table, the tree and the waits. */
export function Search() {
  return (
    <input
      id="find"
      type="search"
      placeholder="/ search name, state, wait"
      aria-label="Search tasks by name, state, wait or group"
      autocomplete="off"
      spellcheck={false}
      value={query.value}
      onInput={(e) => (query.value = e.currentTarget.value)}
      onKeyDown={(e) => {
        if (e.key === 'Escape') query.value = ''
        if (e.key === 'Escape' || e.key === 'Enter') e.currentTarget.blur()
      }}
    />
  )
}
