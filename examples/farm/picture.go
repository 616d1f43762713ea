package main

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/asyncio-go/asyncio/remote"
)

// A Picture is a part of the Mandelbrot set. Each pixel is the mean of Samples x Samples
// points.
type Picture struct{ Width, Height, Samples int }

// A Tile is a square of a picture, and a job.
type Tile struct {
	Picture
	X, Y int // its first pixel
}

// side is how many pixels a tile is wide and high.
const side = 10

// Painted is the result of a job.
type Painted struct {
	Worker string
	Pixels []byte // red, green and blue
}

// Progress is what a worker tells of a tile after each row.
type Progress struct {
	Worker string
	Rows   int
}

// paint is the function that the workers run.
var paint = remote.Define("paint", func(ctx context.Context, t Tile) (Painted, error) {
	job, _ := remote.JobOf(ctx)
	pixels, err := t.paint(ctx, func(rows int) {
		_ = remote.Progress(ctx, Progress{job.Worker, rows}) // if nobody hears it, the work goes on
	})
	return Painted{job.Worker, pixels}, err
})

// tiles returns the tiles of a picture, those in the middle first.
func (p Picture) tiles() (all []Tile) {
	for y := 0; y < p.Height; y += side {
		for x := 0; x < p.Width; x += side {
			all = append(all, Tile{p, x, y})
		}
	}
	slices.SortStableFunc(all, func(a, b Tile) int { return cmp.Compare(a.fromMiddle(), b.fromMiddle()) })
	return all
}

func (t Tile) fromMiddle() float64 {
	return math.Hypot(float64(2*t.X+side-t.Width), float64(2*t.Y+side-t.Height))
}

// paint returns the pixels of a tile, and calls done after each row. The end of ctx ends it.
func (t Tile) paint(ctx context.Context, done func(rows int)) (pixels []byte, err error) {
	for y := range side {
		for x := range side {
			pixels = t.pixel(pixels, t.X+x, t.Y+y)
		}
		done(y + 1)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return pixels, nil
}

// pixel appends a pixel.
func (t Tile) pixel(to []byte, x, y int) []byte {
	const middle, width = complex(-0.743643887, 0.131825904), 0.0042
	step := width / float64(t.Width*t.Samples)
	var sum [3]float64
	for j := range t.Samples {
		for i := range t.Samples {
			re := float64(x*t.Samples+i) - float64(t.Width*t.Samples)/2
			im := float64(y*t.Samples+j) - float64(t.Height*t.Samples)/2
			c := colour(escape(middle + complex(re*step, im*step)))
			sum[0], sum[1], sum[2] = sum[0]+c[0], sum[1]+c[1], sum[2]+c[2]
		}
	}
	n := float64(t.Samples * t.Samples)
	return append(to, byte(255*sum[0]/n), byte(255*sum[1]/n), byte(255*sum[2]/n))
}

// escape returns how fast a point leaves the circle, or -1 if it stays.
func escape(c complex128) float64 {
	x, y := 0.0, 0.0
	for n := range 2000 {
		xx, yy := x*x, y*y
		if xx+yy > 1<<16 {
			return float64(n) + 1 - math.Log2(math.Log2(xx+yy)/2)
		}
		x, y = xx-yy+real(c), 2*x*y+imag(c)
	}
	return -1
}

func colour(speed float64) (rgb [3]float64) {
	if speed < 0 {
		return rgb
	}
	for i, phase := range [3]float64{0.55, 0.62, 0.75} {
		rgb[i] = 0.5 + 0.5*math.Cos(2*math.Pi*(math.Sqrt(speed)*0.11+phase))
	}
	return rgb
}
