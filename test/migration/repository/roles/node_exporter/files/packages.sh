#!/bin/sh
# Packages that may be upgraded.
set -eu
n=$(apt-get -s -o Debug::NoLocking=true upgrade | grep -c ^Inst || true)
echo "packages_pending $n"
