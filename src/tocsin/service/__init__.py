"""Settings, wiring, HTTP API and commands: the only place that knows everybody."""
