"""The minutes of warning that people have now, kept beside the engine as sensors fail and come back."""
