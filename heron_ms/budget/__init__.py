"""When a run ends that has so much time, or is to come so close to the roof.

Knows nothing of TVM: it goes by the events of the run.
"""
