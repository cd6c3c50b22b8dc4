"""What sweeps are told to be, refused for, and kept as."""
