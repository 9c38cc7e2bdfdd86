"""Turns a function from a request to a response into a `wasi:http` component.

    from worker import Request, Response, serve

    def handle(request: Request) -> Response:
        return Response("hello\\n")

    IncomingHandler = serve(handle)

componentize-py looks for the name `IncomingHandler`, as the WIT world exports the interface `incoming-handler`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import types
from wit_world.imports.streams import StreamError_Closed

READ_SIZE = 64 * 1024
# `blocking-write-and-flush` takes no more at a time.
WRITE_SIZE = 4096

METHODS = {
    types.Method_Get: "GET",
    types.Method_Head: "HEAD",
    types.Method_Post: "POST",
    types.Method_Put: "PUT",
    types.Method_Delete: "DELETE",
    types.Method_Connect: "CONNECT",
    types.Method_Options: "OPTIONS",
    types.Method_Trace: "TRACE",
    types.Method_Patch: "PATCH",
}


class Request:
    """A request as it comes in. The body is read when it is asked for."""

    def __init__(self, incoming: types.IncomingRequest):
        method = incoming.method()
        self.method = METHODS.get(type(method)) or method.value
        self.url = urlsplit(incoming.path_with_query() or "/")
        self._incoming = incoming

    @property
    def query(self) -> dict[str, list[str]]:
        """The parameters of the query string; a name may have several values."""
        return parse_qs(self.url.query, keep_blank_values=True)

    @property
    def headers(self) -> dict[str, str]:
        """Header lines by lower-case name; the last of several with one name."""
        return {name: value.decode("latin-1") for name, value in self._incoming.headers().entries()}

    def body(self) -> bytes:
        """Reads the body to its end; it can be read once."""
        chunks = []
        with self._incoming.consume() as body, body.stream() as stream:
            try:
                while True:
                    chunks.append(stream.blocking_read(READ_SIZE))
            except Err as error:
                if not isinstance(error.value, StreamError_Closed):
                    raise
        return b"".join(chunks)


@dataclass
class Response:
    """A response; text is encoded as UTF-8."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "text/plain; charset=utf-8"})


def serve(handle: Callable[[Request], Response]) -> type[exports.IncomingHandler]:
    """The class that componentize-py exports."""

    class IncomingHandler(exports.IncomingHandler):
        def handle(self, request: types.IncomingRequest, response_out: types.ResponseOutparam) -> None:
            send(handle(Request(request)), response_out)

    return IncomingHandler


def send(response: Response, response_out: types.ResponseOutparam) -> None:
    content = response.body.encode() if isinstance(response.body, str) else response.body
    headers = {**response.headers, "content-length": str(len(content))}
    outgoing = types.OutgoingResponse(
        types.Fields.from_list([(name, value.encode("latin-1")) for name, value in headers.items()])
    )
    outgoing.set_status_code(response.status)
    body = outgoing.body()
    types.ResponseOutparam.set(response_out, Ok(outgoing))
    with body.write() as stream:
        for start in range(0, len(content), WRITE_SIZE):
            stream.blocking_write_and_flush(content[start : start + WRITE_SIZE])
    types.OutgoingBody.finish(body, None)
