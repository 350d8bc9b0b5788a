"""Rules about Contact, and about REGISTER (RFC 3261 section 10, RFC 5626, 5627, 6140, 8599)."""

from __future__ import annotations

from collections.abc import Iterator

from sipgen.validation.conformance import rule
from sipgen.validation.context import Context, Fault
from sipgen.validation.parts import Address, Parameter
from sipgen.validation.rules.addresses import components, tag_of
from sipgen.validation.rules.numbers import number

__all__: list[str] = []

_CONTACT = "Contact"
_DIALOG = frozenset({"INVITE", "NOTIFY", "REFER", "SUBSCRIBE", "UPDATE"})


def _parameter(address: Address, name: str) -> Parameter | None:
    return next((item for item in address.parameters if item.key == name), None)


def _tags(context: Context, name: str) -> set[str]:
    """The option tags that the header fields called ``name`` hold, in lower case."""
    return {value.text.lower() for value in context.values(name)}


def _makes_dialog(context: Context) -> bool:
    """Whether Contact is the target of a dialog, not one of several places to try."""
    return context.method in _DIALOG and (context.is_request or 100 < context.status < 300)


@rule("contact-star-method", _CONTACT)
def _contact_star_method(context: Context) -> Iterator[Fault]:
    for value in context.values(_CONTACT):
        if value.text == "*" and not (context.is_request and context.method == "REGISTER"):
            yield Fault.at(value, "Contact: * stands in what is no REGISTER request.", _CONTACT)


@rule("contact-star-alone", _CONTACT)
def _contact_star_alone(context: Context) -> Iterator[Fault]:
    values = context.values(_CONTACT)
    if len(values) > 1 or len(context.names_of(_CONTACT)) > 1:
        for value in values:
            if value.text == "*":
                yield Fault.at(value, "Contact: * stands beside another Contact.", _CONTACT)


@rule("contact-star-expires", _CONTACT)
def _contact_star_expires(context: Context) -> Iterator[Fault]:
    expires = [number(part) for part in context.fields("Expires")]
    if context.method == "REGISTER" and expires != [0]:
        for value in context.values(_CONTACT):
            if value.text == "*":
                message = "Contact: * removes all bindings, and Expires is not 0."
                yield Fault.at(value, message, _CONTACT, ("Expires: 0",))


@rule("contact-single", _CONTACT)
def _contact_single(context: Context) -> Iterator[Fault]:
    if _makes_dialog(context):
        for value in context.values(_CONTACT)[1:]:
            message = "A dialog has one target, and here is another Contact."
            yield Fault.at(value, message, _CONTACT)


@rule("contact-scheme", _CONTACT)
def _contact_scheme(context: Context) -> Iterator[Fault]:
    if _makes_dialog(context):
        for address in context.addresses(_CONTACT):
            if not context.uri(address.uri).is_sip:
                message = "The Contact of a dialog is neither a SIP nor a SIPS URI."
                yield Fault.at(address.uri, message, _CONTACT, ("sip", "sips"))


@rule("contact-sips", _CONTACT)
def _contact_sips(context: Context) -> Iterator[Fault]:
    if not (context.is_request and _makes_dialog(context)):
        return
    targets = [context.request_uri, *(item.uri for item in context.addresses("Route")[:1])]
    if any(context.uri(target).scheme == "sips" for target in targets if target):
        for address in context.addresses(_CONTACT):
            if context.uri(address.uri).scheme == "sip":
                message = "The request goes to a SIPS URI, and Contact is none."
                yield Fault.at(address.uri, message, _CONTACT, ("sips",))


@rule("contact-uri", _CONTACT)
def _contact_uri(context: Context) -> Iterator[Fault]:
    forbidden = frozenset({"method"})
    if _makes_dialog(context):
        forbidden |= {"ttl", "headers"}
    elif context.method == "REGISTER" or 300 <= context.status < 400:
        forbidden |= {"lr"}
    for address in context.addresses(_CONTACT):
        for part, what in components(context.uri(address.uri), forbidden):
            yield Fault.at(part, f"The URI of Contact has {what}.", _CONTACT)


@rule("message-contact", _CONTACT)
def _message_contact(context: Context) -> Iterator[Fault]:
    if context.method == "MESSAGE" and (context.is_request or 200 <= context.status < 300):
        for name in context.names_of(_CONTACT):
            yield Fault.at(name, "A MESSAGE makes no dialog, and here is a Contact.", _CONTACT)


@rule("reg-id-range", _CONTACT)
def _reg_id_range(context: Context) -> Iterator[Fault]:
    for address in context.addresses(_CONTACT):
        parameter = _parameter(address, "reg-id")
        if parameter and not 0 < number(parameter.part) < 2**31:
            message = "reg-id is not from 1 to 2**31 - 1."
            yield Fault.at(parameter.part, message, _CONTACT, ("1 to 2147483647",))


@rule("reg-id-instance", _CONTACT)
def _reg_id_instance(context: Context) -> Iterator[Fault]:
    for address in context.addresses(_CONTACT):
        parameter = _parameter(address, "reg-id")
        if parameter and _parameter(address, "+sip.instance") is None:
            message = "reg-id stands without +sip.instance."
            yield Fault.at(parameter.name, message, _CONTACT, ("+sip.instance",))


@rule("gruu-request", _CONTACT)
def _gruu_request(context: Context) -> Iterator[Fault]:
    if context.is_request:
        for address in context.addresses(_CONTACT):
            for name in ("pub-gruu", "temp-gruu"):
                parameter = _parameter(address, name)
                if parameter:
                    message = f"{name} is given by a registrar, not to it."
                    yield Fault.at(parameter.name, message, _CONTACT)


@rule("push-provider", _CONTACT)
def _push_provider(context: Context) -> Iterator[Fault]:
    for address in context.addresses(_CONTACT) if context.method == "REGISTER" else ():
        keys = {item.key: item for item in context.uri(address.uri).parameters}
        if "pn-prid" in keys and "pn-provider" not in keys:
            message = "pn-prid stands without pn-provider: whose identifier is it?"
            yield Fault.at(keys["pn-prid"].name, message, _CONTACT, ("pn-provider",))


@rule("bulk-contact-user", _CONTACT)
def _bulk_contact_user(context: Context) -> Iterator[Fault]:
    for address in context.addresses(_CONTACT) if context.is_request else ():
        uri = context.uri(address.uri)
        if uri.userinfo and any(item.key == "bnc" for item in uri.parameters):
            yield Fault.at(uri.userinfo, "A bulk number Contact names a user.", _CONTACT)


@rule("bulk-contact-require", _CONTACT)
def _bulk_contact_require(context: Context) -> Iterator[Fault]:
    if context.is_request and "gin" not in _tags(context, "Require"):
        for address in context.addresses(_CONTACT):
            for parameter in context.uri(address.uri).parameters:
                if parameter.key == "bnc":
                    message = "bnc stands without Require: gin."
                    yield Fault.at(parameter.name, message, _CONTACT, ("Require: gin",))


@rule("register-to", "To")
def _register_to(context: Context) -> Iterator[Fault]:
    if context.is_request and context.method == "REGISTER":
        for address in context.addresses("To"):
            if not context.uri(address.uri).is_sip:
                message = "To of a REGISTER is neither a SIP nor a SIPS URI."
                yield Fault.at(address.uri, message, "To", ("sip", "sips"))


@rule("register-to-tag", "To")
def _register_to_tag(context: Context) -> Iterator[Fault]:
    if context.is_request and context.method == "REGISTER":
        for address in context.addresses("To"):
            tag = tag_of(address)
            if tag:
                yield Fault.at(tag.name, "To of a REGISTER has a tag.", "To")


@rule("path-supported", "Path")
def _path_supported(context: Context) -> Iterator[Fault]:
    if context.is_request and "path" not in _tags(context, "Supported") | _tags(context, "Require"):
        for name in context.names_of("Path")[:1]:
            message = "The request has a Path and does not say Supported: path."
            yield Fault.at(name, message, "Path", ("Supported: path",))
