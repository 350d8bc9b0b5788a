"""PJSIP as caller and callee: python pjsip_client.py PORT LISTEN CALLEE STYLE.

Everything is done in PJSIP's callbacks, as in tests/interop/pjsip.py and for its reason.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

import pjsua2 as pj  # type: ignore[import-not-found]

PATIENCE = 11.0
DONE = threading.Event()
KEPT: list[Any] = []


class Call(pj.Call):  # type: ignore[misc]
    """Holds, then hangs up, when it is answered."""

    held = False
    ours = True

    def onCallState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's own name
        """PJSIP has news."""
        del prm
        if self.info.stateText == "CALLING" and Account.callee == "slow":
            return
        if self.info.stateText == "EARLY" and Account.callee == "slow" and self.ours:
            self.hangup(pj.CallOpParam())
        if self.info.stateText == "CONFIRMED" and self.ours and Account.callee != "far":
            if Account.style == "hold" and not self.held:
                self.held = True
                self.setHold(pj.CallOpParam())
            elif Account.style == "transfers" and not self.held:
                self.held = True
                self.update(pj.CallOpParam())
                self.xfer("sip:carol@example.com", pj.CallOpParam())
            else:
                self.hangup(pj.CallOpParam())

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's own name
        """PJSIP's media changed: the call was answered, or is held."""
        del prm
        if self.held and Account.style == "hold":
            self.hangup(pj.CallOpParam())


class Account(pj.Account):  # type: ignore[misc]
    """Calls when it is registered, and takes calls."""

    callee = ""
    style = ""
    peer = ""
    done = False

    def onRegState(self, prm: Any) -> None:  # noqa: N802 - PJSIP's own name
        """PJSIP has an answer to its REGISTER."""
        del prm
        if self.done:
            return
        self.done = True
        call = Call(self)
        KEPT.append(call)
        parameters = pj.CallOpParam()
        parameters.opt.audioCount, parameters.opt.videoCount = 1, 0
        call.makeCall(self.peer, parameters)

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - PJSIP's own name
        """Somebody calls."""
        call = Call(self, prm.callId)
        call.ours = False
        KEPT.append(call)
        parameters = pj.CallOpParam()
        parameters.statusCode = 180
        call.answer(parameters)
        if self.style == "ringing":
            return
        parameters.statusCode = 486 if self.style == "refuses" else 200
        call.answer(parameters)


def main(port: str, listen: str, callee: str, style: str) -> None:
    """Run until there is nothing more to come."""
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = 1
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.port = int(listen)
    transport.boundAddress = "127.0.0.1"
    endpoint.transportCreate(pj.TransportType.UDP, transport)
    endpoint.audDevManager.setNullDev()
    setting = pj.AccountConfig()
    setting.idUri = {
        "plain": "sip:alice@127.0.0.1",
        "hold": '"Alice \\"A.\\" Smith" <sip:alice@example.com>',
        "transfers": "Alice <sip:alice@example.com>",
    }.get(style, "<sip:+4930123456@example.com;user=phone>")
    setting.regConfig.registrarUri = f"sip:127.0.0.1:{port}"
    credentials = pj.AuthCredInfo("digest", "*", "alice", 0, "secret")
    setting.sipConfig.authCreds = pj.AuthCredInfoVector([credentials])
    if style in {"hold", "refuses"}:
        setting.sipConfig.proxies = pj.StringVector([f"sip:127.0.0.1:{port};lr"])
    if style == "transfers":
        instance = "<urn:uuid:00000000-0000-0000-0000-000000000001>"
        setting.regConfig.contactParams = f';+sip.instance="{instance}"'
        setting.sipConfig.contactUriParams = ";line=5a3f;ob"
    Account.callee, Account.style = callee, style
    Account.peer = f"sip:{callee}@127.0.0.1:{port}"
    account = Account()
    endpoint.libStart()
    account.create(setting)
    DONE.wait(PATIENCE)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:5])
