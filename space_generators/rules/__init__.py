"""The space rules, one a file; a platform applies its own choice of them (`platforms`)."""
