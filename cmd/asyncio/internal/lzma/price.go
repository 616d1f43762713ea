package lzma

import "math"

// A price is how many bits something takes, in 16ths.
type price = uint32

const priceShift = 4

// bitPrices has the price of a 0 by its probability, without the last bits of that.
var bitPrices = func() (all [1 << probBits >> 4]price) {
	for i := range all {
		p := (float64(i)*16 + 8) / (1 << probBits)
		all[i] = price(math.Round(-math.Log2(p) * (1 << priceShift)))
	}
	return all
}()

func bitPrice(p prob, bit uint32) price {
	if bit == 1 {
		p = 1<<probBits - p
	}
	return bitPrices[min(p>>4, prob(len(bitPrices)-1))]
}

func treePrice(probs []prob, bits int, value uint32) (sum price) {
	node := uint32(1)
	for i := bits - 1; i >= 0; i-- {
		bit := value >> i & 1
		sum += bitPrice(probs[node], bit)
		node = node<<1 | bit
	}
	return sum
}

func reverseTreePrice(probs []prob, bits int, value uint32) (sum price) {
	node := uint32(1)
	for range bits {
		bit := value & 1
		sum += bitPrice(probs[node], bit)
		node = node<<1 | bit
		value >>= 1
	}
	return sum
}
