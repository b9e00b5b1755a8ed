"""Probes: what is shown to a network, with what is known of it.

- :mod:`~generators.evaluate.probes.poses`: people with known joints, in millimetres
- :mod:`~generators.evaluate.probes.figures`: pictures of them
- :mod:`~generators.evaluate.probes.photographs`: a photograph of a person from an installed package
- :mod:`~generators.evaluate.probes.own_images`: the reader's images, with boxes
- :mod:`~generators.evaluate.preprocessing`: from a picture and a box to the network's input, as the published code goes
- :mod:`~generators.evaluate.probes.variants`: the same crop mirrored, shifted, darkened, with noise
"""
