"""Kernels for the lie of the land: what stands in the way of a line of sight."""
