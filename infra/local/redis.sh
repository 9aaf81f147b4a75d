#!/usr/bin/env bash
# Prints the path of a `redis-server` of version 8 or later, for tests: the one on PATH, else one unpacked (once) from
# the machine's own Debian or Ubuntu archive into a private cache folder. Nothing outside that folder is touched, no
# root is needed and Docker is not used. Progress and errors go to stderr.
#
#   redis.sh            get it if need be
#   redis.sh --cached   only look: exit 1 when it is neither on PATH nor in the cache
set -euo pipefail

# shellcheck source=infra/local/unpack-packages.sh
source "$(dirname "${BASH_SOURCE[0]}")/unpack-packages.sh"

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

server="$cache/redis-8/bin/redis-server"
if [ -x "$server" ] && is_redis_8 "$server"; then
  echo "$server"
  exit 0
fi
[ "${1:-}" = --cached ] && exit 1

case "$(distribution)" in
  debian\ *) suite=trixie ;;
  ubuntu\ *) suite=resolute ;;
  *) fail "no redis-server 8 on PATH, and '$(distribution)' has no known archive with it; install Redis 8" ;;
esac
# The server (Debian ships it as redis-check-rdb) and every library it links, its own libc included.
packages=(redis-tools libc6 libssl3t64 libjemalloc2 liblzf1 libstdc++6 libgcc-s1 libatomic1 libsystemd0 libcap2 libzstd1 zlib1g)
say "getting Redis 8 from $suite (once, about 20 MB) …"
unpack redis-8 "$suite" 'install Redis 8' "${packages[@]}"
cat >"$work/bin/redis-server" <<WRAPPER
#!/bin/sh
# Started through the loader it came with, so that the machine's own libc does not matter.
root=\$(cd "\$(dirname "\$0")/../root" && pwd)
exec "\$root/$loader" --argv0 redis-server --library-path "\$root/$libraries" "\$root/usr/bin/redis-check-rdb" "\$@"
WRAPPER
chmod +x "$work/bin/redis-server"
is_redis_8 "$work/bin/redis-server" || fail "what $suite holds does not start as Redis 8 here; install Redis 8"
keep redis-8 redis-server
