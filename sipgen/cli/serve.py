"""``sipgen serve``: a responder, and what comes and goes."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sipgen.endpoint import Endpoint
    from sipgen.endpoint.events import Event

__all__ = ["add_parser"]

_EPILOG = """\
  sipgen serve                             # UDP port 5060, all interfaces
  sipgen serve --host 127.0.0.1 --port 5080 --json
  sipgen serve --validation strict         # 400 for what breaks a rule, in a Warning
  sipgen serve --workers 4 --quiet

OPTIONS and MESSAGE are answered with 200, INVITE with 486 (Busy Here), BYE and CANCEL with
481, other methods with 501. Credentials are not shown. Ctrl-C ends it.

exit status: 0 ended, 2 the port cannot be had"""


def add_parser(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "serve",
        help="answer SIP requests over UDP and print the traffic",
        description="Answer OPTIONS, MESSAGE and INVITE politely, and print what comes and goes.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="0.0.0.0", help="address to bind (%(default)s)")  # noqa: S104
    parser.add_argument("--port", type=int, default=5060, help="UDP port, 0 for any (%(default)s)")
    parser.add_argument("--network", choices=("udp4", "udp6", "udp"), default="udp4")
    parser.add_argument(
        "--validation",
        choices=("off", "interop", "strict"),
        default="off",
        help="refuse requests that break a rule of this profile (%(default)s)",
    )
    parser.add_argument("--workers", type=int, default=1, help="processes (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object an event")
    parser.add_argument("--quiet", action="store_true", help="do not print the traffic")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    # Not for --help: asyncio takes as long to import as all the rest.
    import asyncio  # noqa: PLC0415

    from sipgen.errors import EndpointError  # noqa: PLC0415

    app = partial(
        _endpoint,
        host=arguments.host,
        port=arguments.port,
        network=arguments.network,
        validation=arguments.validation,
        reuse_port=arguments.workers > 1,
        printing="" if arguments.quiet else "json" if arguments.json else "text",
    )
    try:
        if arguments.workers > 1:
            from sipgen.endpoint.workers import serve_workers  # noqa: PLC0415

            return serve_workers(app, arguments.workers)
        asyncio.run(_serve(app()))
    except EndpointError as error:
        print(f"sipgen: {error}", file=sys.stderr)
        return 2
    return 0


def _endpoint(*, printing: str, **settings: Any) -> Endpoint:
    from sipgen.endpoint.config import EndpointConfig  # noqa: PLC0415
    from sipgen.endpoint.responder import responder  # noqa: PLC0415

    hook = {"text": _print_text, "json": _print_json}.get(printing)
    return responder(EndpointConfig(on_event=hook, **settings))


async def _serve(endpoint: Endpoint) -> None:
    import asyncio  # noqa: PLC0415
    import signal  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    async with endpoint:
        host, port = (endpoint.listen_addr or ("", 0))[:2]
        print(f"listening on {host}, UDP port {port}", file=sys.stderr, flush=True)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: loop.create_task(endpoint.close()))
        await endpoint.serve()


def _print_json(event: Event) -> None:
    from sipgen.endpoint.logs import event_facts  # noqa: PLC0415

    print(json.dumps(event_facts(event, messages=True)), flush=True)


def _print_text(event: Event) -> None:
    from sipgen.endpoint.events import EventType  # noqa: PLC0415
    from sipgen.endpoint.logs import event_facts, redacted  # noqa: PLC0415

    if event.type in {EventType.REQUEST_RECEIVED, EventType.RESPONSE_RECEIVED}:
        return  # the datagram was shown
    peer = ":".join(map(str, event.addr[:2]))
    facts = event_facts(event)
    error = f": {facts['error']}" if "error" in facts else ""
    print(f"--- {event.type}, {peer}{error}")
    shown = event.raw
    if event.type in {EventType.RESPONSE_SENT, EventType.REQUEST_REFUSED} and event.response:
        shown = bytes(event.response)
    if shown and event.type != EventType.PARSE_ERROR:
        print(redacted(shown), flush=True)
