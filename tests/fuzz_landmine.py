"""Never imported: files that the fuzz tests build name it, and reading them must not import what they name."""

raise AssertionError("a file's name was imported")
