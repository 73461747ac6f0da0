"""Strangers' XML, read safely: no entities, no network, bounded size, depth and count."""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from lxml import etree

from tocsin.model.errors import BadInput

# A whole country in one message is 1.7 MB; a collection of many messages is a few times that.
BYTES_MAX = 20_000_000
# CAP inside EDXL inside a feed is 10 deep, an XML signature 8 more.
DEPTH_MAX = 50
ELEMENTS_MAX = 300_000
ATTRIBUTES_MAX = 50

NAMESPACES = {
    "http://www.incident.com/cap/1.0": "1.0",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "urn:oasis:names:tc:emergency:cap:1.2": "1.2",
}
DSIG = "http://www.w3.org/2000/09/xmldsig#"


class BadXml(BadInput):
    """Not XML, or XML of a kind that is not read; `line` is where."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line
        self.what = what


class _Guard:
    """A first pass that builds nothing and stops at the first thing that could do harm."""

    def __init__(self, encoding: str | None, elements_max: int) -> None:
        self._elements_max = elements_max
        self._parser = expat.ParserCreate(encoding)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._depth = 0
        self._elements = 0

    def check(self, data: bytes) -> None:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            raise BadXml(error.lineno, f"not well-formed XML: {expat.ErrorString(error.code)}") from error
        except (LookupError, UnicodeError, ValueError) as error:
            raise BadXml(1, f"an encoding that cannot be read: {error}") from error

    def _refuse(self, what: str) -> None:
        raise BadXml(self._parser.CurrentLineNumber, what)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > DEPTH_MAX:
            self._refuse(f"more than {DEPTH_MAX} elements inside each other")
        if self._elements > self._elements_max:
            self._refuse(f"more than {self._elements_max} elements")
        if len(attributes) > ATTRIBUTES_MAX:
            self._refuse(f"element {name} has more than {ATTRIBUTES_MAX} attributes")

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _doctype(self, *_: object) -> None:
        # Every entity attack (external files, billion laughs) begins with one, and neither CAP nor KML needs it.
        self._refuse("a DOCTYPE; nobody needs one here, and entities are never read")


def parse(data: bytes | str, *, bytes_max: int = BYTES_MAX, elements_max: int = ELEMENTS_MAX) -> etree._Element:
    """The root element. Raises BadXml.

    A string has been decoded already: the encoding that it declares was of the bytes it came in, and is passed over.
    """
    encoding = None
    if isinstance(data, str):
        # A lone surrogate is no character: the parser then says on which line.
        data, encoding = _undeclared(data).encode("utf-8", "surrogatepass"), "utf-8"
    if len(data) > bytes_max:
        raise BadXml(1, f"{len(data)} bytes; at most {bytes_max} are read")
    _Guard(encoding, elements_max).check(data)
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BadXml(error.lineno or 1, f"not well-formed XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadXml(1, "a DOCTYPE; nobody needs one here, and entities are never read")
    return root


def _undeclared(text: str) -> str:
    """Without a byte order mark, blanks before the first element, and the XML declaration."""
    text = text.lstrip("\ufeff \t\r\n")
    end = text.find("?>", 0, 300) if text.startswith(("<?xml ", "<?xml\t", "<?xml\n", "<?xml\r")) else -1
    return text if end < 0 else text[end + 2 :]


def alerts_in(root: etree._Element) -> list[etree._Element]:
    """The CAP alerts of a document, in order: the root itself, or wrapped in Atom, EDXL or a plain list."""
    return [element for element in root.iter() if version_of(element) is not None]


def strangers_in(root: etree._Element) -> Iterator[etree._Element]:
    """Elements called alert, of no version of CAP: they must not be passed over in silence beside others."""
    return (element for element in root.iter("{*}alert") if version_of(element) is None)


def version_of(element: etree._Element) -> str | None:
    """The CAP version of an alert element; None for everything else."""
    if not isinstance(element.tag, str):
        return None
    name = etree.QName(element)
    return NAMESPACES.get(name.namespace or "") if name.localname == "alert" else None
