"""The alphabet of text messages, against a table made another way, and pages that carry it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.some import some
from tests.unit.words.slow_pages import read_pages
from tocsin.words import gsm7
from tocsin.words.short import DCS_GSM, DCS_UCS2, pages

BASIC = [c for c in gsm7._CODES if len(gsm7._CODES[c]) == 1]


def test_letters_digits_and_signs_have_the_codes_of_the_standard() -> None:
    # 3GPP TS 23.038, table 6.2.1, cell by cell where it is not ASCII.
    odd = {"@": 0x00, "£": 0x01, "$": 0x02, "Ç": 0x09, "Å": 0x0E, "Δ": 0x10, "Ξ": 0x1A, "É": 0x1F, "¤": 0x24}
    odd |= {"¡": 0x40, "Ä": 0x5B, "§": 0x5F, "¿": 0x60, "ä": 0x7B, "à": 0x7F, "_": 0x11, "\n": 0x0A, "\r": 0x0D}
    assert {c: gsm7.septets(c) for c in odd} == {c: (code,) for c, code in odd.items()}
    for c in "ABCXYZabcxyz0189 !\"#%&'()*+,-./:;<=>?":
        assert gsm7.septets(c) == (ord(c),)
    assert gsm7.septets("€[") == (0x1B, 0x65, 0x1B, 0x3C)
    assert len(BASIC) == 127


@pytest.mark.parametrize("c", ["ç", "ê", "á", "ş", "Ж", "א", "…", "–", "`", "\u2068"])
def test_what_the_alphabet_lacks_has_no_code(c: str) -> None:
    assert gsm7.septets(c) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Şanlıurfa, İzmir, Ağrı", "Sanliurfa, Izmir, Agri"),
        ("à côté d’une fenêtre – Besançon", "à coté d'une fenetre - Besancon"),
        ("Córdoba, León, Ñuñoa, Güímar", "Cordoba, Leon, Ñuñoa, Güimar"),
        ("Łódź…", "Lodz..."),
        ("Köln", "Köln"),
        # Nothing is folded by half: what cannot be written at all stays as it is.
        ("Çeşme, Харків", "Çeşme, Харків"),
    ],
)
def test_accents_go_where_that_makes_a_text_writable_and_only_there(text: str, plain: str) -> None:
    assert gsm7.folded(text) == plain


def test_packing_is_that_of_the_standards_example() -> None:
    # 3GPP TS 23.038, 6.1.2.1: the best known eight characters in seven octets.
    codes = gsm7.septets("hellohello")
    assert codes is not None
    assert gsm7.packed(codes).hex() == "e8329bfd4697d9ec37"


@given(st.text(st.sampled_from([c for c in gsm7._CODES if c != "\r"]), min_size=1, max_size=400))
def test_pages_of_the_alphabet_are_read_back_and_no_pair_lies_on_two(text: str) -> None:
    scheme, octets = pages(text)
    assert scheme == DCS_GSM
    assert all(len(page) == 82 for page in some(octets))
    assert read_pages(scheme, octets) == text


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=300).map(lambda text: text + "Ж"))
def test_pages_of_any_other_text_are_read_back(text: str) -> None:
    scheme, octets = pages(text)
    assert scheme == DCS_UCS2
    assert all(len(page) == 82 for page in some(octets))
    assert read_pages(scheme, octets) == text
    # Each page is text by itself: no character lies on two.
    assert all(page.decode("utf-16-be") for page in some(octets))
