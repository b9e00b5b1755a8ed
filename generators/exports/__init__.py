"""A judged report in the formats of others. Nothing here computes a fact, decides a verdict, or holds a sentence.

- :mod:`~generators.exports.expectations`: the verdicts that a report's owner expects
- :mod:`~generators.exports.verdicts`: all verdicts as JSON, and its schema
- :mod:`~generators.exports.junit`: a test case a claim, as XML that test reporters read
- :mod:`~generators.exports.statement`: an in-toto statement about the files that were read
- :mod:`~generators.exports.tensors`: the tensors of a file as CSV
- :mod:`~generators.exports.badge`: the tally as a badge
- :mod:`~generators.exports.claim_review`: the verdicts as schema.org has them, for a page's head
- :mod:`~generators.exports.feed`: what changed, as Atom
- :mod:`~generators.exports.xml_text`: what XML can hold

Their words come from :mod:`generators.render.words`; the document and the PDF, being pages, are made in ``render``.
"""
