"""Sample listeners: they hear the service's channels as people do."""
