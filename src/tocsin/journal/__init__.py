"""The journal: every event in order, durable before anybody is told that it arrived."""

from tocsin.journal.encoded import Encoded, Receipt
from tocsin.journal.group_commit import GroupCommit
from tocsin.journal.journal import Journal

__all__ = ["Encoded", "GroupCommit", "Journal", "Receipt"]
