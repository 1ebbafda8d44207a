"""From variables and constraints to tables: what the solver works on."""
