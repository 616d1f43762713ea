package figures

import "testing"

func TestQuartiles(t *testing.T) {
	q1, q2, q3 := Quartiles([]float64{5, 1, 4, 2, 3})
	if *q1 != 2 || *q2 != 3 || *q3 != 4 {
		t.Errorf("got %v %v %v, want 2 3 4", *q1, *q2, *q3)
	}
	if _, m, _ := Quartiles(nil); m != nil {
		t.Errorf("the median of nothing is %v", *m)
	}
}
