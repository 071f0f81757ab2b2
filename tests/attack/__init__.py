"""Programs others wrote to break sites, let loose on a demo of ours: `make attack`. Loopback only, minutes only."""
