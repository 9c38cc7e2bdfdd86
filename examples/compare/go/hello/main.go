// Hello says hello.
package main

import (
	"io"
	"net/http"

	"compare/wasihttp"
)

func init() {
	wasihttp.Serve(http.HandlerFunc(hello))
}

func main() {}

func hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "Hello from glowplug!\n")
}
