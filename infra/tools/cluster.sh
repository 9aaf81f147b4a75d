#!/usr/bin/env bash
# Builds the control plane that `npm run test:cluster` starts (etcd, kube-apiserver, kube-controller-manager,
# kube-scheduler; one pinned version of Kubernetes and the etcd that it pins) from the Go module proxy, whose checksum
# database vouches for the source, has install.sh get what is used in it (Helm, Prometheus, metrics-server, KEDA), lays the
# operators' custom resource definitions beside them, and prints the folder that holds the programs. What is there already
# is left alone; nothing outside the folder and the package managers' own caches is touched, and no root is needed. Progress
# and errors go to stderr.
#
#   cluster.sh           builds what is missing
#   cluster.sh --check   builds nothing; fails, and says what is missing
#
# ISARTOR_TOOLS_DIR: the folder; default ~/.cache/isartor/tools (see install.sh).
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools="${ISARTOR_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/isartor/tools}"
# A Kubernetes of the Go that builds the other tools.
kubernetes=1.35.4
programs='kube-apiserver kube-controller-manager kube-scheduler etcd'
# Got by install.sh: what applies the chart, and what scales.
others='helm prometheus metrics-server keda-operator keda-adapter'

say() { printf 'cluster.sh: %s\n' "$*" >&2; }

# Runs a command with a deadline, in seconds, where the machine can keep one.
within() {
  local seconds=$1
  shift
  if command -v timeout >/dev/null; then timeout "$seconds" "$@"; else "$@"; fi
}

home_of() { echo "$tools/$1-of-kubernetes-$kubernetes"; }

is_here() { [ -x "$(home_of "$1")/$1" ]; }

# The same that install.sh makes schemas of: module@version and path in it, a line each.
custom_resources=$(bash "$repository/infra/tools/install.sh" --custom-resources)
definitions="$tools/custom-resources-$(cksum <<<"$custom_resources" | cut -d ' ' -f 1)"

missing() {
  local program
  for program in $programs; do is_here "$program" || echo "$program"; done
  for program in $others; do [ -x "$tools/bin/$program" ] || echo "$program"; done
  [ -d "$definitions" ] || echo custom-resources
}

# Where a module's source lies, got if need be: module@version.
module_folder() {
  within 600 go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p'
}

copy_definitions() {
  local module path source number=0
  mkdir custom-resources
  while read -r module path; do
    source="$(module_folder "$module")/$path"
    number=$((number + 1))
    mkdir "custom-resources/$number"
    if [ -d "$source" ]; then cp "$source"/*.yaml "custom-resources/$number/"; else cp "$source" "custom-resources/$number/"; fi
  done <<<"$custom_resources"
  chmod -R u+w custom-resources
  rm -f custom-resources/*/kustomization.yaml
  mv -n custom-resources "$definitions" 2>/dev/null || true
}

# A go.mod that builds Kubernetes: its own pins, and its parts (which its repository replaces by folders) as published.
make_module() {
  local source etcd
  source=$(module_folder "k8s.io/kubernetes@v$kubernetes")
  sed -E -e 's#^module .*#module localbuild#' \
    -e "s#^([[:space:]]+k8s.io/[a-z-]+) => ./staging/src/.*#\\1 => \\1 v0.${kubernetes#1.}#" "$source/go.mod" >go.mod
  cat "$source/go.sum" >go.sum
  etcd=$(awk '/go.etcd.io\/etcd\/client\/v3 /{ print $2; exit }' "$source/go.mod")
  go mod edit -require="k8s.io/kubernetes@v$kubernetes" -require="go.etcd.io/etcd/server/v3@$etcd"
}

package_of() {
  case $1 in etcd) echo go.etcd.io/etcd/server/v3 ;; *) echo "k8s.io/kubernetes/cmd/$1" ;; esac
}

# Not optimised, as the other tools are: they are built in two thirds of the time. All in one command, so that what one
# of them waits for (its linking) keeps no core idle.
build() { # program …
  local program began=$SECONDS version=k8s.io/component-base/version minor=${kubernetes#1.} packages=()
  say "building $* of Kubernetes $kubernetes (once) …"
  mkdir programs
  for program in "$@"; do packages+=("$(package_of "$program")"); done
  within 1500 go build -mod=mod -trimpath -gcflags 'all=-N -l' -o programs/ -ldflags "-s -w \
    -X $version.gitVersion=v$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=${minor%.*} \
    -X $version.gitTreeState=clean -X $version.gitCommit=unknown -X $version.buildDate=1970-01-01T00:00:00Z" \
    "${packages[@]}" >&2
  [ ! -x programs/server ] || mv programs/server programs/etcd # named by the last part of its package
  for program in "$@"; do
    mkdir "$program"
    mv "programs/$program" "$program/"
    # mv is the commit: whoever comes second finds the first one's and keeps it.
    mv -n "$program" "$(home_of "$program")" 2>/dev/null || true
  done
  say "built in $((SECONDS - began)) s"
}

if [ "${1:-}" = --check ]; then
  absent=$(missing | tr '\n' ' ')
  [ -z "$absent" ] || { say "MISSING: ${absent% } of Kubernetes $kubernetes; infra/tools/cluster.sh builds them"; exit 1; }
elif [ -n "$(missing)" ]; then
  command -v go >/dev/null || { say 'building the control plane takes go'; exit 1; }
  mkdir -p "$tools"
  tools=$(cd "$tools" && pwd)
  stage=$(mktemp -d "$tools/.cluster.XXXXXX")
  trap 'rm -rf "$stage"' EXIT
  cd "$stage"
  export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:--buildvcs=false}"
  [ -d "$definitions" ] || copy_definitions </dev/null
  make_module
  unbuilt=()
  for program in $programs; do is_here "$program" || unbuilt+=("$program"); done
  [ ${#unbuilt[@]} -eq 0 ] || build "${unbuilt[@]}"
  # Names, a word each.
  # shellcheck disable=SC2086
  bash "$repository/infra/tools/install.sh" $others >/dev/null
fi
mkdir -p "$tools/bin"
for program in $programs; do ln -sfn "$(home_of "$program")/$program" "$tools/bin/$program"; done
ln -sfn "$definitions" "$tools/bin/custom-resources"
echo "$tools/bin"
