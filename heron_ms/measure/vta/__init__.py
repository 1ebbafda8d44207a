"""VTA without hardware: lowering to instructions, a simulator of them, a model of their time."""
