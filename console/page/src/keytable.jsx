// What every page here shows of its table of keys (keyboard.js): the foot, and the list in
// the help.

import { keyNames } from './keyboard.js'

const Keys = ({ keys }) => keyNames(keys).map((name) => <kbd key={name}>{name}</kbd>)

/** The foot of the page: the keys that have a place there. */
export function Foot({ table }) {
  const keys = (where) =>
    table.filter((k) => k[3] === where).map(([k, word, run]) => (
      <span key={k}>
        <Keys keys={k} /> {word === 'all keys' ? <button class="link" onClick={() => run()}>{word}</button> : word}
      </span>
    ))
  return (
    <footer>
      {keys('left')}
      <span class="grow" />
      {keys('right')}
    </footer>
  )
}

/** All keys, with what the help says of them. */
export function KeyList({ table }) {
  return (
    <dl>
      {table.map(([keys, word, , , text]) => (
        <div key={keys}>
          <dt><Keys keys={keys} /></dt>
          <dd><b>{word}</b> {text}</dd>
        </div>
      ))}
    </dl>
  )
}
