"""Several processes on one port: ``SO_REUSEPORT``, dealt out by the kernel.

The kernel picks the worker by a hash over addresses and ports of both ends. So all that one
client socket sends reaches one worker as long as the number of workers stays; what comes
from another port of the same host, as after a NAT rebinding, may reach another. Nothing is
shared between workers: state that outlives a request belongs into a store of the service.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from sipgen.endpoint.endpoint import Endpoint
from sipgen.errors import EndpointError

__all__ = ["serve_workers"]


def serve_workers(app: Callable[[], Endpoint], workers: int) -> int:
    """Serve ``app`` in ``workers`` processes until SIGINT or SIGTERM, or until one dies.

    :param app: makes the Endpoint, with ``reuse_port=True`` and a port other than 0; it is
        called in each process, so it must be importable (a function of a module).
    :param workers: how many, at least 1.
    :return: 0 if all ended in order, else 1.
    :raises EndpointError: if the Endpoint would not share its port.
    """
    config = app().config
    if workers < 1:
        raise EndpointError(f"{workers} workers are too few")
    if not config.reuse_port or not config.port:
        raise EndpointError("workers share a port: give reuse_port=True and a port")
    context = multiprocessing.get_context("spawn")
    processes: list[BaseProcess] = [
        context.Process(target=_work, args=(app,), name=f"sipgen worker {number}")
        for number in range(workers)
    ]
    for process in processes:
        process.start()
    told: list[int] = []

    def tell(number: int, _frame: object) -> None:
        # Once: a worker that is about to be gone would be killed by a second signal.
        if not told:
            told.append(number)
            _end(processes)

    handlers = {number: signal.signal(number, tell) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        wait([process.sentinel for process in processes])
        if not told:
            _end(processes)
        for process in processes:
            process.join()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    # One that was told to end before it was set up has no handler for it yet.
    return int(any(process.exitcode not in {0, -signal.SIGTERM} for process in processes))


def _end(processes: list[BaseProcess]) -> None:
    for process in processes:
        if process.is_alive():
            process.terminate()


def _work(app: Callable[[], Endpoint]) -> None:
    asyncio.run(_serve(app()))


async def _serve(endpoint: Endpoint) -> None:
    loop = asyncio.get_running_loop()
    async with endpoint:
        serving = asyncio.ensure_future(endpoint.serve())
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: loop.create_task(endpoint.close()))
        await serving
