"""What a receiver of webhooks takes, and what it does not."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import skip
from tocsin.announce.signing_keys import PrivateKey, SharedKey, signing_key, verifying_key
from tocsin.announce.webhook_receipt import TOLERANCE_S, NotGenuine, Receipts
from tocsin.model.errors import BadSettings

ROOT = Path(__file__).resolve().parents[3]
SHARED = f"whsec_{base64.b64encode(bytes([7] * 32)).decode()}"
PRIVATE = f"whsk_{base64.b64encode(bytes(range(32))).decode()}"
BODY = b'{"type":"warnings"}'
AT_S = 1_772_334_000.0


def public(private: str) -> str:
    key = signing_key(private)
    assert isinstance(key, PrivateKey)
    return key.public


def sent(*keys: SharedKey | PrivateKey, name: str = "msg_1", at_s: float = AT_S) -> dict[str, str]:
    at = str(int(at_s))
    signed = f"{name}.{at}.".encode() + BODY
    signatures = " ".join(key.sign(signed) for key in keys)
    return {"Webhook-Id": name, "Webhook-Timestamp": at, "Webhook-Signature": signatures}


def receipts(*keys: str) -> Receipts:
    return Receipts([verifying_key(key) for key in keys or (SHARED, public(PRIVATE))])


@pytest.mark.parametrize("key", [SHARED, PRIVATE])
def test_a_request_is_new_once_and_known_then(key: str) -> None:
    receiver = receipts()
    assert receiver.new(sent(signing_key(key)), BODY, AT_S)
    assert not receiver.new(sent(signing_key(key)), BODY, AT_S + 1)
    # A retry is signed anew, under the same id.
    assert not receiver.new(sent(signing_key(key), at_s=AT_S + 200), BODY, AT_S + 200)


def test_while_keys_change_the_old_receiver_and_the_new_one_both_take_it() -> None:
    new = f"whsec_{base64.b64encode(bytes([8] * 32)).decode()}"
    headers = sent(signing_key(SHARED), signing_key(new))
    assert all(receipts(key).new(headers, BODY, AT_S) for key in (SHARED, new))


@pytest.mark.parametrize("late_s", [-TOLERANCE_S - 1, TOLERANCE_S + 1, 86_400])
def test_what_was_kept_and_is_played_again_is_refused(late_s: float) -> None:
    with pytest.raises(NotGenuine, match="signed at"):
        receipts().new(sent(signing_key(SHARED)), BODY, AT_S + late_s)


def test_what_comes_from_ahead_of_our_clock_cannot_be_played_again_later() -> None:
    receiver = receipts()
    headers = sent(signing_key(SHARED), at_s=AT_S + TOLERANCE_S)
    assert receiver.new(headers, BODY, AT_S)
    assert not receiver.new(headers, BODY, AT_S + 2 * TOLERANCE_S)


def test_a_request_without_a_header_or_of_another_key_is_refused() -> None:
    headers = sent(signing_key(SHARED))
    for missing in headers:
        with pytest.raises(NotGenuine):
            receipts().new({key: value for key, value in headers.items() if key != missing}, BODY, AT_S)
    with pytest.raises(NotGenuine, match="no key of ours"):
        receipts(public(PRIVATE)).new(headers, BODY, AT_S)


@given(st.sampled_from(["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", "body"]), st.data())
def test_whatever_is_changed_in_a_request_it_is_refused(part: str, data: st.DataObject) -> None:
    headers = sent(signing_key(SHARED), signing_key(PRIVATE))
    given_ = BODY.decode() if part == "body" else headers[part]
    other = data.draw(st.text(max_size=100) | st.just(given_[:-1]) | st.just(f"{given_}x") | st.just(given_.swapcase()))
    if other == given_ or (part == "Webhook-Signature" and other.startswith(given_.split(" ")[0])):
        return
    body = other.encode() if part == "body" else BODY
    with pytest.raises(NotGenuine):
        receipts().new(headers | ({} if part == "body" else {part: other}), body, AT_S)


def test_a_key_that_tocsin_keys_makes_signs() -> None:
    pem = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    assert signing_key(pem.decode()).sign(BODY) == signing_key(PRIVATE).sign(BODY)


@pytest.mark.parametrize(
    "text", ["", "AAAA", "whsec_!", "whsec_AAAA", "whsk_AAAA", f"whsk_{'A' * 86}==", "-----BEGIN AAAA", "whsec_é"]
)
def test_a_key_that_is_none_is_refused_and_not_shown(text: str) -> None:
    for read in (signing_key, verifying_key):
        with pytest.raises(BadSettings) as refused:
            read(text)
        assert "AAAA" not in str(refused.value)


# Of Node itself; `standardwebhooks` (npm) knows shared keys only.
SCRIPT = """
const { Webhook } = require("standardwebhooks"), crypto = require("node:crypto");
const { headers, body, shared, pub } = JSON.parse(process.argv[1]);
const lower = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
const told = new Webhook(shared).verify(body, headers);
const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(pub.slice(5), "base64")]);
const key = crypto.createPublicKey({ key: der, format: "der", type: "spki" });
const signed = Buffer.from(`${lower["webhook-id"]}.${lower["webhook-timestamp"]}.${body}`);
const pairs = lower["webhook-signature"].split(" ").filter((one) => one.startsWith("v1a,"));
const good = pairs.map((one) => crypto.verify(null, signed, key, Buffer.from(one.slice(4), "base64")));
console.log(JSON.stringify([told.type, good]));
"""


def test_node_verifies_both_kinds_of_signature() -> None:
    packages = ROOT / "web" / "node_modules"
    node = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if node is None or not (packages / "standardwebhooks").is_dir():
        skip("no node, or no npm packages: make web")
    assert node is not None
    headers = sent(signing_key(SHARED), signing_key(PRIVATE), at_s=time.time())
    told = json.dumps({"headers": headers, "body": BODY.decode(), "shared": SHARED, "pub": public(PRIVATE)})
    environment = os.environ | {"NODE_PATH": str(packages)}
    done = subprocess.run([node, "-e", SCRIPT, told], env=environment, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout) == ["warnings", [True]]
