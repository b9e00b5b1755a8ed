"""From the evidence of a report to pages and charts. Nothing here computes a fact or decides a verdict.

- :mod:`~generators.render.markup`: text from checkpoints made inert, for sites, GitHub and terminals
- :mod:`~generators.render.catalog`: the messages of a language; :mod:`~generators.render.environment`: its templates
- :mod:`~generators.render.values`: numbers, sizes, dates and lists in a language
- :mod:`~generators.render.chart_inputs`: what each chart shows, taken from the evidence
- :mod:`~generators.render.charts`: the drawing itself; the only importer of matplotlib
- :mod:`~generators.render.links`: relative addresses between pages
- :mod:`~generators.render.pages`: the pages, the charts and the navigation of a report
- :mod:`~generators.render.document`: all of it as a single file; :mod:`~generators.render.pdf`: that file on paper
- :mod:`~generators.render.words`: a report's sentences as plain text, for exports
- :mod:`~generators.render.verdict_changes`, :mod:`~generators.render.terminal_changes`: which verdicts a change flips,
  for a pull request and for a terminal
- :mod:`~generators.render.messages`: which messages the catalogs must hold
- :mod:`~generators.render.catalogs`: the command that extracts, updates and checks the catalogs
"""
