"""The issue in which a report reaches those whom it is about.

- :mod:`~generators.issue.budget`: a text of sections within what GitHub takes, and what is shortened first
- :mod:`~generators.issue.publication`: where the site and the code are published, so that links lead somewhere
- :mod:`~generators.issue.attachments`: files of the kinds and sizes that GitHub takes, always of the same bytes

The sections themselves are written by :mod:`generators.render.issue_sections`, and ``gh`` is spoken to in
:mod:`generators.sources.github_issues`; :mod:`generators.pipeline.issue` puts all of it together.
"""
