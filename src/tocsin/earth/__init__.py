"""The geometry of the Earth: local frames, horizon, zone index. Pure functions of arrays; no I/O, no clock."""
