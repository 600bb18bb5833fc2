"""Full stemcells: what lies in the tarball that the Director hands over."""
