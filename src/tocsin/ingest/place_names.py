"""Which of a place's many spellings to keep, and under which language.

GeoNames' alternate names come without their language. The script of a spelling is certain; its language is claimed only
where the country's own languages and the letters leave little doubt, and is `und-` and the script otherwise (BCP 47).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache

# First word of a letter's Unicode name -> ISO 15924.
_SCRIPTS = {
    "ARABIC": "Arab",
    "ARMENIAN": "Armn",
    "BENGALI": "Beng",
    "CJK": "Hani",
    "CYRILLIC": "Cyrl",
    "DEVANAGARI": "Deva",
    "ETHIOPIC": "Ethi",
    "GEORGIAN": "Geor",
    "GREEK": "Grek",
    "HANGUL": "Hang",
    "HEBREW": "Hebr",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "KHMER": "Khmr",
    "LAO": "Laoo",
    "LATIN": "Latn",
    "MYANMAR": "Mymr",
    "SINHALA": "Sinh",
    "TAMIL": "Taml",
    "THAI": "Thai",
    "TIBETAN": "Tibt",
}
# The languages of the world's countries that are not written in Latin letters, as countries list them.
_SCRIPT_OF_LANGUAGE = {
    "am": "Ethi", "ar": "Arab", "be": "Cyrl", "bg": "Cyrl", "bn": "Beng", "ckb": "Arab", "dv": "Thaa", "dz": "Tibt",
    "el": "Grek", "fa": "Arab", "he": "Hebr", "hi": "Deva", "hy": "Armn", "ja": "Hani", "ka": "Geor", "kk": "Cyrl",
    "km": "Khmr", "ko": "Hang", "ks": "Arab", "ky": "Cyrl", "lo": "Laoo", "mk": "Cyrl", "mn": "Cyrl", "mr": "Deva",
    "my": "Mymr", "ne": "Deva", "ps": "Arab", "ru": "Cyrl", "sd": "Arab", "si": "Sinh", "sr": "Cyrl", "ta": "Taml",
    "tg": "Cyrl", "th": "Thai", "ti": "Ethi", "ug": "Arab", "uk": "Cyrl", "ur": "Arab", "zh": "Hani",
}  # fmt: skip
# Letters that only other languages of the same script use: a spelling with one of them is not in this language.
_FOREIGN_LETTERS = {
    "ar": "پچژگکیېۍەێۆڕڵڤۋۇۈۅىٔڭہےٹڈڑںھۃ",
    "fa": "ةكيىېەێۆڕڵڤۋۇۈڭہےٹڈڑں",
    "ru": "іїєґўјљњћђџѓќѕәғқңөұүһҳҷӣӯҡҙҫӑӗӳԥҕ",
    "uk": "ыэъёўјљњћђџѓќѕәғқңөұүһҳҷӣӯҡҙҫӑӗӳꙑѣѥ",
    "be": "иїєґщъјљњћђџѓќѕәғқңөұүһ",
    "bg": "ыэёіїєґўјљњћђџѓќѕәғқңөұүһ",
    "mk": "ыэъёіїєґўйщьюяћђәғқңөұүһ",
    "sr": "ыэъёіїєґўйщьюяѓќѕәғқңөұүһ",
}
# Sounds that begin one name in two scripts.
_BEGINNINGS = ("aeiouyj", "ghkqx", "bvwf", "czst")
_SAME_SOUND = str.maketrans("cqwyj", "kkvii")
# What the page's readers type in, and how many spellings of a place are kept in each: no place has more.
TYPED_SCRIPTS = frozenset({"Arab", "Cyrl", "Hebr", "Latn"})
SPELLINGS_MAX = 96
_SOFT_HYPHEN = "\xad"
# Written mostly without vowels.
_ABJADS = frozenset({"Arab", "Hebr"})
# Ukrainian in Latin letters (Cabinet of Ministers of Ukraine, resolution 55 of 2010), inside a word. Many places there
# are also listed in the spellings of neighbouring languages; only the one that romanises to the Latin name is theirs.
_UKRAINIAN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh", "з": "z", "и": "y",
    "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ь": "", "ю": "iu",
    "я": "ia", "'": "", "’": "", "ʼ": "",
}  # fmt: skip


@cache
def _letter(character: str) -> tuple[str, str]:
    """(script, rough Latin sound) of one character: ('Cyrl', 'k') for the letter ka; ('', '') for no letter."""
    if not character.isalpha():
        return "", ""
    words = unicodedata.name(character, "").split()
    script = _SCRIPTS.get(words[0], "Zzzz") if words else "Zzzz"
    if script == "Latn":
        return script, unicodedata.normalize("NFD", character)[0].lower()
    if "LETTER" not in words or "SIGN" in words:
        return script, ""
    sound = words[words.index("LETTER") + 1 :][0 if script in ("Arab", "Hebr") else -1].lower()
    if "MARBUTA" in words:
        return script, "h"
    # Cyrillic el, em, en, er, es, ef are named by the vowel before them.
    return script, sound[1] if script == "Cyrl" and len(sound) == 2 and sound[0] == "e" else sound[0]


@cache
def script_of(text: str) -> str:
    """The ISO 15924 code of the one script all its letters are in; 'Zyyy' where there is none or more than one.

    >>> script_of("Київ"), script_of("Homs 2"), script_of("ڕەqqە")
    ('Cyrl', 'Latn', 'Zyyy')
    """
    scripts = {_letter(character)[0] for character in text} - {""}
    return scripts.pop() if len(scripts) == 1 else "Zyyy"


def skeleton_of(text: str, consonants_only: bool = False) -> str:
    """A rough Latin skeleton: c is k, w is v, y is i, doubled letters single; for comparing spellings only."""
    folded = "".join(_letter(character)[1] for character in text).translate(_SAME_SOUND)
    letters = [a for a, b in zip(folded, " " + folded, strict=False) if a != b]
    return "".join(a for a in letters if not consonants_only or a not in "aeiou")


def languages_by_script(own: Sequence[str], around: Iterable[str]) -> dict[str, str | None]:
    """Script -> the language a country itself writes in it, or None for scripts only its neighbours use.

    >>> languages_by_script(["ar", "ku"], ["he", "ar", "tr"])
    {'Arab': 'ar', 'Hebr': None}
    """
    scripts: dict[str, str | None] = {}
    for language in own:
        if language in _SCRIPT_OF_LANGUAGE:
            scripts.setdefault(_SCRIPT_OF_LANGUAGE[language], language)
    for language in around:
        if language in _SCRIPT_OF_LANGUAGE:
            scripts.setdefault(_SCRIPT_OF_LANGUAGE[language], None)
    return scripts


def names_of(latin: str, spellings: Iterable[str], scripts: Mapping[str, str | None]) -> dict[str, str]:
    """Language -> name: the Latin one as `en`, and one spelling in each of `scripts` that the place has.

    Of several spellings in a script one is kept (`_likeliest`), and its language stays open unless it is the only one
    in that language's letters.
    """
    by_script: dict[str, list[str]] = {}
    for spelling in (text.replace(_SOFT_HYPHEN, "") for text in spellings):
        script = script_of(spelling)
        if (script in scripts or script == "Latn") and len(spelling) <= 100:
            by_script.setdefault(script, []).append(spelling)
    names = {"en": latin}
    for script, language in scripts.items():
        candidates = by_script.get(script, [])
        foreign = set(_FOREIGN_LETTERS.get(language or "", ""))
        native = [text for text in candidates if not foreign.intersection(text.lower())] if language else []
        if not candidates:
            continue
        if language == "uk" and (exact := _ukrainian(native, latin)):
            names["uk"] = exact
        else:
            best = _likeliest(native or candidates, latin, by_script.get("Latn", []), script in _ABJADS)
            names[language if language and len(native) == 1 else f"und-{script}"] = best
    return names


def begins_alike(one: str, other: str) -> bool:
    """Whether two names may be the same one in two scripts, by how they begin; vowels are all alike.

    >>> begins_alike("Хмельницький", "Khmelnytskyi"), begins_alike("Олександрівка", "Donetsk")
    (True, False)
    """
    sounds = [next((sound for letter in text if (sound := _letter(letter)[1])), "") for text in (one, other)]
    return len({next((row for row in _BEGINNINGS if sound in row), sound) for sound in sounds}) == 1


def spellings_of(names: Iterable[str], listed: Iterable[str]) -> tuple[str, ...]:
    """The other spellings of a place that somebody may type, each once, in order, at most SPELLINGS_MAX of a script.

    Left out are machines' romanisations (they begin with a small letter), codes of airports, and scripts that the
    page's languages are not written in.

    >>> spellings_of(["Kyiv", "Київ"], ["Kiev", "KIEV", "Kíev", "IEV", "ji fu", "Киев", "基輔", "Kyiv"])
    ('Kiev', 'Киев')
    """
    known = {_folded(name) for name in names}
    kept: list[str] = []
    count = dict.fromkeys(TYPED_SCRIPTS, 0)
    for text in (text.replace(_SOFT_HYPHEN, "").strip() for text in listed):
        script = script_of(text)
        code = script == "Latn" and (not text[0].isupper() or (len(text) <= 4 and text.isupper()))
        if script not in TYPED_SCRIPTS or code or not 3 <= len(text) <= 40 or _folded(text) in known:
            continue
        if count[script] < SPELLINGS_MAX:
            count[script] += 1
            known.add(_folded(text))
            kept.append(text)
    return tuple(kept)


def _folded(text: str) -> str:
    """Lower case without marks: what differs by no more is found by either."""
    return "".join(a for a in unicodedata.normalize("NFKD", text.lower()) if a.isalnum())


def _ukrainian(candidates: Sequence[str], latin: str) -> str | None:
    """The candidate whose romanisation is the Latin name: to the letter, or else with y taken for i."""

    def plain(text: str) -> str:
        return "".join(a for a in text.lower() if a.isalpha() and a not in "ʹʼ’")

    romanised = {text: plain("".join(_UKRAINIAN.get(a, a) for a in text.lower())) for text in candidates}
    for fold in (str, lambda text: text.replace("y", "i").replace("ii", "i")):
        for text, latin_text in romanised.items():
            if fold(latin_text) == fold(plain(latin)):
                return text
    return None


def _likeliest(candidates: Sequence[str], latin: str, others: Sequence[str], abjad: bool) -> str:
    """The spelling that sounds like the Latin name, else like most of the Latin spellings, else nearest, else short."""
    if len(candidates) == 1:
        return candidates[0]
    wanted = skeleton_of(latin, abjad)
    heard = [skeleton_of(text, abjad) for text in others]

    def rank(text: str) -> tuple[bool, int, float, int]:
        sounds = skeleton_of(text, abjad)
        likeness = SequenceMatcher(None, wanted, sounds, autojunk=False).ratio()
        return sounds == wanted, heard.count(sounds), likeness, -len(text)

    return max(candidates, key=rank)
