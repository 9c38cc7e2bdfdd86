// What a worker needs of `wasi:http`, by hand: AssemblyScript has no generator of bindings.
//
// A component's functions take and give numbers and addresses, as the canonical ABI lays them out
// (https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md):
// - a resource is a number, and whoever owns it drops it;
// - a string or list is an address and a length; what the host gives is allocated with `cabi_realloc`;
// - a result too large for one number is written to an address that the caller gives, its case in the first byte.

const TEXT = "text/plain; charset=utf-8";

/** A request from the client. */
export class Request {
  constructor(private handle: i32) {}

  /** The value of a query parameter, as it stands in the URL; null if there is none of that name. */
  query(name: string): string | null {
    const url = this.pathAndQuery();
    const mark = url.indexOf("?");
    if (mark < 0) return null;
    const pairs = url.substring(mark + 1).split("&");
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i];
      const equals = pair.indexOf("=");
      if ((equals < 0 ? pair : pair.substring(0, equals)) == name) {
        return equals < 0 ? "" : pair.substring(equals + 1);
      }
    }
    return null;
  }

  /** The URL's path and query. */
  pathAndQuery(): string {
    incomingRequestPathWithQuery(this.handle, area);
    return isSome() ? String.UTF8.decodeUnsafe(load<usize>(area, 4), load<usize>(area, 8)) : "/";
  }

  /** The whole body, once; null if the client broke off. */
  text(): string | null {
    incomingRequestConsume(this.handle, area);
    if (failed()) return null;
    const body = load<i32>(area, 4);
    incomingBodyStream(body, area);
    if (failed()) return null;
    const stream = load<i32>(area, 4);

    let start: usize = 0;
    let length: usize = 0;
    for (;;) {
      blockingRead(stream, READ_LENGTH, area);
      if (failed()) break;
      const chunk = load<usize>(area, 4);
      const size = load<usize>(area, 8);
      start = cabi_realloc(start, length, 1, length + size);
      memory.copy(start + length, chunk, size);
      length += size;
    }
    const closed = load<u8>(area, 4) == STREAM_CLOSED;
    dropInputStream(stream);
    dropIncomingBody(body);
    return closed ? String.UTF8.decodeUnsafe(start, length) : null;
  }

  drop(): void {
    dropIncomingRequest(this.handle);
  }
}

/** A response to the client. */
export class Response {
  constructor(
    public body: string,
    public status: i32 = 200,
    public contentType: string = TEXT,
  ) {}
}

/** Answers a request with what `worker` makes of it; the module's export `handle` is this for one worker. */
export function serve(request: i32, out: i32, worker: (request: Request) => Response): void {
  const incoming = new Request(request);
  const response = worker(incoming);
  incoming.drop();
  send(response, out);
}

function send(response: Response, out: i32): void {
  const body = String.UTF8.encode(response.body);
  const headers = newFields();
  append(headers, "content-type", response.contentType);
  append(headers, "content-length", body.byteLength.toString());
  const outgoing = newOutgoingResponse(headers);
  setStatusCode(outgoing, response.status);
  outgoingResponseBody(outgoing, area);
  const outgoingBody = load<i32>(area, 4);
  // The head goes first: the body is read while it is written.
  setResponse(out, OK, outgoing, 0, 0, 0, 0, 0, 0);

  outgoingBodyWrite(outgoingBody, area);
  const stream = load<i32>(area, 4);
  for (let at = 0; at < body.byteLength; at += WRITE_LENGTH) {
    blockingWriteAndFlush(stream, changetype<usize>(body) + at, min(WRITE_LENGTH, body.byteLength - at), area);
    // The client is gone.
    if (failed()) break;
  }
  dropOutputStream(stream);
  finishBody(outgoingBody, NO_TRAILERS, 0, area);
}

function append(headers: i32, name: string, value: string): void {
  const field = String.UTF8.encode(name);
  const content = String.UTF8.encode(value);
  appendField(
    headers,
    changetype<usize>(field),
    field.byteLength,
    changetype<usize>(content),
    content.byteLength,
    area,
  );
}

/** Allocates what the host gives. */
export function cabi_realloc(address: usize, oldSize: usize, align: usize, newSize: usize): usize {
  return address == 0 ? heap.alloc(newSize) : heap.realloc(address, newSize);
}

// Where results go; the largest here is `result<_, error-code>`.
const area = memory.data(40, 8);

// The case of a `result`, and of an `option`.
function failed(): bool {
  return load<u8>(area) != 0;
}
function isSome(): bool {
  return load<u8>(area) != 0;
}

const OK = 0;
const NO_TRAILERS = 0;
const STREAM_CLOSED = 1;
/** The most that one blocking read may give, and one blocking write may take. */
const READ_LENGTH: i64 = 64 * 1024;
const WRITE_LENGTH = 4096;

// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[constructor]fields")
declare function newFields(): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]fields.append")
declare function appendField(
  self: i32,
  name: usize,
  nameLength: i32,
  value: usize,
  valueLength: i32,
  result: usize,
): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[constructor]outgoing-response")
declare function newOutgoingResponse(headers: i32): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-response.set-status-code")
declare function setStatusCode(self: i32, status: i32): i32;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-response.body")
declare function outgoingResponseBody(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[static]response-outparam.set")
declare function setResponse(
  out: i32,
  failed: i32,
  response: i32,
  a: i32,
  b: i64,
  c: i32,
  d: i32,
  e: i32,
  f: i32,
): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]outgoing-body.write")
declare function outgoingBodyWrite(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[static]outgoing-body.finish")
declare function finishBody(self: i32, hasTrailers: i32, trailers: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-request.path-with-query")
declare function incomingRequestPathWithQuery(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-request.consume")
declare function incomingRequestConsume(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[method]incoming-body.stream")
declare function incomingBodyStream(self: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[resource-drop]incoming-request")
declare function dropIncomingRequest(handle: i32): void;
// @ts-ignore: decorator
@external("wasi:http/types@0.2.12", "[resource-drop]incoming-body")
declare function dropIncomingBody(handle: i32): void;
// @ts-ignore: decorator
@external("wasi:io/streams@0.2.12", "[method]input-stream.blocking-read")
declare function blockingRead(self: i32, length: i64, result: usize): void;
// @ts-ignore: decorator
@external("wasi:io/streams@0.2.12", "[method]output-stream.blocking-write-and-flush")
declare function blockingWriteAndFlush(self: i32, bytes: usize, length: i32, result: usize): void;
// @ts-ignore: decorator
@external("wasi:io/streams@0.2.12", "[resource-drop]input-stream")
declare function dropInputStream(handle: i32): void;
// @ts-ignore: decorator
@external("wasi:io/streams@0.2.12", "[resource-drop]output-stream")
declare function dropOutputStream(handle: i32): void;
