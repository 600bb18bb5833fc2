"""Full stemcells: the disk image in the tarball that the Director passes."""
