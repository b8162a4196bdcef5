/** `plugin "docker" { config { … } }` of the agent's configuration: what the operator of a node settles for its tasks. */

export interface DockerPluginConfig {
  /** The engine's socket. */
  readonly socketPath: string;
  /** A `config.json` with registry credentials, as `docker login` writes it; "": none. */
  readonly authFile: string;
  readonly allowPrivileged: boolean;
  readonly allowCaps: readonly string[];
  /** Whether tasks may mount folders of the node that are not their own. */
  readonly allowHostVolumes: boolean;
  /** Containers are removed once they have ended. */
  readonly removesContainers: boolean;
  /** Containers of ours that no allocation knows are removed. */
  readonly removesDangling: boolean;
}

const DEFAULT_ENDPOINT = 'unix:///var/run/docker.sock';

/** What a container of Docker's may do by default, without NET_RAW. */
const DEFAULT_CAPS = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** Name → what may stand there. */
export const DOCKER_PLUGIN_NAMES: Readonly<Record<string, 'text' | 'flag' | 'list'>> = {
  endpoint: 'text',
  'auth.config': 'text',
  allow_privileged: 'flag',
  allow_caps: 'list',
  'volumes.enabled': 'flag',
  'gc.container': 'flag',
  'gc.dangling_containers.enabled': 'flag',
};

const WORDS = { text: 'a text', flag: 'true or false', list: 'a list of texts' } as const;

type Raw = Readonly<Record<string, unknown>>;

/** `dockerHost` is the environment's DOCKER_HOST: the socket that a docker command on this node would ask. */
export function compileDockerPlugin(raw: Raw, dockerHost: string | undefined): DockerPluginConfig {
  const values = new Map(leaves(raw));
  const flag = (name: string, fallback: boolean) => (values.get(name) as boolean | undefined) ?? fallback;
  const ambient = dockerHost?.startsWith('unix://') ? dockerHost : DEFAULT_ENDPOINT;
  return {
    socketPath: String(values.get('endpoint') ?? ambient).replace(/^unix:\/\//, ''),
    authFile: (values.get('auth.config') as string | undefined) ?? '',
    allowPrivileged: flag('allow_privileged', false),
    allowCaps: (values.get('allow_caps') as string[] | undefined) ?? DEFAULT_CAPS,
    allowHostVolumes: flag('volumes.enabled', false),
    removesContainers: flag('gc.container', true),
    removesDangling: flag('gc.dangling_containers.enabled', true),
  };
}

/** Every problem, each a sentence. */
export function dockerPluginProblems(raw: Raw): string[] {
  const known = Object.keys(DOCKER_PLUGIN_NAMES);
  return leaves(raw).flatMap(([name, value]) => {
    const kind = DOCKER_PLUGIN_NAMES[name];
    if (kind === undefined) return [`plugin "docker" has no "${name}"; it knows ${known.join(', ')}`];
    if (!isOf(kind, value)) return [`"${name}" of plugin "docker" must be ${WORDS[kind]}`];
    if (name === 'endpoint' && !/^(unix:\/\/)?\//.test(String(value))) {
      return [`"endpoint" of plugin "docker" must be a unix socket such as "${DEFAULT_ENDPOINT}", not "${value}"`];
    }
    return [];
  });
}

function leaves(block: Raw, path = ''): [string, unknown][] {
  return Object.entries(block).flatMap(([name, value]): [string, unknown][] => {
    const inner = Array.isArray(value) && value.every(isMap) && value.length > 0 ? Object.assign({}, ...value) : value;
    return isMap(inner) ? leaves(inner, `${path}${name}.`) : [[`${path}${name}`, value]];
  });
}

function isOf(kind: keyof typeof WORDS, value: unknown): boolean {
  if (kind === 'list') return Array.isArray(value) && value.every((each) => typeof each === 'string');
  return typeof value === (kind === 'text' ? 'string' : 'boolean');
}

const isMap = (value: unknown): value is Raw => value !== null && typeof value === 'object' && !Array.isArray(value);
