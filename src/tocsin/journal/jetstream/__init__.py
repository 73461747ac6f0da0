"""The agreed order of events in NATS JetStream: held by several brokers, read alike by every machine.

Each machine writes what it reads from there into its own record (SQLite), with its place in the stream in the same
transaction; the record is what it decides from. docs/decisions/0051-the-agreed-log.md.
"""
