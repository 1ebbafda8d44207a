"""What a command prints, and while it works."""
