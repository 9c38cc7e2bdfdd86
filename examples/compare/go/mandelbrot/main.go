// Mandelbrot counts the iterations of each point of the Mandelbrot set, and hashes the counts.
package main

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"

	"compare/wasihttp"
)

const (
	defaultSize   = 64
	maxSize       = 1024
	maxIterations = 50
)

func init() {
	wasihttp.Serve(http.HandlerFunc(handle))
}

func main() {}

func handle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	size, ok := sizeOf(r)
	if !ok {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintln(w, "bad request")
		return
	}
	iterations, hash := mandelbrot(size)
	fmt.Fprintf(w, "size=%d iterations=%d hash=%08x\n", size, iterations, hash)
}

func sizeOf(r *http.Request) (int, bool) {
	query := r.URL.Query()
	if !query.Has("size") {
		return defaultSize, true
	}
	text := query.Get("size")
	size, err := strconv.Atoi(text)
	// Comparing the text refuses signs and leading zeros.
	return size, err == nil && size >= 1 && size <= maxSize && strconv.Itoa(size) == text
}

func mandelbrot(size int) (iterations int, sum uint32) {
	hash := fnv.New32a()
	row := make([]byte, size)
	for y := range size {
		ci := -1.5 + 3.0*float64(y)/float64(size)
		for x := range size {
			n := escapeTime(-2.0+3.0*float64(x)/float64(size), ci)
			row[x] = byte(n)
			iterations += n
		}
		hash.Write(row)
	}
	return iterations, hash.Sum32()
}

func escapeTime(cr, ci float64) int {
	zr, zi := 0.0, 0.0
	n := 0
	for n < maxIterations && zr*zr+zi*zi <= 4.0 {
		zr, zi = zr*zr-zi*zi+cr, 2.0*zr*zi+ci
		n++
	}
	return n
}
