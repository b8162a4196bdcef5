#!/bin/sh
# DC/OS's text "Blue Green Deployments", its steps as a script: the blue app (/myapp) is replaced by a green one
# (/myapp-green) by hand, and no request to the load balancer fails.
#
#   serin agent -dev -marathon &
#   ./myapp-setup.sh
#   ./myapp.sh
#
# myapp.json is the text's own file: its health checks stand where Marathon drops them; here they count, and a warning says
# so. It needs Docker. Another file: ./myapp-setup.sh my.json; ./myapp.sh my.json
set -eu
cd "$(dirname "$0")"
dcos() { serin "$@"; } # at a prompt: alias dcos=serin
marathon=${MARATHON_URL:-http://127.0.0.1:8080}
green_file=$(mktemp)
trap 'rm -f "$green_file"' EXIT

tasks_of() { dcos marathon task list --json "$1" | jq -r '.[].id'; }

settled() { # whatever holds an app has ended
  until curl -fsS "$marathon/v2/deployments" | jq -e --arg app "$1" 'all(.[]; .affectedApps | index($app) == null)' >/dev/null; do
    sleep 0.2
  done
}

echo '== 2. Create an app named myapp-green: the blue app, except for the id.'
jq '.id = "/myapp-green"' "${1:-myapp.json}" >"$green_file"
dcos marathon app add "$green_file"
settled /myapp-green

echo '== 3. Scale it to 2.'
dcos marathon app update /myapp-green instances=2

echo '== 4. Wait until all tasks are healthy.'
until curl -fsS "$marathon/v2/apps/myapp-green" | jq -e '.app | .tasksHealthy == 2' >/dev/null; do sleep 0.2; done
settled /myapp-green

echo '== 5. Add the new tasks to the pool of the load balancer.'
for task in $(tasks_of /myapp-green); do serin ingress add -pool myapp-pool -wait "$task"; done

echo '== 6. Pick the tasks of the blue app.'
blue=$(tasks_of /myapp)

echo '== 7. Take them out of the pool.'
for task in $blue; do serin ingress drain "$task"; done

echo '== 8. Wait until they have 0 pending operations.'
for task in $blue; do serin ingress drain -wait "$task"; done

# The text ends here. What is left:
dcos marathon app remove /myapp
