"""A whole cluster on one machine: every process of it started, killed, hung, cut off and started again by its name."""
