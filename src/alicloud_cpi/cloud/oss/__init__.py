"""OSS: a stemcell's image on its way to ECS.

``object_store`` is what actions use; ``upload`` sends an object in parallel parts through
``client``, whose requests the OSS SDK signs (``sdk``).
"""
