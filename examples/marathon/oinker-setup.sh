#!/bin/sh
# What DC/OS's tutorial "Using blue/green deployment" begins with: BLUE runs, and a load balancer leads to it.
#
# The load balancer's pool is an app of no instances, oinker-pool.json: it says the port, and `serin ingress add` says who
# is behind it. So the pool belongs to neither colour and outlives both. See oinker.sh for the tutorial itself.
set -eu
cd "$(dirname "$0")"
dcos() { serin "$@"; } # at a prompt: alias dcos=serin

dcos marathon app add oinker-pool.json
dcos marathon app add "${1:-oinker.json}" | tee /dev/stderr | sed -n 's/^Created deployment //p' |
  xargs serin marathon deployment watch

for task in $(dcos marathon task list --json /oinker | jq -r '.[].id'); do
  serin ingress add -pool oinker-pool -wait "$task"
done
