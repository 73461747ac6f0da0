"""One channel is one file: warnings out to people and machines."""
