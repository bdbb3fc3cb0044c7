# Everything a person needs, one word each. The building is meson's and ninja's; see meson.build.
# `make run` and `make test` do their own set-up: what is missing is installed, and said aloud.

BUILD ?= build
SHELL := /bin/bash

.PHONY: all setup setup-build setup-test sources coverage run demo test test-quick bench fuzz lint layers format install deb clean
.DEFAULT_GOAL := all

all: setup-build $(BUILD)/build.ninja
	@ninja -C $(BUILD)

setup:        ; @tools/setup all
setup-build:  ; @tools/setup build
setup-test:   ; @tools/setup test

$(BUILD)/build.ninja: meson.build meson_options.txt | setup-build
	@test -f $@ || meson setup $(BUILD) --prefix=/usr

run:          ; @tools/run
demo:         ; @tools/built && tools/demo
test:         ; @tools/test all
test-quick:   ; @tools/test quick
bench:        ; @tools/bench
fuzz:         ; @tools/fuzz
lint:         ; @tools/lint
layers:       ; @tools/layers
sources:      ; @tools/sources
coverage: setup-build $(BUILD)/build.ninja
	@tools/coverage
format:
	@find src tests bench -name '*.[ch]' -print0 | xargs -0 grep -LZ '^/\* Made by tools/' | xargs -0 clang-format -i

install: all
	@DESTDIR="$(DESTDIR)" meson install -C $(BUILD)

deb:          ; @tools/deb

clean:
	rm -rf $(BUILD) build-*
