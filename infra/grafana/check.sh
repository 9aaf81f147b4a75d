#!/usr/bin/env bash
# Asks promtool (on PATH) whether the rules are right, and whether each alert fires on what it is for and clears after it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/rules"
promtool check rules isartor.rules.yaml
promtool test rules isartor.rules.test.yaml
