"""The errors Tocsin raises on purpose. Each is one sentence: what, which value (file:line), what to do.

TocsinError
├── BadInput             something from outside is not what the contracts say
│   ├── BadValue         one field of one value (also a ValueError)
│   ├── BadRecord        one record of a stream or file; the rest of the stream goes on
│   └── BadFile          a whole file or recording cannot be used
├── BadSettings          tocsin.toml, the environment or an argument
├── JournalError         the journal cannot be opened, written or trusted
│   ├── JournalBusy      more is waiting for the disk than may; the sender tries again
│   ├── NotDurable       the disk refuses: it is decided upon, and lost if the service dies before the disk is back
│   └── JournalDamaged   what is on the disk is not what was written there
└── Missing              a program, package or file that is needed is not there
"""


class TocsinError(Exception):
    """Base of every error raised on purpose; its text is fit to show to a tired person at 3 a.m."""


class BadInput(TocsinError):
    """Something that arrived from outside is not what the contracts say."""


class BadValue(BadInput, ValueError):
    """A value refused at birth: the field, what it was, and what it may be."""


class BadRecord(BadInput):
    """One record cannot be used; it is counted and kept with this reason, and the stream goes on."""


class BadFile(BadInput):
    """A whole file cannot be used."""


class BadSettings(TocsinError):
    """A setting, environment variable or argument is wrong."""


class JournalError(TocsinError):
    """The journal cannot be opened, written or trusted."""


class JournalBusy(JournalError):
    """More events are waiting for the disk than may; the sender tries again later."""


class NotDurable(JournalError):
    """The disk refuses or does not answer: events are decided upon, and lost if the service dies before it is back."""


class JournalDamaged(JournalError):
    """What is on the disk is not what was written there."""


class Missing(TocsinError):
    """A program, package or file that is needed here is not installed or not there."""
