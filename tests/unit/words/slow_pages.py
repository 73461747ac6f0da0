"""Pages of a cell broadcast, read back bit by bit."""

from __future__ import annotations

from collections.abc import Sequence

# 3GPP TS 23.038, 6.2.1 and 6.2.1.1, by rows of sixteen.
TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå" "Δ_ΦΓΛΩΠΨΣΘΞ?ÆæßÉ" " !\"#¤%&'()*+,-./" "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO" "PQRSTUVWXYZÄÖÑÜ§" "¿abcdefghijklmno" "pqrstuvwxyzäöñüà"
)  # fmt: skip
EXTENSION = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}


def read_pages(scheme: int, pages: Sequence[bytes]) -> str:
    """The text on pages; carriage returns at its end fill the last one."""
    if scheme == 0x48:
        return "".join(page.decode("utf-16-be").rstrip("\r") for page in pages)
    text = []
    for number, page in enumerate(pages, 1):
        bits = [byte >> bit & 1 for byte in page for bit in range(8)]
        codes = [sum(bits[start + n] << n for n in range(7)) for start in range(0, 93 * 7, 7)]
        # A page that could not hold one pair more ends in a single return, as the last ends in many.
        escaped, read = False, ""
        for code in codes:
            if escaped:
                read, escaped = read + EXTENSION[code], False
            elif code == 27:
                escaped = True
            else:
                read += TABLE[code]
        text.append(read.rstrip("\r") if number == len(pages) else read.removesuffix("\r"))
    return "".join(text)
