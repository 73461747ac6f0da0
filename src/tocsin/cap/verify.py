"""Verifies signed CAP messages (CAP-v1.2 section 3.3.4.2, XML Signature 1.1).

A signature counts when a pinned certificate made it over the whole alert, had not expired when the message says that it
was sent, and uses no SHA-1. (A certificate younger than the message is accepted: archives are signed again, and the
key is pinned.) What the caller gets back is the element the signature covers, read from the verified
bytes, never the document that came in: that closes the door to signature wrapping.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import cryptography.exceptions
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from tocsin.cap.read import CapAlert, alert_of
from tocsin.cap.structure import Problem
from tocsin.cap.trust import Trust
from tocsin.cap.xml import DSIG, BadXml, alerts_in, parse, version_of
from tocsin.model.errors import BadInput, BadRecord


@dataclass(frozen=True, slots=True)
class Verdict:
    """alert: what was signed, None where nothing was; signer: the certificate's subject; problems: why not."""

    alert: CapAlert | None
    signer: str | None
    problems: tuple[Problem, ...]


def verify(data: bytes, trust: Trust) -> list[Verdict]:
    """One verdict per alert in some XML; at least one."""
    try:
        alerts = alerts_in(parse(data))
    except BadXml as error:
        return [_refused(error.line, error.what)]
    if not alerts:
        return [_refused(1, "no CAP alert in it")]
    return [_verdict(alert, trust) for alert in alerts]


def signed_cap(data: bytes | str, trust: Trust) -> CapAlert | None:
    """What is signed in some XML with one alert; None where there is no signature.

    Raises BadInput where there is one that does not count.
    """
    alerts = alerts_in(parse(data))
    if len(alerts) != 1:
        raise BadRecord(f"{len(alerts)} CAP messages where one is expected; send them one by one")
    if next(alerts[0].iter(f"{{{DSIG}}}Signature"), None) is None:
        return None
    verdict = _verdict(alerts[0], trust)
    if verdict.alert is None:
        raise BadRecord("; ".join(problem.what for problem in verdict.problems))
    return verdict.alert


def _refused(line: int, what: str) -> Verdict:
    return Verdict(None, None, (Problem(line, what),))


def _verdict(alert: etree._Element, trust: Trust) -> Verdict:
    signatures = list(alert.iter(f"{{{DSIG}}}Signature"))
    if not signatures:
        return _refused(alert.sourceline, "no signature")
    line = signatures[0].sourceline
    if len(signatures) > 1 or signatures[0].getparent() is not alert:
        return _refused(line, "there must be one signature, directly in the alert")
    try:
        certificate = _pinned(signatures[0], trust)
        signed = _signed(alert, certificate)
        value = alert_of(signed)
    except BadInput as error:
        return _refused(line, str(error))
    signer = certificate.subject.rfc4514_string()
    if value.sent > certificate.not_valid_after_utc:
        last = certificate.not_valid_after_utc.date()
        return _refused(line, f"sent {value.sent.isoformat()}, after the certificate of {signer} expired on {last}")
    return Verdict(value, signer, ())


def _pinned(signature: etree._Element, trust: Trust) -> x509.Certificate:
    """The pinned certificate that the signature names; the only pinned one where it names none. Raises BadInput."""
    named = [element.text or "" for element in signature.iter(f"{{{DSIG}}}X509Certificate")]
    if not named:
        if len(trust) != 1:
            raise BadInput("the signature holds no certificate, and more than one is trusted")
        return next(iter(trust.values()))
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(named[0].split()), validate=True))
    except ValueError as error:
        raise BadInput(f"the signature's certificate cannot be read: {error}") from error
    pinned = trust.get(certificate.fingerprint(hashes.SHA256()))
    if pinned is None:
        raise BadInput(f"the certificate of {certificate.subject.rfc4514_string()} is not among the trusted ones")
    return pinned


def _signed(alert: etree._Element, certificate: x509.Certificate) -> etree._Element:
    """The element that the signature covers. Raises BadInput."""
    # A copy of its own: signxml takes the document's root for the whole, and an alert may be wrapped in a feed.
    data = etree.tostring(alert, with_tail=False)
    # Some senders sign first and indent afterwards; white space between elements says nothing in CAP.
    plain = etree.tostring(etree.fromstring(data, etree.XMLParser(remove_blank_text=True, resolve_entities=False)))
    config = SignatureConfiguration(location="./", verification_time=certificate.not_valid_before_utc)
    reasons = []
    for form in (data, plain):
        try:
            signed = XMLVerifier().verify(form, x509_cert=certificate, expect_config=config).signed_xml
        except (SignXMLException, cryptography.exceptions.InvalidSignature, etree.LxmlError, ValueError) as error:
            reasons.append(" ".join(str(error).split())[:200])
            continue
        if signed is None or version_of(signed) is None:
            raise BadInput("the signature does not cover the alert")
        return signed
    raise BadInput(f"the signature does not hold: {reasons[-1]}")
