/** What Marathon puts into a task's environment. What only the node knows is interpolated there. */
import type { MarathonApp } from './app.ts';
import { portLabels, requestedPort } from './ports.ts';

/** Longer label values are left out, as Marathon does. */
const LONGEST_LABEL = 512;

export function envOf(app: MarathonApp, version: string): Record<string, string> {
  return {
    ...portVariables(app),
    ...identity(app),
    ...(version && { MARATHON_APP_VERSION: version }),
    ...labelVariables(app),
    ...app.env,
  };
}

function portVariables(app: MarathonApp): Record<string, string> {
  const labels = portLabels(app);
  const values = labels.map((label) => `\${NOMAD_HOST_PORT_${label.replace(/[^A-Za-z0-9_]/g, '_')}}`);
  if (values.length === 0) return {};
  const numbered = values.flatMap((value, at): [string, string][] => {
    const name = app.portDefinitions?.[at]?.name;
    return [
      [`PORT${at}`, value],
      ...(requestedPort(app, at) > 0 ? [[`PORT_${requestedPort(app, at)}`, value] as [string, string]] : []),
      ...(name ? [[`PORT_${variableName(name)}`, value] as [string, string]] : []),
    ];
  });
  return { ...Object.fromEntries(numbered), PORT: values[0]!, PORTS: values.join(',') };
}

function identity(app: MarathonApp): Record<string, string> {
  const { image } = app.container?.docker ?? {};
  return {
    HOST: '${attr.unique.network.ip-address}',
    MESOS_TASK_ID: `${app.id.slice(1).replaceAll('/', '_')}.\${NOMAD_ALLOC_ID}`,
    MARATHON_APP_ID: app.id,
    ...(image && { MARATHON_APP_DOCKER_IMAGE: image }),
    MARATHON_APP_RESOURCE_CPUS: decimal(app.cpus),
    MARATHON_APP_RESOURCE_MEM: decimal(app.mem),
    MARATHON_APP_RESOURCE_DISK: decimal(app.disk),
    MARATHON_APP_RESOURCE_GPUS: String(app.gpus),
  };
}

function labelVariables({ labels }: MarathonApp): Record<string, string> {
  const short = Object.entries(labels).filter(([, value]) => value.length < LONGEST_LABEL);
  return {
    MARATHON_APP_LABELS: short.map(([name]) => variableName(name)).join(' '),
    ...Object.fromEntries(short.map(([name, value]) => [`MARATHON_APP_LABEL_${variableName(name)}`, value])),
  };
}

const variableName = (text: string): string => text.replace(/[^A-Za-z0-9_]/g, '_').toUpperCase();

/** "1.0", as Marathon writes its doubles. */
const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));
