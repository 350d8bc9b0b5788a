"""Rules about Contact and REGISTER.

RFC 3261 sections 8.1.1.8, 10 and 19.1.1, RFC 3327, 3428, 5626, 5627, 5630, 6140, 8599.
"""

from __future__ import annotations

from collections.abc import Iterator

from sipgen.validation.conformance import rule
from sipgen.validation.context import Context, Fault
from sipgen.validation.grammar import standard
from sipgen.validation.parts import URI, Address, Part, uri_parts
from sipgen.validation.rules.addresses import disallowed, parameter_of
from sipgen.validation.rules.uris import uri_parameter

__all__: list[str] = []

_CONTACT = "Contact"
_REGISTER = "REGISTER"
_STAR = "*"

_FORMING_DIALOGS = frozenset({"INVITE", "REFER", "SUBSCRIBE"})
_IN_DIALOGS = _FORMING_DIALOGS | {"NOTIFY", "UPDATE"}

# The dashes of RFC 3261 table 1.
_NOT_IN_DIALOGS = frozenset({"headers", "method", "ttl"})
_NOT_IN_BINDINGS = frozenset({"lr", "method"})

_REG_ID = "reg-id"
_INSTANCE = "+sip.instance"
_MOST = 2**31 - 1
_DIGITS = 18


def _is_register(context: Context) -> bool:
    return context.is_request and context.method == _REGISTER


def _stars(context: Context) -> list[Part]:
    return [value for value in context.values(_CONTACT) if value.text == _STAR]


def _is_dialog_contact(context: Context) -> bool:
    """Whether Contact is the target of requests in a dialog."""
    in_time = context.is_request or 100 < context.status < 300
    return in_time and context.method in _IN_DIALOGS


def _contact_uris(context: Context) -> Iterator[URI]:
    return (context.uri(address.uri) for address in context.addresses(_CONTACT))


def _tags(context: Context, *headers: str) -> set[str]:
    """The option tags in these header fields."""
    return {value.text.lower() for header in headers for value in context.values(header)}


# --- Contact: *


@rule("contact-star-method", _CONTACT)
def _contact_star_method(context: Context) -> Iterator[Fault]:
    if context.method and not _is_register(context):
        for star in _stars(context):
            what = f"a request {context.method[:20]}" if context.is_request else "a response"
            yield Fault.at(star, f"Contact is * in {what}.", _CONTACT)


@rule("contact-star-alone", _CONTACT)
def _contact_star_alone(context: Context) -> Iterator[Fault]:
    if len(context.names_of(_CONTACT)) > 1:
        for star in _stars(context):
            yield Fault.at(star, "Contact is *, and there are other Contacts.", _CONTACT)


@rule("contact-star-expires", _CONTACT)
def _contact_star_expires(context: Context) -> Iterator[Fault]:
    stars = _stars(context) if _is_register(context) else []
    if not stars:
        return
    if "Expires" not in context.names:
        message = "Contact is *, and there is no Expires."
        yield Fault.at(context.missing, message, "Expires", ("Expires: 0",))
    for expires in context.fields("Expires"):
        if expires.text.strip("0"):
            yield Fault.at(expires, "Contact is *, and Expires is not 0.", "Expires", ("0",))


# --- Contact in dialogs


@rule("contact-single", _CONTACT)
def _contact_single(context: Context) -> Iterator[Fault]:
    if context.is_request and context.method in _FORMING_DIALOGS:
        for address in context.addresses(_CONTACT)[1:]:
            message = f"A request {context.method} has a second Contact."
            yield Fault.at(address.whole, message, _CONTACT)


@rule("contact-sip-uri", _CONTACT)
def _contact_sip_uri(context: Context) -> Iterator[Fault]:
    if _is_dialog_contact(context):
        for uri in _contact_uris(context):
            if not uri.is_sip:
                message = "The Contact of a dialog is neither a SIP nor a SIPS URI."
                yield Fault.at(uri.whole, message, _CONTACT, ("SIP-URI", "SIPS-URI"))


@rule("contact-sips", _CONTACT)
def _contact_sips(context: Context) -> Iterator[Fault]:
    if not context.is_request or context.method not in _FORMING_DIALOGS:
        return
    where = context.request_uri
    asked = "the Request-URI" if where and context.uri(where).scheme == "sips" else ""
    # A proxy adds and removes Route values, and leaves Contact alone.
    if not asked and len(context.values("Via")) == 1:
        tops = context.addresses("Route")[:1]
        asked = "the topmost Route" if tops and context.uri(tops[0].uri).scheme == "sips" else ""
    for uri in _contact_uris(context):
        if asked and uri.scheme == "sip":
            scheme = Part(uri.whole.text[:3], uri.whole.start)
            message = f"Contact is no SIPS URI, and {asked} is one."
            yield Fault.at(scheme, message, _CONTACT, ("sips",))


@rule("contact-uri-components", _CONTACT)
def _contact_uri_components(context: Context) -> Iterator[Fault]:
    if _is_dialog_contact(context):
        for uri in _contact_uris(context):
            for part, words in disallowed(uri, _NOT_IN_DIALOGS):
                yield Fault.at(part, f"The Contact of a dialog has {words}.", _CONTACT)


@rule("binding-uri-components", _CONTACT)
def _binding_uri_components(context: Context) -> Iterator[Fault]:
    if context.method == _REGISTER or 300 <= context.status < 400:
        for uri in _contact_uris(context):
            for part, words in disallowed(uri, _NOT_IN_BINDINGS):
                message = f"The Contact of a registration or redirection has {words}."
                yield Fault.at(part, message, _CONTACT)


@rule("message-contact", _CONTACT)
def _message_contact(context: Context) -> Iterator[Fault]:
    if context.method == "MESSAGE" and (context.is_request or 200 <= context.status < 300):
        for name in context.names_of(_CONTACT):
            yield Fault.at(name, "MESSAGE makes no dialog, and has a Contact.", _CONTACT)


# --- REGISTER


@rule("register-to-uri", "To")
def _register_to_uri(context: Context) -> Iterator[Fault]:
    if _is_register(context):
        for address in context.addresses("To"):
            if not context.uri(address.uri).is_sip:
                message = "The To of a REGISTER is neither a SIP nor a SIPS URI."
                yield Fault.at(address.uri, message, "To", ("SIP-URI", "SIPS-URI"))


@rule("register-sips", _CONTACT)
def _register_sips(context: Context) -> Iterator[Fault]:
    schemes = {uri.scheme for uri in _contact_uris(context)} if _is_register(context) else set()
    if not schemes or len(context.fields(_CONTACT)) != len(context.names_of(_CONTACT)):
        return
    wanted, other = ("sips", "sip") if schemes == {"sips"} else ("sip", "sips")
    for header in ("From", "To"):
        for address in context.addresses(header):
            if context.uri(address.uri).scheme == other:
                scheme = Part(address.uri.text[: len(other)], address.uri.start)
                words = "every Contact is" if wanted == "sips" else "not every Contact is"
                message = f"{words.capitalize()} a SIPS URI, and {header} is a {other} URI."
                yield Fault.at(scheme, message, header, (wanted,))


@rule("path-supported", "Path")
def _path_supported(context: Context) -> Iterator[Fault]:
    if _is_register(context) and "path" not in _tags(context, "Supported", "Require"):
        for name in context.names_of("Path")[:1]:
            message = "There is a Path, and the user agent does not say that it supports it."
            yield Fault.at(name, message, "Path", ("Supported: path",))


# --- outbound (RFC 5626)


def _with_reg_id(context: Context) -> Iterator[tuple[Address, Part]]:
    for address in context.addresses(_CONTACT):
        reg_id = parameter_of(address, _REG_ID)
        if reg_id:
            yield address, reg_id.part


@rule("reg-id-range", _CONTACT)
def _reg_id_range(context: Context) -> Iterator[Fault]:
    for _, value in _with_reg_id(context):
        digits = value.text.lstrip("0")
        if not digits or len(digits) > _DIGITS or not 0 < int(digits) <= _MOST:
            message = f"{value.text[:20]} is no reg-id."
            yield Fault.at(value, message, _CONTACT, ("1 to 2147483647",))


@rule("reg-id-instance", _CONTACT)
def _reg_id_instance(context: Context) -> Iterator[Fault]:
    if context.method == _REGISTER and (context.is_request or 200 <= context.status < 300):
        for address, value in _with_reg_id(context):
            if parameter_of(address, _INSTANCE) is None:
                message = f"The Contact has a reg-id, and no {_INSTANCE}."
                yield Fault(value.end, value.end, message, _CONTACT, (_INSTANCE,))


@rule("reg-id-single", _CONTACT)
def _reg_id_single(context: Context) -> Iterator[Fault]:
    if not _is_register(context):
        return
    default = next((part.text for part in context.fields("Expires")), "")
    kept = []
    for address in context.addresses(_CONTACT):
        own = parameter_of(address, "expires")
        expires = own.text if own else default
        # Without any the registrar chooses, and never chooses zero.
        if not expires or expires.strip("0"):
            kept.append(address)
    if any(parameter_of(address, _REG_ID) for address in kept):
        for address in kept[1:]:
            message = "A registration with a reg-id keeps a second Contact."
            yield Fault.at(address.whole, message, _CONTACT)


@rule("outbound-register-supported", _CONTACT)
def _outbound_register_supported(context: Context) -> Iterator[Fault]:
    if _is_register(context) and next(_with_reg_id(context), None):
        supported = _tags(context, "Supported", "Require")
        for tag in ("outbound", "path"):
            if tag not in supported:
                message = f"A Contact has a reg-id, and Supported does not hold {tag}."
                yield Fault.at(context.missing, message, "Supported", (tag,))


# --- GRUU (RFC 5627)


def _gruus(context: Context) -> Iterator[tuple[Part, str]]:
    for address in context.addresses(_CONTACT):
        for name in ("pub-gruu", "temp-gruu"):
            parameter = parameter_of(address, name)
            if parameter:
                yield parameter.part, parameter.text


@rule("gruu-request", _CONTACT)
def _gruu_request(context: Context) -> Iterator[Fault]:
    if _is_register(context):
        for address in context.addresses(_CONTACT):
            for parameter in address.parameters:
                if parameter.key in {"pub-gruu", "temp-gruu"}:
                    message = f"A REGISTER proposes a {parameter.key}."
                    yield Fault.at(parameter.name, message, _CONTACT)


@rule("gruu-uri", _CONTACT)
def _gruu_uri(context: Context) -> Iterator[Fault]:
    for part, text in _gruus(context):
        # Folds in the quoted text are how a long line was broken.
        bare = "".join(text.split())
        uri = uri_parts(Part(bare, 0))
        entry = {"sip": "SIP-URI", "sips": "SIPS-URI"}.get(uri.scheme)
        if entry is None or not standard().matches(entry, bare.encode("latin-1")):
            message = "The GRUU is no SIP or SIPS URI."
            yield Fault.at(part, message, _CONTACT, ("SIP-URI", "SIPS-URI"))
        elif uri_parameter(uri, "gr") is None:
            yield Fault.at(part, "The GRUU has no parameter gr.", _CONTACT, ("gr",))


@rule("pub-gruu-value", _CONTACT)
def _pub_gruu_value(context: Context) -> Iterator[Fault]:
    for address in context.addresses(_CONTACT):
        parameter = parameter_of(address, "pub-gruu")
        if parameter and (uri := uri_parts(Part("".join(parameter.text.split()), 0))).is_sip:
            marker = uri_parameter(uri, "gr")
            if marker and marker.value is None:
                message = "The parameter gr of a public GRUU has no value."
                yield Fault.at(parameter.part, message, _CONTACT)


# --- bulk registration (RFC 6140)


def _bulk_uris(context: Context) -> Iterator[URI]:
    if _is_register(context):
        for uri in _contact_uris(context):
            if uri.is_sip and uri_parameter(uri, "bnc"):
                yield uri


@rule("bnc-user", _CONTACT)
def _bnc_user(context: Context) -> Iterator[Fault]:
    for uri in _bulk_uris(context):
        if uri.userinfo:
            yield Fault.at(uri.userinfo, "A Contact with bnc names a user.", _CONTACT)


@rule("bnc-user-parameter", _CONTACT)
def _bnc_user_parameter(context: Context) -> Iterator[Fault]:
    for uri in _bulk_uris(context):
        parameter = uri_parameter(uri, "user")
        if parameter:
            message = "A Contact with bnc has the parameter user."
            yield Fault.at(parameter.name, message, _CONTACT)


@rule("bnc-gin", _CONTACT)
def _bnc_gin(context: Context) -> Iterator[Fault]:
    if next(_bulk_uris(context), None):
        for header in ("Require", "Proxy-Require"):
            if "gin" not in _tags(context, header):
                message = f"A Contact has bnc, and {header} does not hold gin."
                yield Fault.at(context.missing, message, header, ("gin",))


# --- push (RFC 8599)

_PUSH = frozenset({"pn-param", "pn-prid", "pn-provider"})


@rule("pn-register-only", _CONTACT)
def _pn_register_only(context: Context) -> Iterator[Fault]:
    if context.is_request and context.method != _REGISTER:
        for uri in _contact_uris(context):
            for parameter in uri.parameters if uri.is_sip else ():
                if parameter.key in _PUSH:
                    message = f"The peer is told {parameter.key}."
                    yield Fault.at(parameter.name, message, _CONTACT)


@rule("pn-provider", _CONTACT)
def _pn_provider(context: Context) -> Iterator[Fault]:
    for uri in _contact_uris(context) if _is_register(context) else ():
        prid = uri_parameter(uri, "pn-prid") if uri.is_sip else None
        provider = uri_parameter(uri, "pn-provider")
        if prid and (provider is None or provider.value is None):
            message = "The Contact has a pn-prid, and does not name its pn-provider."
            yield Fault.at(prid.name, message, _CONTACT, ("pn-provider",))


@rule("pn-param-webpush", _CONTACT)
def _pn_param_webpush(context: Context) -> Iterator[Fault]:
    for uri in _contact_uris(context) if _is_register(context) else ():
        provider = uri_parameter(uri, "pn-provider")
        parameter = uri_parameter(uri, "pn-param")
        if parameter and provider and provider.text.lower() == "webpush":
            message = "The pn-provider is webpush, and there is a pn-param."
            yield Fault.at(parameter.name, message, _CONTACT)
