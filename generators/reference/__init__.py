"""The reference pages of Assay's documentation, made of its code in the build that shows them.

- :mod:`~generators.reference.command_line`: the commands, from the parser that reads them
- :mod:`~generators.reference.files`: the keys of lock and report, from the types that they are read with
- :mod:`~generators.reference.docstrings`: the evidence and the Python interface, from types and docstrings
- :mod:`~generators.reference.pages`: where each of them stands

A page is prose that people wrote, with a mark where the reference belongs. What
is made is kept by the digest of the code: a warm build makes nothing.
"""
