#!/usr/bin/env bash
# Prints the path of llama.cpp's `llama-server`, for tests: the one on PATH, else one unpacked (once) from the machine's
# own Debian archive into a private cache folder. Nothing outside that folder is touched, no root is needed and Docker is
# not used. Progress and errors go to stderr.
#
#   llama-server.sh            get it if need be
#   llama-server.sh --cached   only look: exit 1 when it is neither on PATH nor in the cache
set -euo pipefail

say() { printf 'llama-server.sh: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

starts() { "$1" --version >/dev/null 2>&1; }

on_path=$(command -v llama-server || true)
if [ -n "$on_path" ] && starts "$on_path"; then
  echo "$on_path"
  exit 0
fi

cache="${XDG_CACHE_HOME:-$HOME/.cache}/isartor"
dest="$cache/llama-server"
server="$dest/bin/llama-server"
if [ -x "$server" ] && starts "$server"; then
  echo "$server"
  exit 0
fi
[ "${1:-}" = --cached ] && exit 1

for tool in apt-get dpkg; do
  command -v "$tool" >/dev/null || fail "no llama-server on PATH, and without $tool none can be unpacked here; install llama.cpp"
done
# shellcheck source=/dev/null
distribution=$(. /etc/os-release && echo "${ID:-} ${VERSION_CODENAME:-}")
case "$distribution" in
  debian\ *) suite=sid keyring=/usr/share/keyrings/debian-archive-keyring.gpg ;;
  *) fail "no llama-server on PATH, and '$distribution' has no known archive with it; install llama.cpp" ;;
esac
# The address that this machine already uses for its own release.
# shellcheck disable=SC2016 # apt's own parameters
archive=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
  awk -v release="${distribution#* }" '$2 == release && $3 == "main" { print $1; exit }')
[ -n "$archive" ] || fail 'found no archive for this release in the apt sources; install llama.cpp'

mkdir -p "$cache"
work=$(mktemp -d "$cache/llama-server.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,packages,root,bin}
signed=''
[ -r "$keyring" ] && signed="[signed-by=$keyring] "
echo "deb $signed$archive $suite main" >"$work/sources.list"
cat >"$work/apt.conf" <<CONF
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State "$work";
Dir::State::Lists "$work/lists";
Dir::State::status "/dev/null";
Dir::Cache "$work/cache";
Dir::Log "$work";
APT::Sandbox::User "";
APT::Get::List-Cleanup "false";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
CONF
export APT_CONFIG="$work/apt.conf"

say "getting llama.cpp's server from $suite (once, about 30 MB) …"
apt-get -qq update >&2
# The server and every library it links, its own libc included; libggml0 brings the CPU's kernels.
packages=(llama.cpp-tools libllama0 libggml0 libgomp1 libstdc++6 libgcc-s1 libc6 libssl3t64 libzstd1 zlib1g)
(cd "$work/packages" && apt-get -qq -t "$suite" download "${packages[@]}" >&2)
for package in "$work"/packages/*.deb; do
  dpkg -x "$package" "$work/root"
done

loader=$(cd "$work/root" && find usr/lib usr/lib64 -name 'ld-linux-*.so.*' 2>/dev/null | head -n 1)
libraries=$(cd "$work/root" && dirname "$(find usr/lib -name libc.so.6 | head -n 1)")
[ -n "$loader" ] && [ -n "$libraries" ] || fail 'the unpacked packages hold no loader'
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

rm -rf "$work/lists" "$work/cache" "$work/packages"
# mv is the commit: whoever comes second finds the first one's and keeps it.
rm -rf "$dest.old" && { [ -e "$dest" ] && mv "$dest" "$dest.old" || true; }
mv -T "$work" "$dest" 2>/dev/null || [ -x "$server" ] || fail "cannot write $dest"
rm -rf "$dest.old"
trap - EXIT
echo "$server"
