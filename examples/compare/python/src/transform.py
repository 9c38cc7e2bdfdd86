"""Adds up a list of things for sale."""

import json
from collections import Counter
from typing import Any

from worker import Request, Response, serve


def handle(request: Request) -> Response:
    try:
        order = json.loads(request.body())
    except ValueError:
        return bad_request()
    match order:
        case {"items": [*items]} if all(map(is_item, items)):
            return Response(dump(summarise(items)), headers={"content-type": "application/json"})
        case _:
            return bad_request()


def is_item(item: Any) -> bool:
    match item:
        case {"name": str(), "price": price, "quantity": quantity, "tags": [*tags]}:
            # Not isinstance: True is an int as well.
            return type(price) is type(quantity) is int and all(isinstance(tag, str) for tag in tags)
        case _:
            return False


def summarise(items: list[dict[str, Any]]) -> dict[str, Any]:
    tags = Counter(tag for item in items for tag in set(item["tags"]))
    return {
        "count": len(items),
        "total": sum(item["price"] * item["quantity"] for item in items),
        "names": sorted(item["name"].upper() for item in items),
        "tags": dict(sorted(tags.items())),
    }


def dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def bad_request() -> Response:
    return Response("bad request\n", status=400)


IncomingHandler = serve(handle)
