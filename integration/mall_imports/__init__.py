"""The verbs of an import of a mall by the back office: prepare, check, start, run, discard."""
