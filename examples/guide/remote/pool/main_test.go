package main

// The program workers has the same output.
func Example() {
	main()
	// Output: [168 303 430 550 669 783 900 1007 1117 1229]
}
