"""Large campaigns: chaos, capacity and pressure, started by `quorum chaos` and `bench`."""
