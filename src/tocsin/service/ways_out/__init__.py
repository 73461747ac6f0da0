"""The channels that the settings name, `[[channel]]`: a kind is a file here, and a line in `kinds`."""
