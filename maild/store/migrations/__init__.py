"""The steps from one schema to the next, run by `maild.store.upgrade`."""
