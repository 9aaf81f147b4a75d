#!/usr/bin/env bash
# For redis.sh and llama-server.sh, which source it: programs unpacked (once) from the machine's own Debian or Ubuntu archive
# into a private cache folder. Nothing outside that folder is touched, no root is needed and Docker is not used.

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
fail() { say "$*"; exit 1; }

cache="${XDG_CACHE_HOME:-$HOME/.cache}/isartor"

# distribution: prints its id and the name of its release, as in "debian bookworm"
distribution() {
  # shellcheck source=/dev/null
  (. /etc/os-release && echo "${ID:-} ${VERSION_CODENAME:-}")
}

# unpack NAME SUITE REMEDY PACKAGE…: gets the packages and unpacks them below $work/root. Sets $work (a folder in the cache
# that goes away on exit), and of what was unpacked $loader and $libraries, relative to $work/root.
unpack() {
  local name=$1 suite=$2 remedy=$3 tool keyring archive signed='' package
  shift 3
  for tool in apt-get dpkg; do
    command -v "$tool" >/dev/null || fail "without $tool nothing can be unpacked here; $remedy"
  done
  keyring="/usr/share/keyrings/$(distribution | cut -d ' ' -f 1)-archive-keyring.gpg"
  # The address that this machine already uses for its own release.
  # shellcheck disable=SC2016 # apt's own parameters
  archive=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v release="$(distribution | cut -d ' ' -f 2)" '$2 == release && $3 == "main" { print $1; exit }')
  [ -n "$archive" ] || fail "found no archive for this release in the apt sources; $remedy"

  mkdir -p "$cache"
  work=$(mktemp -d "$cache/$name.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work"/{lists/partial,cache/archives/partial,packages,root,bin}
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
  apt-get -qq update >&2
  (cd "$work/packages" && apt-get -qq -t "$suite" download "$@" >&2)
  for package in "$work"/packages/*.deb; do
    dpkg -x "$package" "$work/root"
  done
  loader=$(cd "$work/root" && find usr/lib usr/lib64 -name 'ld-linux-*.so.*' 2>/dev/null | head -n 1)
  # shellcheck disable=SC2034 # read by who sources this
  libraries=$(cd "$work/root" && dirname "$(find usr/lib -name libc.so.6 | head -n 1)")
  [ -n "$loader" ] && [ -n "$libraries" ] || fail 'the unpacked packages hold no loader'
}

# keep NAME PROGRAM: makes $work what the cache holds under the name, and prints the program's path there.
keep() {
  local dest="$cache/$1"
  rm -rf "$work/lists" "$work/cache" "$work/packages"
  # mv is the commit: whoever comes second finds the first one's and keeps it.
  rm -rf "$dest.old" && { [ -e "$dest" ] && mv "$dest" "$dest.old" || true; }
  mv -T "$work" "$dest" 2>/dev/null || [ -x "$dest/bin/$2" ] || fail "cannot write $dest"
  rm -rf "$dest.old"
  trap - EXIT
  echo "$dest/bin/$2"
}
