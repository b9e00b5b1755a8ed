"""One file, read: what it is, and its fingerprint, each kept by the file's content.

- :mod:`~generators.pipeline.files.heading`: what a file is, by its index alone
- :mod:`~generators.pipeline.files.reading`: through containers, fingerprint and identification
- :mod:`~generators.pipeline.files.identifying`: identifications, kept by what they rest on
- :mod:`~generators.pipeline.files.tensors`: a file's tensors by name, still those of its fingerprint
- :mod:`~generators.pipeline.files.relating`: what the weights of two files are to each other
- :mod:`~generators.pipeline.files.peeking`: a file elsewhere, without a download
- :mod:`~generators.pipeline.files.inspecting`: one path or address to what is told of it
- :mod:`~generators.pipeline.files.file_pins`: a file held against what the lock pins
"""
