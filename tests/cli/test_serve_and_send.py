"""``sipgen serve`` and ``sipgen send``, against each other."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sipgen.cli.main import main


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "sipgen", "serve", "--host", "127.0.0.1", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        match = re.search(r"UDP port (\d+)", line)
        assert match, line + process.stderr.read()
        yield int(match[1]), process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            if not stream.closed:
                stream.close()


def ended(process: subprocess.Popen[str]) -> str:
    """What the server printed; it ends in order."""
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    return output


def test_options_is_answered_and_validated(capsys: pytest.CaptureFixture[str]) -> None:
    with serving("--port", "0") as (port, process):
        assert main(["send", f"sip:bob@127.0.0.1:{port}"]) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"OPTIONS sip:bob@127.0.0.1:{port} SIP/2.0\n")
        assert re.search(r"--- after \d+\.\d\d ms\nSIP/2\.0 200 OK\n", out)
        assert "Allow: OPTIONS, INVITE" in out
        assert "error" not in out
        printed = ended(process)
    assert "--- datagram received, 127.0.0.1:" in printed
    assert "--- response sent, 127.0.0.1:" in printed


@pytest.mark.parametrize(
    ("arguments", "status", "exit_status"),
    [
        (["--method", "MESSAGE", "--body", "hello"], "200", 0),
        (["--method", "INVITE"], "486", 1),
        (["--method", "BYE"], "481", 1),
        (["--method", "FROBNICATE"], "501", 1),
        (["--header", "Max-Forwards: 3", "--header", "Subject: \u00e9"], "200", 0),
    ],
)
def test_other_methods(
    arguments: list[str], status: str, exit_status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving("--port", "0", "--quiet") as (port, process):
        if "Max-Forwards: 3" in arguments:
            arguments = arguments[2:]
        assert main(["send", *arguments, f"sip:bob@127.0.0.1:{port}"]) == exit_status
        assert f"\nSIP/2.0 {status} " in capsys.readouterr().out
        assert ended(process) == ""


def test_json_on_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    with serving("--port", "0", "--json", "--validation", "strict") as (port, process):
        digest = "0123456789abcdef" * 2
        line = 'Authorization: Digest username="bob", realm="r", nonce="n", uri="sip:a"'
        line += f', response="{digest}"'
        assert main(["send", "--json", "--header", line, f"sip:bob@127.0.0.1:{port}"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["version"] == 1
        (response,) = told["responses"]
        assert (response["status"], response["findings"]) == (200, [])
        assert response["milliseconds"] > 0
        assert "0123456789abcdef" not in told["request"]
        events = [json.loads(one) for one in ended(process).splitlines()]
    assert [event["type"] for event in events] == [
        "datagram received",
        "request received",
        "response sent",
    ]
    assert events[1]["method"] == "OPTIONS"
    assert events[2]["status"] == 200
    assert "0123456789abcdef" not in str(events)


def test_a_request_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "request.sip"
    with serving("--port", "0", "--quiet") as (port, _):
        file.write_text(f"MESSAGE sip:bob@127.0.0.1:{port} SIP/2.0\nSubject: from a file\n")
        assert main(["send", "--file", str(file), f"sip:bob@127.0.0.1:{port}"]) == 0
        out = capsys.readouterr().out
        assert "Subject: from a file\n" in out
        assert "CSeq: 1 MESSAGE\n" in out
        file.write_text("SIP/2.0 200 OK\r\n\r\n")
        assert main(["send", "--file", str(file), f"sip:bob@127.0.0.1:{port}"]) == 2
        assert "a response" in capsys.readouterr().err


def test_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        uri = f"sip:bob@127.0.0.1:{deaf.getsockname()[1]}"
        assert main(["send", "--timeout", "0.05", uri]) == 1
        assert "no response within 0.05 s" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["send", "tel:+1"], "scheme"),
        (["send", "sip:"], "malformed"),
        (["send", "--file", "/no/such/file", "sip:a@127.0.0.1"], "No such file"),
        (["send", "--header", "no colon", "sip:a@127.0.0.1"], "Name: value"),
        (["send", "--header", "CSeq: x", "sip:a@127.0.0.1"], "not a valid CSeq value"),
        (["send", "--method", "A B", "sip:a@127.0.0.1"], "token"),
        (["serve", "--port", "65536"], "0 to 65535"),
        (["serve", "--workers", "0", "--port", "0", "--host", "no.such.host.invalid"], "listen"),
        (["serve", "--workers", "2", "--port", "0"], "share a port"),
    ],
)
def test_wrong_usage(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        assert main(["serve", "--host", "127.0.0.1", "--port", port]) == 2
        assert "in use" in capsys.readouterr().err


def test_workers_share_the_port_and_end_together() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sipgen", "serve", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "2", "--quiet"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        uri = f"sip:bob@127.0.0.1:{port}"
        # Workers take a moment to start; each attempt is an exchange of its own.
        answered = any(main(["send", "--timeout", "0.5", uri]) == 0 for _ in range(40))
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert answered
        assert process.returncode == 0, errors
