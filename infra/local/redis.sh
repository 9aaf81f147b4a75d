#!/usr/bin/env bash
# Prints the path of a `redis-server` of version 8 or later, for tests: the one on PATH, else one unpacked (once) from
# the machine's own Debian or Ubuntu archive into a private cache folder. Nothing outside that folder is touched, no
# root is needed and Docker is not used. Progress and errors go to stderr.
#
#   redis.sh            get it if need be
#   redis.sh --cached   only look: exit 1 when it is neither on PATH nor in the cache
set -euo pipefail

say() { printf 'redis.sh: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

is_redis_8() { # the program's own word: "Redis server v=8.0.2 sha=…"
  local major
  major=$("$1" --version 2>/dev/null | sed -n 's/.* v=\([0-9][0-9]*\)\..*/\1/p') || return 1
  [ "${major:-0}" -ge 8 ]
}

on_path=$(command -v redis-server || true)
if [ -n "$on_path" ] && is_redis_8 "$on_path"; then
  echo "$on_path"
  exit 0
fi

cache="${XDG_CACHE_HOME:-$HOME/.cache}/isartor"
dest="$cache/redis-8"
server="$dest/bin/redis-server"
if [ -x "$server" ] && is_redis_8 "$server"; then
  echo "$server"
  exit 0
fi
[ "${1:-}" = --cached ] && exit 1

for tool in apt-get dpkg; do
  command -v "$tool" >/dev/null || fail "no redis-server 8 on PATH, and without $tool none can be unpacked here; install Redis 8"
done
# shellcheck source=/dev/null
distribution=$(. /etc/os-release && echo "${ID:-} ${VERSION_CODENAME:-}")
case "$distribution" in
  debian\ *) suite=trixie keyring=/usr/share/keyrings/debian-archive-keyring.gpg ;;
  ubuntu\ *) suite=resolute keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg ;;
  *) fail "no redis-server 8 on PATH, and '$distribution' has no known archive with it; install Redis 8" ;;
esac
# The address that this machine already uses for its own release.
# shellcheck disable=SC2016 # apt's own parameters
archive=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
  awk -v release="${distribution#* }" '$2 == release && $3 == "main" { print $1; exit }')
[ -n "$archive" ] || fail 'found no archive for this release in the apt sources; install Redis 8'

mkdir -p "$cache"
work=$(mktemp -d "$cache/redis-8.XXXXXX")
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

say "getting Redis 8 from $suite (once, about 20 MB) …"
apt-get -qq update >&2
# The server (Debian ships it as redis-check-rdb) and every library it links, its own libc included.
packages=(redis-tools libc6 libssl3t64 libjemalloc2 liblzf1 libstdc++6 libgcc-s1 libatomic1 libsystemd0 libcap2 libzstd1 zlib1g)
(cd "$work/packages" && apt-get -qq -t "$suite" download "${packages[@]}" >&2)
for package in "$work"/packages/*.deb; do
  dpkg -x "$package" "$work/root"
done

loader=$(cd "$work/root" && find usr/lib usr/lib64 -name 'ld-linux-*.so.*' 2>/dev/null | head -n 1)
libraries=$(cd "$work/root" && dirname "$(find usr/lib -name libc.so.6 | head -n 1)")
[ -n "$loader" ] && [ -n "$libraries" ] || fail 'the unpacked packages hold no loader'
cat >"$work/bin/redis-server" <<WRAPPER
#!/bin/sh
# Started through the loader it came with, so that the machine's own libc does not matter.
root=\$(cd "\$(dirname "\$0")/../root" && pwd)
exec "\$root/$loader" --argv0 redis-server --library-path "\$root/$libraries" "\$root/usr/bin/redis-check-rdb" "\$@"
WRAPPER
chmod +x "$work/bin/redis-server"
is_redis_8 "$work/bin/redis-server" || fail "what $suite holds does not start as Redis 8 here; install Redis 8"

rm -rf "$work/lists" "$work/cache" "$work/packages"
# mv is the commit: whoever comes second finds the first one's and keeps it.
rm -rf "$dest.old" && { [ -e "$dest" ] && mv "$dest" "$dest.old" || true; }
mv -T "$work" "$dest" 2>/dev/null || [ -x "$server" ] || fail "cannot write $dest"
rm -rf "$dest.old"
trap - EXIT
echo "$server"
