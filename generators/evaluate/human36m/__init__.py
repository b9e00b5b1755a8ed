"""Accuracy on Human3.6M, as the published code measures it, from data that the user has.

The data set is licensed and never part of the project. The layout is that of the 3DMPPE family of repositories::

    annotations/Human36M_subject9_data.json, ..._camera.json, ..._joint_3d.json
    images/s_09_act_02_subact_01_ca_01/s_09_act_02_subact_01_ca_01_000001.jpg

Map of the package, in the order of the work:

- :mod:`~generators.evaluate.human36m.skeleton`: annotated joints, actions
- :mod:`~generators.evaluate.human36m.annotation_files`: the three kinds of annotation file, typed
- :mod:`~generators.evaluate.human36m.test_set`: the images that a protocol tests, with their true poses
- :mod:`~generators.evaluate.human36m.cameras`: world, camera and pixel coordinates
- :mod:`~generators.evaluate.human36m.loading_images`: crops in batches, read ahead of the network
- :mod:`~generators.evaluate.human36m.predicting`: from crops to poses in mm, plain and averaged with the mirrored image
- :mod:`~generators.evaluate.human36m.pixel_range`: a few images both ways, with values to 255 and to 1
- :mod:`~generators.evaluate.human36m.alignment`: predicted poses laid on true ones
- :mod:`~generators.evaluate.human36m.interval`: the bootstrap over takes
- :mod:`~generators.evaluate.human36m.summary`: errors to the figures of a protocol
- :mod:`~generators.evaluate.human36m.measuring`: all of it for one network

Sources: UP is github.com/medialab-ku/ConvNeXtPose at ``08352ee``, PN is github.com/mks0601/3DMPPE_POSENET_RELEASE at
``dd025c5``; the files of UP that are named in this package are PN's, but for sizes in ``main/config.py``.

Held against UP's own ``process_bbox``, ``rigid_align`` and the body of ``evaluate`` on random input (2,000 boxes, 200
poses, 100 frames), boxes and errors agree to 1e-12 pixels and mm.
"""
