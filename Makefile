# The same commands as ./run, through make.
.PHONY: help setup demo test check bench

help setup demo test check bench:
	@./run $@
