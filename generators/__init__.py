"""Assay: a report about checkpoints whose every sentence is computed from them.

The road, one stage after the other (:mod:`generators.pipeline` composes them)::

    lock -> sources -> containers -> fingerprint -> identify -> evaluate -> judge -> render, exports

Map of the package:

- :mod:`~generators.model`: the immutable types that stages exchange
- :mod:`~generators.errors`: what is raised on bad input that isn't a checkpoint
- :mod:`~generators.architectures`: the published architectures, as data
- :mod:`~generators.lock`, :mod:`~generators.sources`, :mod:`~generators.containers`,
  :mod:`~generators.fingerprint`, :mod:`~generators.identify`,
  :mod:`~generators.evaluate`, :mod:`~generators.judge`, :mod:`~generators.render`,
  :mod:`~generators.exports`: the stages
- :mod:`~generators.store`: evidence to JSON and back, and the cache of results
- :mod:`~generators.provenance`: what a result was made by: code, environment, date
- :mod:`~generators.toml_places`: TOML whose mistakes are told with their line
- :mod:`~generators.pages`, :mod:`~generators.hooks`: the only modules that know MkDocs
- :mod:`~generators.cli`: the ``assay`` command
"""

__version__ = "0.1.0"
