"""Which published architecture the evidence fits, and how surely.

- :mod:`~generators.identify.match`: names and shapes of all tensors against every architecture
- :mod:`~generators.identify.solve`: from shapes to a configuration, with what shapes can't determine
- :mod:`~generators.identify.family`: the configurations of the ConvNeXtPose family that are searched
- :mod:`~generators.identify.size`: candidates by element count only, and by file size only

The package imports nothing by itself.
"""
