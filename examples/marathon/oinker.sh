#!/bin/sh
# DC/OS's tutorial "Using blue/green deployment", its thirteen steps as a script: BLUE (/oinker) is replaced by GREEN
# (/green-oinker), a task at a time, by hand, and no request to the load balancer fails.
#
#   serin agent -dev -marathon &
#   ./oinker-setup.sh
#   ./oinker.sh
#
# Where the tutorial has an image, oinker.json has a command, so that no engine is needed. Another file: ./oinker.sh my.json
# What the tutorial leaves to the load balancer is steps 7, 9 and 10.
set -eu
cd "$(dirname "$0")"
dcos() { serin "$@"; } # at a prompt: alias dcos=serin
hosturl=${MARATHON_URL:-http://127.0.0.1:8080}
green_file=$(mktemp)
trap 'rm -f "$green_file"' EXIT

tasks_of() { dcos marathon task list --json "$1" | jq -r '.[].id'; }

settled() { # whatever holds an app has ended
  until curl -fsS "$hosturl/v2/deployments" | jq -e --arg app "$1" 'all(.[]; .affectedApps | index($app) == null)' >/dev/null; do
    sleep 0.2
  done
}

are_healthy() { # as many tasks of an app have passed their health checks
  until curl -fsS "$hosturl/v2/apps$1" |
    jq -e --argjson count "$2" '[.app.tasks[] | select(any(.healthCheckResults[]?; .alive))] | length == $count' >/dev/null; do
    sleep 0.2
  done
}

echo '== 1., 2. A definition of GREEN: what BLUE is, with a name of its own, and no instances yet.'
jq '.id = "/green-oinker" | .instances = 0' "${1:-oinker.json}" >"$green_file"

echo '== 3. Launch it.'
dcos marathon app add "$green_file"
settled /green-oinker

while blue=$(tasks_of /oinker | head -n 1) && [ -n "$blue" ]; do
  before=$(tasks_of /green-oinker)
  count=$(($(echo "$before" | grep -c . || true) + 1))

  echo "== 4. Scale GREEN to $count."
  dcos marathon app update /green-oinker "instances=$count"

  echo '== 5. Wait until all its tasks have passed their health checks.'
  are_healthy /green-oinker "$count"
  settled /green-oinker

  echo '== 6. All are still healthy; else: stop here, and back.'
  sick=$(dcos marathon app show /green-oinker | jq '.tasks[].healthCheckResults[] | select (.alive == false)')
  [ -z "$sick" ] || { echo "GREEN is not healthy: $sick" >&2; exit 1; }

  echo '== 7. Add the new task to the pool of the load balancer.'
  for task in $(tasks_of /green-oinker); do
    case "$before" in *"$task"*) ;; *) serin ingress add -pool oinker-pool -wait "$task" ;; esac
  done

  echo "== 8. Pick a task of BLUE: $blue"
  echo '== 9. Take it out of the pool: it gets no new requests.'
  serin ingress drain "$blue"

  echo '== 10. Wait until nothing is in flight to it.'
  serin ingress drain -wait "$blue"

  echo '== 11. Kill it, and do not start it again.'
  echo "{\"ids\":[\"$blue\"]}" | curl -fsS -H "Content-Type: application/json" -X POST -d @- "$hosturl/v2/tasks/delete?scale=true"
  echo
  settled /oinker
  echo '== 12. Again, until BLUE has no task.'
done

echo '== 13. Remove BLUE.'
dcos marathon app remove /oinker
