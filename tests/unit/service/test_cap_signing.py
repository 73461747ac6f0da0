"""The service signs what it serves as CAP; and where it cannot, it says so and serves everything else."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from tests.tokens import digest, token
from tocsin.announce.cap_press import Withheld
from tocsin.announce.channel import Batch
from tocsin.announce.key_making import make
from tocsin.cap.sign import Signer
from tocsin.cap.trust import trust_in
from tocsin.cap.verify import verify
from tocsin.command.surroundings import signing
from tocsin.model.errors import BadSettings
from tocsin.model.geojson import zones_to_geojson
from tocsin.model.warning import Warning
from tocsin.service.clock import Clock
from tocsin.service.runtime import Runtime
from tocsin.service.serve import Server, configured, listening, running
from tocsin.service.settings import Settings, load_settings
from tocsin.simulate.places import invented_zones


def written(folder: Path, more: str = "") -> Path:
    """Settings of a drill with a key."""
    (folder / "zones.geojson").write_bytes(zones_to_geojson(invented_zones(3)))
    if not (folder / "cap.key").exists():
        make("cap", folder, "cap", subject="warnings.example", days=10, now=datetime.now(UTC))
    path = folder / "tocsin.toml"
    path.write_text(
        'zones = "zones.geojson"\ndrill = true\n[http]\nport = 0\n'
        f'[[operator]]\nid = "duty"\ntoken_sha256 = "{digest("duty")}"\n'
        f'[signing]\nkey_file = "cap.key"\ncertificate_file = "cap.crt"\n{more}'
    )
    return path


@pytest.mark.server
def test_the_service_serves_signed_messages_and_withholds_what_it_cannot_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_served(load_settings(written(tmp_path)), tmp_path, monkeypatch))


async def _served(settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listener = listening(settings)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with running(settings, configured(settings), Clock()) as runtime:
        server = Server(runtime)
        serving = asyncio.create_task(server.serve([listener]))
        async with aiohttp.ClientSession(address) as session:
            first = await _raised(session, runtime.index.zones[0].id)
            async with session.get(f"/cap/{first}.xml") as answer:
                assert answer.status == 200
                (verdict,) = verify(await answer.read(), trust_in(folder))
            assert verdict.signer == "CN=warnings.example"
            async with session.get("/readyz") as answer:
                ready = await answer.json()
            assert ready["ready"] is True
            assert any("in 9 days CAP messages can be verified no more" in one for one in ready["troubles"])

            def refuses(*_: object) -> bytes:
                raise OSError("no key here")

            monkeypatch.setattr(Signer, "signed", refuses)
            second = await _raised(session, runtime.index.zones[1].id)
            async with session.get(f"/cap/{second}.xml") as answer:
                assert answer.status == 503
                assert "does not go out unsigned" in await answer.text()
            async with session.get("/readyz") as answer:
                assert any("withheld" in one for one in (await answer.json())["troubles"])
            async with session.get("/v1/warnings") as answer:
                assert len((await answer.json())["warnings"]) == 2, "everything else goes on"
            async with session.get(f"/cap/{first}.xml") as answer:
                assert answer.status == 200, "what was signed before is served on"
            text = ""
            # The gauges are read every second.
            async with asyncio.timeout(60):
                while "\ntocsin_certificate_seconds 8" not in text:
                    await asyncio.sleep(0.1)
                    async with session.get("/metrics") as answer:
                        text = await answer.text()
            assert 'tocsin_cap_messages{fate="withheld"}' in text
        server.should_exit = True
        await serving


async def _raised(session: aiohttp.ClientSession, zone: str) -> str:
    """Id of the warning that a duty officer's act made."""
    act = {
        "action": "raise",
        "id": hashlib.sha256(zone.encode()).hexdigest()[:8],
        "zones": [zone],
        "level": "take_cover",
        "reason": "a test of the service",
    }
    headers = {"authorization": f"Bearer {token('duty')}"}
    async with session.post("/v1/acts", json=act, headers=headers) as answer:
        assert answer.status < 300, await answer.text()
    for _ in range(1_200):
        async with session.get("/v1/warnings") as answer:
            found = [one["id"] for one in (await answer.json())["warnings"] if one["zone"] == zone]
        if found:
            return str(found[0])
        await asyncio.sleep(0.05)
    raise AssertionError("the act raised nothing")


def test_keys_that_cannot_sign_are_refused_at_the_start_in_a_sentence(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path))
    assert settings.signing is not None
    assert settings.signing.signers.trouble(datetime.now(UTC)) is not None, "ten days are few"
    with pytest.raises(BadSettings, match="in 9 days"):
        signing(settings, datetime.now(UTC))
    patient = load_settings(written(tmp_path, "warned_days = 5\n"))
    assert signing(patient, datetime.now(UTC)) == "CAP messages can be verified for 9 days"
    (tmp_path / "cap.key").chmod(0o644)
    with pytest.raises(BadSettings, match="chmod 600"):
        _ = settings.signing.signers
    make("cap", tmp_path, "other", subject="warnings.example", days=10, now=datetime.now(UTC))
    (tmp_path / "cap.key").write_bytes((tmp_path / "other.key").read_bytes())
    (tmp_path / "cap.key").chmod(0o600)
    with pytest.raises(BadSettings, match="belongs together"):
        _ = settings.signing.signers
    (tmp_path / "cap.crt").unlink()
    with pytest.raises(BadSettings, match="cannot be read"):
        _ = settings.signing.signers


def test_a_key_that_cannot_be_read_keeps_the_service_from_nothing_but_cap(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path))
    (tmp_path / "cap.key").chmod(0o644)
    runtime = Runtime(settings, configured(settings), Clock())
    channels = runtime.channels
    assert channels.cap_messages.press.signers is None and channels.board in channels.folded
    zone = configured(settings).zones[0].id
    at = datetime.now(UTC)
    warning = Warning(id=f"{zone}/1/1/take_cover", zone=zone, level="take_cover", time=at, expires=at)
    channels.cap_messages.fold(Batch(1, at, (warning,)))
    with pytest.raises(Withheld):
        channels.cap_messages.xml(warning.id)
    assert "chmod 600" in channels.cap_messages.press.troubles[0]


def test_half_a_next_key_in_the_settings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="give all, or none"):
        load_settings(written(tmp_path, 'next_key_file = "two.key"\n'))
