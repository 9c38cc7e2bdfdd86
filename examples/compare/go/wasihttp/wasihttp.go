// Package wasihttp serves an http.Handler as a wasi:http component.
//
//	func init() {
//		wasihttp.Serve(http.HandlerFunc(handle))
//	}
//
//	func main() {}
package wasihttp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var handler http.Handler = http.NotFoundHandler()

// Serve sets the handler that answers requests. It is called from init, since main does not run in a component.
func Serve(h http.Handler) {
	handler = h
}

//go:wasmexport wasi:http/incoming-handler@0.2.12#handle
func handle(incoming incomingRequest, out responseOutparam) {
	response := &responseWriter{out: out, header: http.Header{}}
	request, err := newRequest(incoming)
	if err == nil {
		handler.ServeHTTP(response, request)
		request.Body.Close()
	} else {
		http.Error(response, err.Error(), http.StatusBadRequest)
	}
	incomingRequestDrop(incoming)
	// Not deferred: after a panic the response must not look complete.
	response.finish()
}

func newRequest(incoming incomingRequest) (*http.Request, error) {
	path := incoming.pathWithQuery()
	target, err := url.ParseRequestURI(path)
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	incoming.eachHeader(header.Add)
	// As on any server: it is in Request.Host.
	header.Del("Host")
	body, stream := incoming.body()
	return &http.Request{
		Method:     incoming.method(),
		URL:        target,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     header,
		Body:       &bodyReader{body: body, stream: stream},
		Host:       incoming.authority(),
		RequestURI: path,
	}, nil
}

// bodyReader reads the body of a request, and waits for the client where it must.
type bodyReader struct {
	body   incomingBody
	stream inputStream
	closed bool
}

func (b *bodyReader) Read(p []byte) (int, error) {
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.stream.read(p)
}

func (b *bodyReader) Close() error {
	if !b.closed {
		b.closed = true
		inputStreamDrop(b.stream)
		incomingBodyDrop(b.body)
	}
	return nil
}

// responseWriter sends the header lines before the first byte of the body, and each write at once.
type responseWriter struct {
	out    responseOutparam
	header http.Header
	sent   bool
	body   outgoingBody
	stream outputStream
}

func (w *responseWriter) Header() http.Header {
	return w.header
}

func (w *responseWriter) WriteHeader(status int) {
	if w.sent {
		return
	}
	w.sent = true
	response, err := newResponse(status, w.lines())
	if err != nil {
		panic(err)
	}
	w.body, w.stream = w.out.send(response)
}

func (w *responseWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	written := 0
	for chunk := range slices.Chunk(p, maxWrite) {
		if err := w.stream.write(chunk); err != nil {
			return written, err
		}
		written += len(chunk)
	}
	return written, nil
}

func (w *responseWriter) finish() {
	w.WriteHeader(http.StatusOK)
	outputStreamDrop(w.stream)
	w.body.finish()
}

// lines gives the header lines in an order that is always the same, as that of a map is not.
func (w *responseWriter) lines() []headerLine {
	var lines []headerLine
	for name, values := range w.header {
		for _, value := range values {
			lines = append(lines, headerLine{strings.ToLower(name), value})
		}
	}
	slices.SortStableFunc(lines, func(a, b headerLine) int { return strings.Compare(a.name, b.name) })
	return lines
}
