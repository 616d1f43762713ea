// Unpacks the program of the static site: the format of files that end in .lzma, as package
// lzma of the command writes it. A Go program is a third shorter in it than in gzip, which
// is all that browsers unpack themselves. A classic script, for the worker.

/** @param {Uint8Array} packed @returns {Uint8Array} */
function unpack(packed) {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length)
  let properties = packed[0]
  const lc = properties % 9
  properties = Math.floor(properties / 9)
  const lp = properties % 5
  const pb = Math.floor(properties / 5)
  const size = Number(view.getBigUint64(5, true))
  if (pb > 4 || size > 1 << 28) throw new Error('this is no program that was packed')
  const out = new Uint8Array(size)

  let at = 18 // behind the header, a byte that says nothing, and the first four of the code
  let code = view.getUint32(14)
  let width = 0xffffffff

  const probabilities = (n) => new Uint16Array(n).fill(1024)
  const isMatch = probabilities(12 << 4)
  const isLong = probabilities(12 << 4)
  const isRep = probabilities(12)
  const notFirst = probabilities(12)
  const notSecond = probabilities(12)
  const isFourth = probabilities(12)
  const literals = probabilities(0x300 << (lc + lp))
  const lengths = lengthModel()
  const again = lengthModel()
  const slots = probabilities(4 << 6)
  const special = probabilities(128)
  const align = probabilities(16)

  function lengthModel() {
    return { choice: probabilities(2), low: probabilities(16 << 3), middle: probabilities(16 << 3), high: probabilities(256) }
  }

  function bit(all, i) {
    const p = all[i]
    const bound = (width >>> 11) * p
    let b
    if (code < bound) {
      width = bound
      all[i] = p + ((2048 - p) >>> 5)
      b = 0
    } else {
      width -= bound
      code -= bound
      all[i] = p - (p >>> 5)
      b = 1
    }
    if (width < 0x1000000) {
      width = (width << 8) >>> 0
      code = ((code << 8) | packed[at++]) >>> 0
    }
    return b
  }

  function direct(bits) {
    let value = 0
    while (bits-- > 0) {
      width >>>= 1
      const b = code >= width ? 1 : 0
      if (b) code -= width
      value = (value << 1) | b
      if (width < 0x1000000) {
        width = (width << 8) >>> 0
        code = ((code << 8) | packed[at++]) >>> 0
      }
    }
    return value
  }

  function tree(all, start, bits) {
    let node = 1
    for (let i = 0; i < bits; i++) node = (node << 1) | bit(all, start + node)
    return node - (1 << bits)
  }

  function reverseTree(all, start, bits) {
    let node = 1
    let value = 0
    for (let i = 0; i < bits; i++) {
      const b = bit(all, start + node)
      node = (node << 1) | b
      value |= b << i
    }
    return value
  }

  function length(model, place) {
    if (bit(model.choice, 0) === 0) return 2 + tree(model.low, place << 3, 3)
    if (bit(model.choice, 1) === 0) return 10 + tree(model.middle, place << 3, 3)
    return 18 + tree(model.high, 0, 8)
  }

  function distance(n) {
    const slot = tree(slots, Math.min(n - 2, 3) << 6, 6)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const base = ((2 | (slot & 1)) << bits) >>> 0
    if (slot < 14) return base + reverseTree(special, base - slot, bits)
    return base + direct(bits - 4) * 16 + reverseTree(align, 0, 4)
  }

  let state = 0
  let [rep0, rep1, rep2, rep3] = [0, 0, 0, 0]
  const mask = (1 << pb) - 1
  const rows = (1 << lp) - 1

  for (let n = 0; n < size; ) {
    const place = n & mask
    if (bit(isMatch, (state << 4) + place) === 0) {
      const before = n > 0 ? out[n - 1] : 0
      const start = 0x300 * (((n & rows) << lc) + (before >> (8 - lc)))
      let symbol = 1
      if (state >= 7) {
        let match = out[n - rep0 - 1]
        while (symbol < 0x100) {
          const guess = (match >> 7) & 1
          match <<= 1
          const b = bit(literals, start + ((1 + guess) << 8) + symbol)
          symbol = (symbol << 1) | b
          if (guess !== b) break
        }
      }
      while (symbol < 0x100) symbol = (symbol << 1) | bit(literals, start + symbol)
      out[n++] = symbol
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6
      continue
    }
    let count
    if (bit(isRep, state) === 0) {
      ;[rep3, rep2, rep1] = [rep2, rep1, rep0]
      count = length(lengths, place)
      rep0 = distance(count)
      state = state < 7 ? 7 : 10
    } else if (bit(notFirst, state) === 0) {
      const long = bit(isLong, (state << 4) + place)
      count = long ? length(again, place) : 1
      state = state < 7 ? (long ? 8 : 9) : 11
    } else {
      if (bit(notSecond, state) === 0) [rep1, rep0] = [rep0, rep1]
      else if (bit(isFourth, state) === 0) [rep2, rep1, rep0] = [rep1, rep0, rep2]
      else [rep3, rep2, rep1, rep0] = [rep2, rep1, rep0, rep3]
      count = length(again, place)
      state = state < 7 ? 8 : 11
    }
    if (rep0 >= n || count > size - n) throw new Error('the program is damaged')
    for (let from = n - rep0 - 1; count > 0; count--) out[n++] = out[from++]
  }
  if (at > packed.length) throw new Error('the program is cut off')
  return out
}
