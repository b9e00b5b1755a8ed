"""Measures of what a network says of probes.

- :mod:`~generators.evaluate.measures.reading`: the network's answer to crops: positions, entropies, peaks
- :mod:`~generators.evaluate.measures.behaviour`: one number a measure, from the answers to a probe's variants
- :mod:`~generators.evaluate.measures.effect`: how far two sets of numbers are apart
"""
