package wasihttp

// The functions of wasi:http and wasi:io that a handler needs, called as the canonical ABI of the component model
// says: a resource is a number, a string or a list is an address and a length, and a result that does not fit in one
// number is written to an area that the caller gives.

import (
	"structs"
	"unsafe"
)

// Resources are numbers that stand for something of the host's.
type (
	incomingRequest  int32
	incomingBody     int32
	inputStream      int32
	fields           int32
	responseOutparam int32
	outgoingResponse int32
	outgoingBody     int32
	outputStream     int32
)

// list is where a string or a list lies in memory; addresses are 32 bits wide outside of Go.
type list struct {
	_       structs.HostLayout
	address uint32
	length  uint32
}

// entry is tuple<string, list<u8>>.
type entry struct {
	_           structs.HostLayout
	name, value list
}

// variant is a variant with a string as a case's payload, such as option<string>.
type variant struct {
	_       structs.HostLayout
	which   uint8
	content list
}

// none is the case of an option without a value.
const none = 0

// handleResult is a result whose value is a resource.
type handleResult struct {
	_       structs.HostLayout
	failed  uint8
	content int32
}

// streamResult is result<list<u8>, stream-error>; the error lies where the list would.
type streamResult struct {
	_      structs.HostLayout
	failed uint8
	bytes  list
}

// closed tells the end of a stream from an error.
func (r *streamResult) closed() bool {
	return uint8(r.bytes.address) == 1
}

// finishResult has room for result<_, error-code>, whose error may be large.
type finishResult struct {
	_    structs.HostLayout
	area [5]uint64
}

//go:wasmimport wasi:http/types@0.2.12 [method]incoming-request.method
func incomingRequestMethod(self incomingRequest, result *variant)

//go:wasmimport wasi:http/types@0.2.12 [method]incoming-request.path-with-query
func incomingRequestPathWithQuery(self incomingRequest, result *variant)

//go:wasmimport wasi:http/types@0.2.12 [method]incoming-request.authority
func incomingRequestAuthority(self incomingRequest, result *variant)

//go:wasmimport wasi:http/types@0.2.12 [method]incoming-request.headers
func incomingRequestHeaders(self incomingRequest) fields

//go:wasmimport wasi:http/types@0.2.12 [method]incoming-request.consume
func incomingRequestConsume(self incomingRequest, result *handleResult)

//go:wasmimport wasi:http/types@0.2.12 [resource-drop]incoming-request
func incomingRequestDrop(self incomingRequest)

//go:wasmimport wasi:http/types@0.2.12 [method]fields.entries
func fieldsEntries(self fields, result *list)

//go:wasmimport wasi:http/types@0.2.12 [static]fields.from-list
func fieldsFromList(entries *entry, length uint32, result *handleResult)

//go:wasmimport wasi:http/types@0.2.12 [resource-drop]fields
func fieldsDrop(self fields)

//go:wasmimport wasi:http/types@0.2.12 [method]incoming-body.stream
func incomingBodyStream(self incomingBody, result *handleResult)

//go:wasmimport wasi:http/types@0.2.12 [resource-drop]incoming-body
func incomingBodyDrop(self incomingBody)

//go:wasmimport wasi:io/streams@0.2.12 [method]input-stream.blocking-read
func inputStreamBlockingRead(self inputStream, length uint64, result *streamResult)

//go:wasmimport wasi:io/streams@0.2.12 [resource-drop]input-stream
func inputStreamDrop(self inputStream)

//go:wasmimport wasi:http/types@0.2.12 [constructor]outgoing-response
func outgoingResponseNew(headers fields) outgoingResponse

//go:wasmimport wasi:http/types@0.2.12 [method]outgoing-response.set-status-code
func outgoingResponseSetStatusCode(self outgoingResponse, status uint32) (failed int32)

//go:wasmimport wasi:http/types@0.2.12 [method]outgoing-response.body
func outgoingResponseBody(self outgoingResponse, result *handleResult)

// The parameters after the response are those of an error-code, which stays unused.
//
//go:wasmimport wasi:http/types@0.2.12 [static]response-outparam.set
func responseOutparamSet(self responseOutparam, failed int32, response outgoingResponse, _ int32, _ int64, _, _, _, _ int32)

//go:wasmimport wasi:http/types@0.2.12 [method]outgoing-body.write
func outgoingBodyWrite(self outgoingBody, result *handleResult)

//go:wasmimport wasi:http/types@0.2.12 [static]outgoing-body.finish
func outgoingBodyFinish(self outgoingBody, hasTrailers int32, trailers fields, result *finishResult)

//go:wasmimport wasi:io/streams@0.2.12 [method]output-stream.blocking-write-and-flush
func outputStreamBlockingWriteAndFlush(self outputStream, bytes *uint8, length uint32, result *streamResult)

//go:wasmimport wasi:io/streams@0.2.12 [resource-drop]output-stream
func outputStreamDrop(self outputStream)

// region is memory that is given away piece by piece. Its parts are never moved, since it is no part of the heap.
type region struct {
	used   uintptr
	memory [256 << 10]byte
}

// returned is where the host puts the strings and lists that it returns. It has room for a read, and for all header
// lines of a request, of which hosts accept 128 KiB.
//
// It is not allocated when it is asked for: the garbage collector reads the clock, and while a component gives the host
// memory it must not call the host.
var returned region

// adapter is the memory of the module that translates WASI preview 1, which is what Go knows, to the WASI of components.
// It must not be added to the end of the memory, which the Go runtime takes for its own.
var adapter region

//go:wasmexport cabi_import_realloc
func reallocate(_, _, align, size uint32) unsafe.Pointer {
	return returned.take(uintptr(align), uintptr(size))
}

// Called before the runtime is there.
//
//go:wasmexport cabi_realloc_adapter
//go:nosplit
func reallocateForAdapter(_, _, align, size uint32) unsafe.Pointer {
	return adapter.take(uintptr(align), uintptr(size))
}

//go:nosplit
func (r *region) take(align, size uintptr) unsafe.Pointer {
	start := (r.used + align - 1) &^ (align - 1)
	if size > uintptr(len(r.memory))-start {
		panic("wasihttp: the host returned more than there is room for")
	}
	r.used = start + size
	return unsafe.Add(unsafe.Pointer(&r.memory), start)
}

// release is called when all that a call has returned was copied.
func release() {
	returned.used = 0
}

// at gives the memory of a list that the host has returned.
func at[T any](l list) []T {
	if l.length == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(uintptr(l.address))), l.length)
}

// text copies a string that the host has returned.
func (l list) text() string {
	return string(at[byte](l))
}

// listOf tells the host where s is; s must be kept alive until the call is over.
func listOf(s string) list {
	return list{address: uint32(uintptr(unsafe.Pointer(unsafe.StringData(s)))), length: uint32(len(s))}
}
