"""The interface of an Endpoint goes away while it serves, and comes back."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NETWORK = ("unshare", "--user", "--map-root-user", "--net")
"""Runs a program in a network of its own, as nobody special."""


def can_have_a_network() -> bool:
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    command = [*NETWORK, "ip", "link", "set", "lo", "up"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(
    not can_have_a_network(),
    reason="NO NETWORK OF ITS OWN: needs ip, unshare and a kernel that lets users have one",
)
def test_an_interface_that_is_gone_is_told() -> None:
    script = str(Path(__file__).with_name("interface_gone.py"))
    strict = ("-X", "dev", "-W", "error::ResourceWarning")
    done = subprocess.run(
        [*NETWORK, sys.executable, *strict, script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "as expected\n"
    assert "ResourceWarning" not in done.stderr
