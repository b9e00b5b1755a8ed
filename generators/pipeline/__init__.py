"""Composes the stages; nothing else does.

- :mod:`~generators.pipeline.project`: the project that is worked on: its lock, reports, cache
- :mod:`~generators.pipeline.heading`: what a file is, by its index alone
- :mod:`~generators.pipeline.reading`: one file through containers, fingerprint and identification, kept by content
- :mod:`~generators.pipeline.identifying`: identifications, kept by what they rest on
- :mod:`~generators.pipeline.running`: controls and evaluations, kept by content; imports torch only when it must
- :mod:`~generators.pipeline.tensors`: a file's tensors by name, still those of its fingerprint
- :mod:`~generators.pipeline.weights_alone`: what weights alone tell of training, kept by content
- :mod:`~generators.pipeline.subjects`: one lock entry to its evidence: live, recorded, or only reported
- :mod:`~generators.pipeline.lineage`: the kinship of each pair of checkpoints
- :mod:`~generators.pipeline.kept_listings`: the listings that a project keeps of places elsewhere;
  :mod:`~generators.pipeline.listed`: them as evidence; :mod:`~generators.pipeline.watched_places`: which they are
- :mod:`~generators.pipeline.report`: all entries to a judged report
- :mod:`~generators.pipeline.records`: what a project keeps of its entries, read
- :mod:`~generators.pipeline.recording`, :mod:`~generators.pipeline.record_text`: evidence into records, and their JSON
- :mod:`~generators.pipeline.drift`: a file held against its record, by :mod:`~generators.pipeline.facts`
- :mod:`~generators.pipeline.history`: the verdicts over time
- :mod:`~generators.pipeline.conditions`: what evidence is made by, and what of that differs
- :mod:`~generators.pipeline.steady`: evidence without times and memory
- :mod:`~generators.pipeline.adding`, :mod:`~generators.pipeline.fetching`, :mod:`~generators.pipeline.standing`,
  :mod:`~generators.pipeline.listing`, :mod:`~generators.pipeline.peeking`: files got, and held against the lock
- :mod:`~generators.pipeline.pinning`: what files are, written into the lock; whether the lock is stale
- :mod:`~generators.pipeline.states`, :mod:`~generators.pipeline.comparing`, :mod:`~generators.pipeline.pair_readers`,
  :mod:`~generators.pipeline.changed_facts`: two names to how their checkpoints differ
- :mod:`~generators.pipeline.upstream`, :mod:`~generators.pipeline.updating`: what sources have now, and taking it
- :mod:`~generators.pipeline.sweeping`: files that nothing needs any more
- :mod:`~generators.pipeline.verdict_states`: the verdicts of one state; :mod:`~generators.pipeline.verdict_changes`: of
  two, held against each other
- :mod:`~generators.pipeline.exporting`, :mod:`~generators.pipeline.documents`: a judged report in the formats of others
- :mod:`~generators.pipeline.scanners`, :mod:`~generators.pipeline.benchmarks`: what was measured of Assay and recorded
- :mod:`~generators.pipeline.site`: a report to the files of a site

The package imports nothing by itself, so that a small question costs little.
"""
