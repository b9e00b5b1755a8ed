"""What was measured of Assay itself and recorded in ``docs/measurements/``, read for the pages that show it."""
