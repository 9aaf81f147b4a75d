#!/usr/bin/env bash
# Prints the path of llama.cpp's `llama-server`, for tests: the one on PATH, else one unpacked (once) from the machine's
# own Debian archive into a private cache folder. Nothing outside that folder is touched, no root is needed and Docker is
# not used. Progress and errors go to stderr.
#
#   llama-server.sh            get it if need be
#   llama-server.sh --cached   only look: exit 1 when it is neither on PATH nor in the cache
set -euo pipefail

# shellcheck source=infra/local/unpack-packages.sh
source "$(dirname "${BASH_SOURCE[0]}")/unpack-packages.sh"

starts() { "$1" --version >/dev/null 2>&1; }

on_path=$(command -v llama-server || true)
if [ -n "$on_path" ] && starts "$on_path"; then
  echo "$on_path"
  exit 0
fi

server="$cache/llama-server/bin/llama-server"
if [ -x "$server" ] && starts "$server"; then
  echo "$server"
  exit 0
fi
[ "${1:-}" = --cached ] && exit 1

case "$(distribution)" in
  debian\ *) suite=sid ;;
  *) fail "no llama-server on PATH, and '$(distribution)' has no known archive with it; install llama.cpp" ;;
esac
# The server and every library it links, its own libc included; libggml0 brings the CPU's kernels.
packages=(llama.cpp-tools libllama0 libggml0 libgomp1 libstdc++6 libgcc-s1 libc6 libssl3t64 libzstd1 zlib1g)
say "getting llama.cpp's server from $suite (once, about 30 MB) …"
unpack llama-server "$suite" 'install llama.cpp' "${packages[@]}"
# The plainest kernels run on every machine of this kind.
kernels=$(cd "$work/root" && find "$libraries" -name 'libggml-cpu*.so*' | sort |
  awk '/x64|armv8.0|libggml-cpu.so/ { print; exit }')
[ -n "$kernels" ] || kernels=$(cd "$work/root" && find "$libraries" -name 'libggml-cpu*.so*' | sort | head -n 1)
cat >"$work/bin/llama-server" <<WRAPPER
#!/bin/sh
# Started through the loader it came with, so that the machine's own libc does not matter.
root=\$(cd "\$(dirname "\$0")/../root" && pwd)
export GGML_BACKEND_PATH="\$root/$kernels"
exec "\$root/$loader" --library-path "\$root/$libraries:\$root/$libraries/llama:\$root/$libraries/ggml/backends0" "\$root/usr/bin/llama-server" "\$@"
WRAPPER
chmod +x "$work/bin/llama-server"
starts "$work/bin/llama-server" || fail "what $suite holds does not start here; install llama.cpp"
keep llama-server llama-server
