"""Registers, calls and hangs up with PJSIP: python pjsip.py PORT.

PJSIP's own thread calls back while it holds locks, and its functions hold Python's lock: so
once it runs, all is done in callbacks, and the main thread only waits.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

import pjsua2 as pj  # type: ignore[import-not-found]

PATIENCE = 20.0
GRACE = 1.0
"""Seconds that the BYE has to be answered in."""
DONE = threading.Event()
LOG: list[str] = []


class Call(pj.Call):  # type: ignore[misc]
    """Hangs up when it is answered."""

    def onCallState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's own name
        """PJSIP has news."""
        del prm
        state = self.info.stateText
        LOG.append(state)
        if state == "CONFIRMED":
            self.hangup(pj.CallOpParam())
            # The binding does not always tell of the end; the other side sees the BYE.
            threading.Timer(GRACE, DONE.set).start()


class Account(pj.Account):  # type: ignore[misc]
    """Calls when it is registered."""

    call: Call | None = None
    peer = ""

    def onRegState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's own name
        """PJSIP has an answer to its REGISTER."""
        LOG.append(f"registered {int(prm.code)}")
        if self.call is None:
            self.call = Call(self)
            parameters = pj.CallOpParam()
            parameters.opt.audioCount = 1
            parameters.opt.videoCount = 0
            self.call.makeCall(self.peer, parameters)


def main(port: str) -> int:
    """Print what happened; 0 if it was what should."""
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = 1
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.port = 0
    transport.boundAddress = "127.0.0.1"
    endpoint.transportCreate(pj.TransportType.UDP, transport)
    endpoint.audDevManager.setNullDev()
    setting = pj.AccountConfig()
    setting.idUri = "sip:alice@127.0.0.1"
    setting.regConfig.registrarUri = f"sip:127.0.0.1:{port}"
    account = Account()
    account.peer = f"sip:bob@127.0.0.1:{port}"
    endpoint.libStart()
    account.create(setting)
    DONE.wait(PATIENCE)
    print(LOG, flush=True)
    complete = LOG[:1] == ["registered 200"] and "CONFIRMED" in LOG
    # Not by way of its destructors, which wait for the thread that waits for Python's lock.
    os._exit(0 if complete else 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
