# The same commands as ./run, for those whose fingers type make.
.PHONY: help setup demo test check bench

help setup demo test check bench:
	@./run $@
