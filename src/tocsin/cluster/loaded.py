"""Loads the program and its kernels: imported once, by the process from which every other one is forked."""

from __future__ import annotations

from tocsin.cluster.process import die_with_parent
from tocsin.service import runtime, serve, sources, stopping, waiting
from tocsin.service.warmup import warm_up

# What a node imports late, and would again in every life.
assert all((runtime, serve, sources, stopping, waiting))
# Its children hold what would tell it by itself that it is alone.
die_with_parent()
warm_up()
