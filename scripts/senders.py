"""Messages of fifty made-up senders, none like another: streams for ``make bench``.

Each sender has its own header fields, their order and spelling, and its own forms of URI,
Via, tag, branch, Call-ID, credentials and body. What a sender is like does not depend on the
seed; the seed chooses what it says. About one message in three breaks a rule of the RFCs:
seventeen senders have a habit that they follow most of the time, the others make mistakes
now and then (:mod:`scripts.senders_faults`).
"""

from __future__ import annotations

from random import Random

from scripts import senders_values as values
from scripts.senders_faults import BYTE_FAULTS, FAULTS, Draft

__all__ = ["SENDERS", "Sender", "messages"]

SENDERS = 50

_COMPACT = {
    "Via": "v",
    "From": "f",
    "To": "t",
    "Call-ID": "i",
    "Contact": "m",
    "Content-Type": "c",
    "Content-Length": "l",
    "Supported": "k",
    "Subject": "s",
    "Event": "o",
    "Allow-Events": "u",
    "Session-Expires": "x",
    "Refer-To": "r",
    "Referred-By": "b",
}
_ORDER = (
    "Max-Forwards",
    "Record-Route",
    "Route",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "User-Agent",
    "Server",
    "Allow",
    "Supported",
    "Expires",
    "Date",
    "Event",
    "Authorization",
    "Proxy-Authorization",
)
"""What a sender has its own order of; other header fields follow, Content-Length last."""
_METHODS: tuple[str, ...] = ("INVITE",) * 5 + ("REGISTER", "OPTIONS", "BYE") * 3
_METHODS += ("ACK", "ACK", "SUBSCRIBE", "SUBSCRIBE", "NOTIFY", "NOTIFY", "MESSAGE", "CANCEL")
_METHODS += ("INFO", "UPDATE", "PRACK", "REFER", "PUBLISH")
_ANSWERS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    302: "Moved Temporarily",
    401: "Unauthorized",
    404: "Not Found",
    407: "Proxy Authentication Required",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    503: "Service Unavailable",
}
_ANSWERS_TO = {
    "INVITE": (100, 100, 180, 180, 183, 200, 200, 200, 302, 404, 407, 480, 486, 487, 503),
    "REGISTER": (200, 200, 200, 401, 401, 404, 503),
}
_AGENTS = ("Phone", "Softclient", "PBX", "Gateway", "Edge", "Desk", "SBC", "IAD", "Conf", "Agent")
_ALLOWS = (
    "INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH, MESSAGE",
    "INVITE,ACK,BYE,CANCEL,OPTIONS,NOTIFY",
    "PRACK, INVITE, ACK, BYE, CANCEL, UPDATE, INFO, SUBSCRIBE, NOTIFY, REFER, MESSAGE, OPTIONS",
    "INVITE, ACK, OPTIONS, CANCEL, BYE",
)
_EXTENSIONS = (
    "X-Vendor",
    "Session-ID",
    "P-Asserted-Identity",
    "P-Access-Network-Info",
    "Privacy",
    "History-Info",
    "Diversion",
    "Subject",
    "Accept-Language",
    "Organization",
)
_INVITE_ONLY = set(_EXTENSIONS) - {"X-Vendor", "Session-ID", "P-Access-Network-Info"}
_CONTACT_PARAMS = (
    "",
    ";transport=udp",
    ";line={hex}",
    ";rinstance={hex}",
    ";ob",
    ";transport=UDP;ob",
    ";x-ast-orig-host={hex}",
)
_TAG_FORMS = ("hex", "uuid", "digits", "as", "dotted", "base64")


class Sender:
    """A made-up phone or server, which always writes in the same style."""

    def __init__(self, number: int) -> None:
        """Choose the style of sender ``number``."""
        chance = Random(f"sender {number}")  # noqa: S311 - reproducible, not secret
        pick = chance.choice
        self.agent = f"{pick(_AGENTS)}{pick(('/', ' ', '-'))}{number}.{chance.randrange(9)}" + pick(
            ("", " (build 17)", " 00a0c91e6bf6", "-rc1")
        )
        names = sorted(_COMPACT)
        self.compact = set(pick(([], [], [], names, chance.sample(names, 6))))
        self.case = pick((str, str, str, str.lower, str.upper))
        self.colon = pick((": ", ": ", ": ", ": ", ":", ":  "))
        self.order = list(_ORDER)
        if chance.random() < 0.7:
            chance.shuffle(self.order)
        self.host_style = pick(("ipv4", "ipv4", "ipv4", "name", "ipv6"))
        self.address = values.host(chance, self.host_style)
        self.port = pick(("", ":5060", f":{chance.randrange(1024, 65_000)}"))
        self.domain = pick((self.address, values.host(chance, "name"), values.host(chance, "name")))
        self.display = pick(("none", "token", "quoted", "quoted", "escaped", "utf8"))
        self.phone = pick(("", "", "", ";user=phone"))
        self.tel = chance.random() < 0.12
        self.tag_form, self.branch_form, self.id_form = (pick(_TAG_FORMS) for _ in range(3))
        self.id_host = pick(("", self.address, self.domain))
        self.via_order = chance.randrange(4)
        self.lr = pick((";lr", ";lr", ";lr;did={hex}", ";lr;ftag={hex}", ";transport=udp;lr"))
        self.contact_params = pick(_CONTACT_PARAMS)
        self.brackets = chance.random() > 0.15 or bool(self.contact_params)
        self.comma_vias = chance.random() < 0.1
        self.allow = pick(_ALLOWS)
        self.supported = pick(
            (
                "timer",
                "replaces",
                "replaces, timer",
                "path,outbound,gruu",
                "100rel, timer, norefersub",
            )
        )
        self.dated = chance.random() < 0.25
        self.extensions = chance.sample(_EXTENSIONS, chance.randrange(4))
        self.digest, self.sdp = chance.randrange(4), chance.randrange(4)
        self.habit = pick(sorted(FAULTS)) if number % 3 == 0 else None

    def message(self, chance: Random) -> bytes:
        """Return the next message of this sender."""
        draft = self._draft(chance)
        octet_fault = None
        if chance.random() < (0.22 if self.habit is None else 0.6):
            choices = sorted(FAULTS)
            fault = self.habit or chance.choice(choices)
            # A fault may need a header field that this message lacks.
            while not FAULTS[fault](draft, chance):
                fault = chance.choice(choices)
            octet_fault = BYTE_FAULTS.get(fault)
        data = self._octets(draft)
        return octet_fault(data, chance) if octet_fault else data

    def _octets(self, draft: Draft) -> bytes:
        place = {name: number for number, name in enumerate(["Via", *self.order])}
        last = len(place)
        headers = sorted(
            draft.headers,
            key=lambda header: (
                last + 1 if header[0] == "Content-Length" else place.get(header[0], last)
            ),
        )
        lines = [draft.start_line]
        lines += [f"{self._spelt(name)}{self.colon}{value}" for name, value in headers]
        head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
        return head + b"\r\n\r\n" + draft.body

    def _spelt(self, name: str) -> str:
        return _COMPACT[name] if name in self.compact else self.case(name)

    def _filled(self, text: str, chance: Random) -> str:
        return text.replace("{hex}", f"{chance.getrandbits(48):x}")

    def _uri(self, chance: Random, host: str) -> str:
        if self.tel:
            return f"tel:+{chance.randrange(10**9, 10**12)}"
        if self.phone:
            return f"sip:+{chance.randrange(10**9, 10**12)}@{host}{self.phone}"
        return f"sip:{values.user(chance)}@{host}"

    def _contact(self, chance: Random) -> str:
        name = chance.choice((f"{values.user(chance)}@", "", f"{chance.getrandbits(40):x}@"))
        uri = f"sip:{name}{self.address}{self.port}"
        if not self.brackets:
            return uri
        return f"<{uri}{self._filled(self.contact_params, chance)}>"

    def _via(self, chance: Random, at: str, *, answered: bool) -> str:
        branch = f"branch=z9hG4bK{values.opaque_word(chance, self.branch_form)}"
        parts = [branch]
        if answered:
            parts += [f"received=192.0.2.{chance.randrange(1, 255)}"]
            parts += [f"rport={chance.randrange(1024, 65_000)}"] if self.via_order else []
        elif self.via_order:
            parts += ["rport"]
        if self.via_order == 2:
            parts.reverse()
        if self.via_order == 3 and answered:
            parts += ["alias"]
        gap = "; " if self.colon == ":  " else ";"
        return f"SIP/2.0/UDP {at}" + "".join(f"{gap}{part}" for part in parts)

    def _draft(self, chance: Random) -> Draft:
        method = chance.choice(_METHODS)
        code = 0
        if method != "ACK" and chance.random() < 0.42:
            code = chance.choice(_ANSWERS_TO.get(method, (200, 200, 200, 404, 481, 503)))
        in_dialog = method in {"ACK", "BYE", "INFO", "UPDATE", "PRACK", "NOTIFY"}
        target = f"sip:{values.user(chance)}@{self.domain}"
        if method == "REGISTER":
            target = f"sip:{self.domain}"
        elif in_dialog:
            target = f"sip:{values.user(chance)}@{values.host(chance, 'ipv4')}:5060"
        draft = Draft(method, code)
        draft.start_line = (
            f"SIP/2.0 {code} {_ANSWERS[code]}" if code else f"{method} {target} SIP/2.0"
        )
        add = draft.headers.append
        proxied = chance.random() < 0.4 and method != "CANCEL"
        vias = [self._via(chance, f"{self.address}{self.port}", answered=bool(code))]
        if proxied:
            proxy = values.host(chance, "name")
            vias.insert(0, self._via(chance, proxy, answered=bool(code)))
            if method in {"INVITE", "SUBSCRIBE"} and code in {0, 180, 183, 200}:
                add(("Record-Route", f"<sip:{proxy}{self._filled(self.lr, chance)}>"))
        elif in_dialog and not code and self.sdp:
            add(("Route", f"<sip:{self.domain}{self._filled(self.lr, chance)}>"))
        if self.comma_vias:
            vias = [", ".join(vias)]
        for via in vias:
            add(("Via", via))
        if not code:
            add(("Max-Forwards", str(chance.choice((70, 70, 69, 68, 16)))))
        self._parties(draft, chance, in_dialog=in_dialog)
        self._of_method(draft, chance, target)
        add(("Server" if code and self.sdp % 2 else "User-Agent", self.agent))
        self._extras(draft, chance)
        self._body(draft, chance)
        add(("Content-Length", str(len(draft.body))))
        return draft

    def _parties(self, draft: Draft, chance: Random, *, in_dialog: bool) -> None:
        add = draft.headers.append
        from_uri = self._uri(chance, self.domain)
        if draft.method == "REGISTER":
            from_uri = f"sip:{values.user(chance)}@{self.domain}"
        to_uri = from_uri if draft.method == "REGISTER" else self._uri(chance, self.domain)
        tag = f";tag={values.opaque_word(chance, self.tag_form)}"
        add(("From", f"{values.display(chance, self.display)}<{from_uri}>{tag}"))
        to_tag = ""
        if in_dialog or draft.code > 100:
            to_tag = f";tag={values.opaque_word(chance, self.tag_form)}"
        shown = values.display(chance, self.display) if chance.random() < 0.3 else ""
        add(("To", f"{shown}<{to_uri}>{to_tag}"))
        add(("Call-ID", values.call_id(chance, self.id_form, self.id_host)))
        add(("CSeq", f"{chance.randrange(1, 2**31)} {draft.method}"))

    def _of_method(self, draft: Draft, chance: Random, target: str) -> None:
        add, method, code = draft.headers.append, draft.method, draft.code
        self._contacts(draft, chance)
        self._digests(draft, chance, target)
        if method in {"SUBSCRIBE", "NOTIFY", "PUBLISH"} and not code:
            event = {
                "SUBSCRIBE": ("presence", "dialog", "message-summary"),
                "PUBLISH": ("presence",),
            }
            add(("Event", chance.choice(event.get(method, ("message-summary",)))))
        if method in {"SUBSCRIBE", "PUBLISH"} and code in {0, 200}:
            add(("Expires", str(chance.choice((60, 600, 3600)))))
        if method == "PUBLISH" and code == 200:
            add(("SIP-ETag", f"{chance.getrandbits(48):x}"))
        if method == "NOTIFY" and not code:
            state = chance.choice(("active;expires=", "pending;expires="))
            add(("Subscription-State", f"{state}{chance.randrange(10, 3600)}"))
        elif method == "PRACK" and not code:
            add(("RAck", f"{chance.randrange(1, 9999)} {chance.randrange(1, 9999)} INVITE"))
        elif method == "REFER" and not code:
            add(("Refer-To", f"<{self._uri(chance, self.domain)}>"))
            add(("Referred-By", f"<sip:{values.user(chance)}@{self.domain}>"))
        elif method in {"BYE", "CANCEL"} and not code and self.sdp > 1:
            add(("Reason", 'Q.850;cause=16;text="Normal call clearing"'))

    def _contacts(self, draft: Draft, chance: Random) -> None:
        add, method, code = draft.headers.append, draft.method, draft.code
        contact = self._contact(chance)
        if method == "REGISTER" and code in {0, 200}:
            expires = chance.choice((60, 120, 300, 3600))
            bound = contact if self.brackets else f"<{contact}>"
            add(("Contact", f"{bound};expires={expires}" if code or self.sdp else bound))
            if not code and not self.sdp:
                add(("Expires", str(expires)))
        elif method in {"INVITE", "SUBSCRIBE", "NOTIFY", "UPDATE", "REFER"} and code in {
            *(0, 180, 183, 200),
        }:
            add(("Contact", contact))
        elif code == 302:
            add(("Contact", f"<{self._uri(chance, self.domain)}>"))

    def _digests(self, draft: Draft, chance: Random, target: str) -> None:
        add, method, code = draft.headers.append, draft.method, draft.code
        if code == 401:
            add(("WWW-Authenticate", values.challenge(chance, self.digest, self.domain)))
        elif code == 407:
            add(("Proxy-Authenticate", values.challenge(chance, self.digest, self.domain)))
        if not code and method == "REGISTER" and chance.random() < 0.6:
            answer = values.credentials(chance, self.digest, self.domain, target)
            add(("Authorization", answer))
        elif not code and method in {"INVITE", "SUBSCRIBE", "MESSAGE"} and chance.random() < 0.3:
            answer = values.credentials(chance, self.digest, self.domain, target)
            add(("Proxy-Authorization", answer))

    def _extras(self, draft: Draft, chance: Random) -> None:
        add, method, code = draft.headers.append, draft.method, draft.code
        if method in {"ACK", "CANCEL"} or code == 100:
            return
        if method in {"INVITE", "OPTIONS", "REGISTER", "SUBSCRIBE"} and code in {0, 200}:
            add(("Allow", self.allow))
            add(("Supported", self.supported))
        if method == "OPTIONS" and code in {0, 200}:
            add(("Accept", "application/sdp"))
        if self.dated:
            add(("Date", values.date(chance)))
        written = {
            "X-Vendor": f"{chance.getrandbits(32):x}; model={self.agent[:4]}",
            "Session-ID": f"{chance.getrandbits(128):032x};remote={0:032x}",
            "P-Asserted-Identity": f"<sip:{values.user(chance)}@{self.domain}>",
            "P-Access-Network-Info": "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010019B"
            f"{chance.getrandbits(8):02X}",
            "Privacy": chance.choice(("id", "none", "header;id")),
            "History-Info": f"<sip:{values.user(chance)}@{self.domain}>;index=1",
            "Diversion": f"<sip:{values.user(chance)}@{self.domain}>;reason=no-answer",
            "Subject": chance.choice(("Support", "Lunch?", "Call back")),
            "Accept-Language": chance.choice(("en", "de, en;q=0.5")),
            "Organization": "Example Ltd",
        }
        for name in self.extensions:
            if (method == "INVITE" and not code) or (name not in _INVITE_ONLY and not code):
                add((name, written[name]))

    def _body(self, draft: Draft, chance: Random) -> None:
        method, code = draft.method, draft.code
        if (method == "INVITE" and code in {0, 183, 200}) or (method == "ACK" and self.sdp == 1):
            draft.body = values.sdp(chance, self.sdp, values.host(chance, "ipv4"))
            draft.headers.append(("Content-Type", "application/sdp"))
        elif method in values.BODIES and not code:
            kind, text = values.BODIES[method]
            word, digit = f"{chance.getrandbits(32):x}", chance.randrange(10)
            text = text.format(word=word, digit=digit, number=chance.randrange(100, 900))
            draft.body = text.encode()
            draft.headers.append(("Content-Type", kind))


def messages(count: int, seed: int) -> list[bytes]:
    """Return ``count`` messages of all senders in random order; the same for the same seed."""
    chance = Random(f"stream {seed}")  # noqa: S311 - reproducible, not secret
    senders = [Sender(number) for number in range(SENDERS)]
    order = [senders[number % SENDERS] for number in range(count)]
    chance.shuffle(order)
    return [sender.message(chance) for sender in order]
