// A long list of which only what can be seen is in the document.

import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'
import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from '@tanstack/virtual-core'

/**
 * @param {number} count @param {number} height of a row
 * @param {number} top what sticks at the top of the element
 */
export function useVirtual(count, height, top = 0) {
  const element = useRef(null)
  const [, again] = useReducer((n) => n + 1, 0)
  const options = {
    count,
    getScrollElement: () => element.current,
    estimateSize: () => height,
    overscan: 2,
    paddingStart: top,
    scrollPaddingStart: top,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: again,
  }
  const [list] = useState(() => new Virtualizer(options))
  list.setOptions(options)
  useLayoutEffect(() => list._didMount(), [])
  useLayoutEffect(() => list._willUpdate())
  return { element, list }
}
