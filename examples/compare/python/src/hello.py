"""Says hello."""

from worker import Request, Response, serve


def handle(_request: Request) -> Response:
    return Response("Hello from glowplug!\n")


IncomingHandler = serve(handle)
