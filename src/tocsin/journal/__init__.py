"""The append-only event log: durable before acknowledged."""
