"""Whether random assignments are the programs they stand for."""
