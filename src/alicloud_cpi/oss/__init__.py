"""OSS: holds a stemcell's image while ECS imports it.

``bucket`` is what actions use; ``upload`` sends an object in parallel parts through ``client``,
whose requests oss2 builds and signs.
"""
