#!/bin/sh
# What DC/OS's text "Blue Green Deployments" begins with: the blue app runs, and a load balancer leads to it. Its pool is an
# app of no instances, myapp-pool.json, that belongs to neither colour. Then: myapp.sh
set -eu
cd "$(dirname "$0")"
dcos() { serin "$@"; } # at a prompt: alias dcos=serin

dcos marathon app add myapp-pool.json

echo '== 1. Create an app named myapp and deploy it.'
dcos marathon app add "${1:-myapp.json}" | tee /dev/stderr | sed -n 's/^Created deployment //p' |
  xargs serin marathon deployment watch

for task in $(dcos marathon task list --json /myapp | jq -r '.[].id'); do
  serin ingress add -pool myapp-pool -wait "$task"
done
