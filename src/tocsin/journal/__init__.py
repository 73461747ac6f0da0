"""The journal: every event in order, durable before anybody is told that it arrived."""

from tocsin.journal.group_commit import GroupCommit
from tocsin.journal.journal import Encoded, Journal, Receipt

__all__ = ["Encoded", "GroupCommit", "Journal", "Receipt"]
