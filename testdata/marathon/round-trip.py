"""A round trip with Marathon's Python client: argv is the URL. Prints what it found, one line for each step."""
import sys
import time

from marathon import MarathonClient
from marathon.exceptions import MarathonHttpError, NotFoundError
from marathon.models import MarathonApp, MarathonHealthCheck
from marathon.models.group import MarathonGroup

client = MarathonClient(sys.argv[1])


def settled():
    for _ in range(200):
        if not client.list_deployments():
            return
        time.sleep(0.05)
    raise SystemExit("a deployment does not end")


print("info", client.get_info().name, client.ping().decode())
check = MarathonHealthCheck(protocol="HTTP", path="/", port_index=0, grace_period_seconds=5, interval_seconds=1,
                            timeout_seconds=2, max_consecutive_failures=3)
made = client.create_app("/py/web", MarathonApp(cmd=sys.argv[2], cpus=0.1, mem=32, instances=1, ports=[0],
                                                health_checks=[check], labels={"made": "by python"}))
print("created", made.id, [len(each.steps) for each in client.list_deployments()][:1] in ([], [2]))
settled()
app = client.get_app("/py/web", embed_tasks=True, embed_counts=True)
print("app", app.id, app.instances, app.tasks_running, app.labels, len(app.tasks[0].ports))
print("alive", all(result.alive for task in client.list_tasks() for result in task.health_check_results))
client.scale_app("/py/web", instances=2)
settled()
print("scaled", client.get_app("/py/web").instances, len(client.list_tasks("/py/web")))
versions = client.list_versions("/py/web")
print("versions", len(versions), client.get_version("/py/web", versions[-1]).instances)
client.kill_task("/py/web", client.list_tasks("/py/web")[0].id, scale=True)
settled()
print("killed", client.get_app("/py/web").instances)
try:
    client.update_app("/py/web", MarathonApp(cmd="x", args=["y"]), force=False)
except MarathonHttpError as error:
    print("refused", error.status_code, error.error_message)
print("groups", [group.id for group in client.get_group("/").groups])
client.create_group(MarathonGroup(id="/py2", apps=[MarathonApp(id="/py2/db", cmd="exec sleep 1000", cpus=0.1, mem=16)]))
settled()
print("group", [each.id for each in client.get_group("/py2").apps], len(client.list_queue()))
client.delete_group("/py2", force=True)
client.delete_app("/py/web", force=True)
settled()
try:
    client.get_app("/py/web")
except NotFoundError:
    print("gone", client.list_apps())
