"""Rules about Contact and REGISTER.

RFC 3261 sections 8.1.1.8, 10 and 19.1.1, RFC 3327, 3428, 5626, 5627, 5630, 6140, 8599.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sipgen.errors import ParseError
from sipgen.language.grammar import standard
from sipgen.rules.declaring import Fault, element_rule, message_rule
from sipgen.rules.facts import Element, Facts, Place
from sipgen.rules.routes import disallowed
from sipgen.values.address import NameAddr
from sipgen.values.locate import REQUEST_LINE, Part, parameter, parameter_name
from sipgen.values.text import leading_number
from sipgen.values.uri import URI, AbsoluteURI, SipURI, parse_uri

__all__: list[str] = []

_CONTACT = "Contact"
_REGISTER = "REGISTER"

_FORMING_DIALOGS = ("INVITE", "REFER", "SUBSCRIBE")
_IN_DIALOGS = (*_FORMING_DIALOGS, "NOTIFY", "UPDATE")

# The dashes of RFC 3261 table 1.
_NOT_IN_DIALOGS = frozenset({"headers", "method", "ttl"})
_NOT_IN_BINDINGS = frozenset({"lr", "method"})

_REG_ID = "reg-id"
_INSTANCE = "+sip.instance"
_GRUUS = ("pub-gruu", "temp-gruu")
_MOST = 2**31 - 1

_URI = Part("uri")
_SIP_URIS = ("SIP-URI", "SIPS-URI")


def _stars(facts: Facts) -> list[Element]:
    return [contact for contact in facts.elements(_CONTACT) if contact.value.is_star]


def _is_dialog_contact(facts: Facts) -> bool:
    """Return True if Contact is the target of requests in a dialog."""
    return facts.is_request or 100 < facts.status < 300


def _scheme(uri: URI) -> str:
    return uri.scheme


def _has(uri: URI, name: str) -> bool:
    return not isinstance(uri, AbsoluteURI) and name in uri.params


# --- Contact: *


@message_rule("contact-star-method", _CONTACT, unusual=[_CONTACT])
def _contact_star_method(facts: Facts) -> Iterator[Place]:
    if facts.method and not (facts.is_request and facts.method == _REGISTER):
        what = f"a request {facts.method[:20]}" if facts.is_request else "a response"
        for star in _stars(facts):
            yield star.fault(f"Contact is * in {what}.", _CONTACT)


@message_rule("contact-star-alone", _CONTACT, unusual=[_CONTACT])
def _contact_star_alone(facts: Facts) -> Iterator[Place]:
    if len(facts.lines(_CONTACT)) > 1:
        for star in _stars(facts):
            yield star.fault("Contact is *, and there are other Contacts.", _CONTACT)


@message_rule(
    "contact-star-expires", _CONTACT, methods=[_REGISTER], where="request", unusual=[_CONTACT],
    reads=["Expires"],
)  # fmt: skip
def _contact_star_expires(facts: Facts) -> Iterator[Place]:
    if not facts.is_request or not _stars(facts):
        return
    if "Expires" not in facts:
        message = "Contact is *, and there is no Expires."
        yield facts.missing(message, "Expires", ("Expires: 0",))
    for expires in facts.elements("Expires"):
        if expires.value:
            yield expires.fault("Contact is *, and Expires is not 0.", "Expires", expected=("0",))


# --- Contact in dialogs


@message_rule(
    "contact-single", _CONTACT, methods=_FORMING_DIALOGS, where="request", unusual=[_CONTACT],
    counts=[_CONTACT],
)  # fmt: skip
def _contact_single(facts: Facts) -> Iterator[Place]:
    for contact in facts.addresses(_CONTACT)[1:] if facts.is_request else ():
        yield contact.fault(f"A request {facts.method} has a second Contact.", _CONTACT)


@message_rule("contact-sip-uri", _CONTACT, methods=_IN_DIALOGS, unusual=[_CONTACT])
def _contact_sip_uri(facts: Facts) -> Iterator[Place]:
    for contact in facts.addresses(_CONTACT) if _is_dialog_contact(facts) else ():
        if not isinstance(contact.value.uri, SipURI):
            message = "The Contact of a dialog is neither a SIP nor a SIPS URI."
            yield contact.fault(message, _CONTACT, _URI, _SIP_URIS)


@message_rule(
    "contact-sips", _CONTACT, methods=_FORMING_DIALOGS, where="request",
    unusual=["Route", REQUEST_LINE], reads=[_CONTACT, "Via"],
)  # fmt: skip
def _contact_sips(facts: Facts) -> Iterator[Place]:
    if not facts.is_request:
        return
    where = facts.uri
    asked = "the Request-URI" if where is not None and where.scheme == "sips" else ""
    # A proxy adds and removes Route values, and leaves Contact alone.
    if not asked and len(facts.elements("Via")) == 1:
        top = facts.first("Route")
        asked = "the topmost Route" if top is not None and top.uri.scheme == "sips" else ""
    for contact in facts.addresses(_CONTACT) if asked else ():
        if contact.value.uri.scheme == "sip":
            message = f"Contact is no SIPS URI, and {asked} is one."
            yield contact.fault(message, _CONTACT, Part("scheme", of_uri=True), ("sips",))


@message_rule("contact-uri-components", _CONTACT, methods=_IN_DIALOGS, unusual=[_CONTACT])
def _contact_uri_components(facts: Facts) -> Iterator[Place]:
    for contact in facts.addresses(_CONTACT) if _is_dialog_contact(facts) else ():
        for part, words in disallowed(contact.value.uri, _NOT_IN_DIALOGS):
            yield contact.fault(f"The Contact of a dialog has {words}.", _CONTACT, part)


@message_rule("binding-uri-components", _CONTACT, unusual=[_CONTACT])
def _binding_uri_components(facts: Facts) -> Iterator[Place]:
    if facts.method == _REGISTER or 300 <= facts.status < 400:
        for contact in facts.addresses(_CONTACT):
            for part, words in disallowed(contact.value.uri, _NOT_IN_BINDINGS):
                message = f"The Contact of a registration or redirection has {words}."
                yield contact.fault(message, _CONTACT, part)


@message_rule("message-contact", _CONTACT, methods=["MESSAGE"], by_kind=True)
def _message_contact(facts: Facts) -> Iterator[Place]:
    if facts.is_request or 200 <= facts.status < 300:
        yield from facts.names(_CONTACT, "MESSAGE makes no dialog, and has a Contact.")


# --- REGISTER


@message_rule("register-to-uri", "To", methods=[_REGISTER], where="request")
def _register_to_uri(facts: Facts) -> Iterable[Place]:
    only = facts.only("To")
    return () if only is not None and isinstance(only.uri, SipURI) else _registering_others(facts)


def _registering_others(facts: Facts) -> Iterator[Place]:
    for receiver in facts.elements("To") if facts.is_request else ():
        if not isinstance(receiver.value.uri, SipURI):
            message = "The To of a REGISTER is neither a SIP nor a SIPS URI."
            yield receiver.fault(message, "To", _URI, _SIP_URIS)


@message_rule(
    "register-sips", _CONTACT, methods=[_REGISTER], where="request",
    unusual=[_CONTACT, "From", "To"],
)  # fmt: skip
def _register_sips(facts: Facts) -> Iterator[Place]:
    schemes = {_scheme(contact.value.uri) for contact in facts.addresses(_CONTACT)}
    if not facts.is_request or not schemes or not facts.all_usable(_CONTACT):
        return
    wanted, other = ("sips", "sip") if schemes == {"sips"} else ("sip", "sips")
    for header in ("From", "To"):
        for address in facts.elements(header):
            if address.value.uri.scheme == other:
                words = "every Contact is" if wanted == "sips" else "not every Contact is"
                message = f"{words.capitalize()} a SIPS URI, and {header} is a {other} URI."
                yield address.fault(message, header, Part("scheme", of_uri=True), (wanted,))


@message_rule(
    "path-supported", "Path", methods=[_REGISTER], where="request", reads=["Supported", "Require"]
)
def _path_supported(facts: Facts) -> Iterator[Place]:
    if facts.is_request and "path" not in facts.tokens("Supported", "Require"):
        message = "There is a Path, and the user agent does not say that it supports it."
        yield next(facts.names("Path", message, ("Supported: path",)))


# --- outbound (RFC 5626)


@element_rule("reg-id-range", _CONTACT, needs=[_REG_ID])
def _reg_id_range(contact: NameAddr) -> Iterator[Fault]:
    text = contact.params[_REG_ID] or ""
    if not 0 < leading_number(text) <= _MOST:
        message = f"{(text or _REG_ID)[:20]} is no reg-id."
        yield Fault(message, parameter(_REG_ID), ("1 to 2147483647",))


@message_rule("reg-id-instance", _CONTACT, methods=[_REGISTER], unusual=[_CONTACT])
def _reg_id_instance(facts: Facts) -> Iterator[Place]:
    if facts.is_request or 200 <= facts.status < 300:
        for contact in facts.addresses(_CONTACT):
            params = contact.value.params
            if _REG_ID in params and _INSTANCE not in params:
                message = f"The Contact has a reg-id, and no {_INSTANCE}."
                part = Part("parameter-end", _REG_ID)
                yield contact.fault(message, _CONTACT, part, (_INSTANCE,))


@message_rule(
    "reg-id-single", _CONTACT, methods=[_REGISTER], where="request", unusual=[_CONTACT],
    reads=["Expires"],
)  # fmt: skip
def _reg_id_single(facts: Facts) -> Iterator[Place]:
    if not facts.is_request:
        return
    # Without any expiry the registrar chooses one, and never chooses zero.
    default = facts.first("Expires")
    kept = []
    for contact in facts.addresses(_CONTACT):
        expires = contact.value.params.get("expires", default)
        if expires is None or expires == "" or leading_number(str(expires)):
            kept.append(contact)
    if any(_REG_ID in contact.value.params for contact in kept):
        for contact in kept[1:]:
            yield contact.fault("A registration with a reg-id keeps a second Contact.", _CONTACT)


@message_rule(
    "outbound-register-supported", _CONTACT, methods=[_REGISTER], where="request",
    unusual=[_CONTACT], reads=["Supported", "Require"],
)  # fmt: skip
def _outbound_register_supported(facts: Facts) -> Iterator[Place]:
    contacts = facts.addresses(_CONTACT) if facts.is_request else []
    if any(_REG_ID in contact.value.params for contact in contacts):
        supported = facts.tokens("Supported", "Require")
        for tag in ("outbound", "path"):
            if tag not in supported:
                message = f"A Contact has a reg-id, and Supported does not hold {tag}."
                yield facts.missing(message, "Supported", (tag,))


# --- GRUU (RFC 5627)


@message_rule("gruu-request", _CONTACT, methods=[_REGISTER], where="request", unusual=[_CONTACT])
def _gruu_request(facts: Facts) -> Iterator[Place]:
    for contact in facts.addresses(_CONTACT) if facts.is_request else ():
        for number, (name, _) in enumerate(contact.value.params.pairs):
            if name.lower() in _GRUUS:
                message = f"A REGISTER proposes a {name.lower()}."
                yield contact.fault(message, _CONTACT, parameter_name(number))


def _gruu(contact: NameAddr, name: str) -> tuple[str, URI | None]:
    """Text and URI of a GRUU; ``None`` for what is no URI."""
    # Folds in the quoted text are how a long line was broken.
    text = "".join((contact.params[name] or "").split())
    try:
        return text, parse_uri(text)
    except ParseError:
        return text, None


@element_rule("gruu-uri", _CONTACT, needs=_GRUUS)
def _gruu_uri(contact: NameAddr) -> Iterator[Fault]:
    for name in _GRUUS:
        if name not in contact.params:
            continue
        text, uri = _gruu(contact, name)
        entry = {"sip": "SIP-URI", "sips": "SIPS-URI"}.get(text.partition(":")[0].lower())
        octets = text.encode("utf-8", "surrogateescape")
        if entry is None or not standard().matches(entry, octets):
            yield Fault("The GRUU is no SIP or SIPS URI.", parameter(name), _SIP_URIS)
        elif uri is not None and not _has(uri, "gr"):
            yield Fault("The GRUU has no parameter gr.", parameter(name), ("gr",))


@element_rule("pub-gruu-value", _CONTACT, needs=["pub-gruu"])
def _pub_gruu_value(contact: NameAddr) -> Iterator[Fault]:
    _, uri = _gruu(contact, "pub-gruu")
    if isinstance(uri, SipURI) and "gr" in uri.params and uri.params["gr"] is None:
        message = "The parameter gr of a public GRUU has no value."
        yield Fault(message, parameter("pub-gruu"))


# --- bulk registration (RFC 6140)


def _bulk(facts: Facts) -> Iterator[tuple[Element, SipURI]]:
    for contact in facts.addresses(_CONTACT) if facts.is_request else ():
        uri = contact.value.uri
        if isinstance(uri, SipURI) and "bnc" in uri.params:
            yield contact, uri


@message_rule("bnc-user", _CONTACT, methods=[_REGISTER], where="request", unusual=[_CONTACT])
def _bnc_user(facts: Facts) -> Iterator[Place]:
    for contact, uri in _bulk(facts):
        if uri.user is not None:
            message = "A Contact with bnc names a user."
            yield contact.fault(message, _CONTACT, Part("userinfo", of_uri=True))


@message_rule(
    "bnc-user-parameter", _CONTACT, methods=[_REGISTER], where="request", unusual=[_CONTACT]
)
def _bnc_user_parameter(facts: Facts) -> Iterator[Place]:
    for contact, uri in _bulk(facts):
        if "user" in uri.params:
            message = "A Contact with bnc has the parameter user."
            yield contact.fault(message, _CONTACT, Part("parameter-name", "user", of_uri=True))


@message_rule(
    "bnc-gin", _CONTACT, methods=[_REGISTER], where="request", unusual=[_CONTACT],
    reads=["Require", "Proxy-Require"],
)  # fmt: skip
def _bnc_gin(facts: Facts) -> Iterator[Place]:
    if next(_bulk(facts), None) is not None:
        for header in ("Require", "Proxy-Require"):
            if "gin" not in facts.tokens(header):
                message = f"A Contact has bnc, and {header} does not hold gin."
                yield facts.missing(message, header, ("gin",))


# --- push (RFC 8599)

_PUSH = frozenset({"pn-param", "pn-prid", "pn-provider"})


@message_rule("pn-register-only", _CONTACT, where="request", unusual=[_CONTACT])
def _pn_register_only(facts: Facts) -> Iterator[Place]:
    if not facts.is_request or facts.method == _REGISTER:
        return
    for contact in facts.addresses(_CONTACT):
        uri = contact.value.uri
        for number, (name, _) in enumerate(uri.params.pairs if isinstance(uri, SipURI) else ()):
            if name.lower() in _PUSH:
                part = Part("parameter-name", number, of_uri=True)
                yield contact.fault(f"The peer is told {name.lower()}.", _CONTACT, part)


@message_rule("pn-provider", _CONTACT, methods=[_REGISTER], where="request", unusual=[_CONTACT])
def _pn_provider(facts: Facts) -> Iterator[Place]:
    for contact in facts.addresses(_CONTACT) if facts.is_request else ():
        uri = contact.value.uri
        params = uri.params if isinstance(uri, SipURI) else {}
        if "pn-prid" in params and params.get("pn-provider") is None:
            message = "The Contact has a pn-prid, and does not name its pn-provider."
            part = Part("parameter-name", "pn-prid", of_uri=True)
            yield contact.fault(message, _CONTACT, part, ("pn-provider",))


@message_rule(
    "pn-param-webpush", _CONTACT, methods=[_REGISTER], where="request", unusual=[_CONTACT]
)
def _pn_param_webpush(facts: Facts) -> Iterator[Place]:
    for contact in facts.addresses(_CONTACT) if facts.is_request else ():
        uri = contact.value.uri
        params = uri.params if isinstance(uri, SipURI) else {}
        if "pn-param" in params and (params.get("pn-provider") or "").lower() == "webpush":
            message = "The pn-provider is webpush, and there is a pn-param."
            part = Part("parameter-name", "pn-param", of_uri=True)
            yield contact.fault(message, _CONTACT, part)
