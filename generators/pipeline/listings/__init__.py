"""Places elsewhere: what they hold, and held.

- :mod:`~generators.pipeline.listings.listing`: a place asked, and the answer kept
- :mod:`~generators.pipeline.listings.kept_listings`: the answers that a project keeps, read
- :mod:`~generators.pipeline.listings.listed`: them as evidence
- :mod:`~generators.pipeline.listings.watched_places`: which places a project looks at
"""
