"""Random solutions of what is compiled, and how many there are."""
