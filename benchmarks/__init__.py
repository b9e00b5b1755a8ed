"""How fast Assay is, measured: ``python -m benchmarks``.

Ratios are taken in one run, the two sides in turn, because machines differ and
drift. Nothing here is a test: a slow machine breaks no build.

- :mod:`benchmarks.timing`: times, ratios, and children with a core or memory of their own
- :mod:`benchmarks.samples`: the files that are read
- :mod:`benchmarks.fingerprints`: a whole file against its SHA-256, and against torch
- :mod:`benchmarks.headings`: what a file is, by its index alone
- :mod:`benchmarks.many`: a thousand small checkpoints
- :mod:`benchmarks.executors`: two hundred checkpoints here, on processes and on a Dask cluster; files elsewhere
- :mod:`benchmarks.site`: our share of a site build
"""
