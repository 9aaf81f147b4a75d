#!/usr/bin/env bash
# Prints a folder in whose node_modules `node-llama-cpp` is installed, for tests: its processor package alone (those for
# graphics cards are 600 MB), into a private cache folder, once. No script of a package is run. Progress and errors go to
# stderr.
#
#   node-llama-cpp.sh            get it if need be
#   node-llama-cpp.sh --cached   only look: exit 1 when it is not in the cache
set -euo pipefail

version=3.22.1
folder="${XDG_CACHE_HOME:-$HOME/.cache}/isartor/node-llama-cpp-$version"
if [ -f "$folder/node_modules/node-llama-cpp/package.json" ]; then
  echo "$folder"
  exit 0
fi
[ "${1:-}" = --cached ] && exit 1

# shellcheck disable=SC2016 # JavaScript, not shell
platform=$(node -p '`${process.platform === "win32" ? "win" : process.platform === "darwin" ? "mac" : "linux"}-${process.arch}`')
mkdir -p "$(dirname "$folder")"
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo '{"private":true}' >"$work/package.json"
echo "getting node-llama-cpp $version for $platform (once, about 85 MB) …" >&2
(cd "$work" && npm install --omit=optional --ignore-scripts --no-audit --no-fund --prefer-offline \
  "node-llama-cpp@$version" "@node-llama-cpp/$platform@$version" >&2)
# Another process may have been faster; its copy is as good.
mv -T "$work" "$folder" 2>/dev/null || [ -f "$folder/node_modules/node-llama-cpp/package.json" ]
echo "$folder"
