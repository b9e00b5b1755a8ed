"""Work on many files: here one after another, on processes of this machine, or on a Dask cluster, by the same code.

- :mod:`~generators.pipeline.executing.choice`: which of them, by ``--executor``, ``ASSAY_EXECUTOR`` or the work itself
- :mod:`~generators.pipeline.executing.crew`: what all of them are to the rest
- :mod:`~generators.pipeline.executing.processes`: worker processes of this machine
- :mod:`~generators.pipeline.executing.dask_cluster`: those of a cluster
- :mod:`~generators.pipeline.executing.each`: one task for each item, in order, through deaths of workers

A task is a function of this package, an item and its result are structs of the model. They travel as Python pickles,
written by this code and read by this code: never anything that a checkpoint holds, whose pickles are only ever followed
by :mod:`~generators.containers.pickle_machine`. Whoever can reach the workers of a Dask cluster can run code on them,
and they on the client: that is Dask's nature, and why it is never a default.

Networks are run by none of this, but in the process that was started: torch has all cores already, its results depend
on the number of its threads, each process would hold its libraries anew, and a speed is measured with nothing
beside it.
"""
