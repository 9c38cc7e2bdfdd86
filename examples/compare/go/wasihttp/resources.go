package wasihttp

import (
	"errors"
	"io"
	"runtime"
	"unsafe"
)

const (
	// maxWrite is what blocking-write-and-flush takes at a time.
	maxWrite = 4096
	maxRead  = 64 << 10
)

var (
	errConnection = errors.New("wasihttp: the connection was lost")
	errHeader     = errors.New("wasihttp: a header line is not valid")
)

var methods = [...]string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

func (r incomingRequest) method() string {
	defer release()
	var method variant
	incomingRequestMethod(r, &method)
	if int(method.which) < len(methods) {
		return methods[method.which]
	}
	return method.content.text()
}

func (r incomingRequest) pathWithQuery() string {
	defer release()
	var path variant
	incomingRequestPathWithQuery(r, &path)
	if path.which == none {
		return "/"
	}
	return path.content.text()
}

func (r incomingRequest) authority() string {
	defer release()
	var authority variant
	incomingRequestAuthority(r, &authority)
	if authority.which == none {
		return ""
	}
	return authority.content.text()
}

// eachHeader calls f with the name and the value of each header line.
func (r incomingRequest) eachHeader(f func(name, value string)) {
	defer release()
	headers := incomingRequestHeaders(r)
	defer fieldsDrop(headers)
	var lines list
	fieldsEntries(headers, &lines)
	for _, line := range at[entry](lines) {
		f(line.name.text(), line.value.text())
	}
}

// body can be called once.
func (r incomingRequest) body() (incomingBody, inputStream) {
	var body, stream handleResult
	incomingRequestConsume(r, &body)
	incomingBodyStream(incomingBody(body.content), &stream)
	return incomingBody(body.content), inputStream(stream.content)
}

func (s inputStream) read(p []byte) (int, error) {
	defer release()
	var result streamResult
	inputStreamBlockingRead(s, uint64(min(len(p), maxRead)), &result)
	switch {
	case result.failed == 0:
		return copy(p, at[byte](result.bytes)), nil
	case result.closed():
		return 0, io.EOF
	default:
		return 0, errConnection
	}
}

type headerLine struct {
	name, value string
}

func newResponse(status int, lines []headerLine) (outgoingResponse, error) {
	entries := make([]entry, len(lines)+1)
	for i, line := range lines {
		entries[i] = entry{name: listOf(line.name), value: listOf(line.value)}
	}
	var headers handleResult
	fieldsFromList(&entries[0], uint32(len(lines)), &headers)
	runtime.KeepAlive(lines)
	if headers.failed != 0 {
		return 0, errHeader
	}
	response := outgoingResponseNew(fields(headers.content))
	outgoingResponseSetStatusCode(response, uint32(status))
	return response, nil
}

// send gives the response to the host, and then the body to write.
func (o responseOutparam) send(response outgoingResponse) (outgoingBody, outputStream) {
	var body, stream handleResult
	outgoingResponseBody(response, &body)
	responseOutparamSet(o, 0, response, 0, 0, 0, 0, 0, 0)
	outgoingBodyWrite(outgoingBody(body.content), &stream)
	return outgoingBody(body.content), outputStream(stream.content)
}

// write takes at most maxWrite bytes.
func (s outputStream) write(p []byte) error {
	defer release()
	var result streamResult
	outputStreamBlockingWriteAndFlush(s, unsafe.SliceData(p), uint32(len(p)), &result)
	if result.failed != 0 {
		return errConnection
	}
	return nil
}

// finish says that the body is complete.
func (b outgoingBody) finish() {
	defer release()
	var result finishResult
	outgoingBodyFinish(b, 0, 0, &result)
}
