/** Names of images, and the credentials for the registry that a name belongs to. Pure. */
import { blockOf, type DriverConfig, textOf } from './docker-config.ts';

const DEFAULT_REGISTRY = 'docker.io';
/** How credential files call it. */
const DEFAULT_REGISTRY_KEYS = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io'];

/** With its tag: "nginx" → "nginx:latest". An engine that is asked for a name alone pulls every tag. */
export function fullImageName(image: string): string {
  const name = image.replace(/^https?:\/\//, '');
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? name : `${name}:latest`;
}

/** "docker.io" for "nginx" and "library/nginx", "host:5000" for "host:5000/nginx". */
export function registryOf(image: string): string {
  const name = fullImageName(image);
  const first = name.slice(0, Math.max(0, name.indexOf('/')));
  const isHost = first.includes('.') || first.includes(':') || first === 'localhost';
  return isHost ? first : DEFAULT_REGISTRY;
}

export interface PullAuth {
  readonly username: string;
  readonly password: string;
  readonly email?: string;
  readonly serveraddress: string;
  readonly identitytoken?: string;
}

/** The job's own credentials, else those of the node for that registry; undefined: none are needed or known. */
export function pullAuth(config: DriverConfig, credentialFile: string | undefined): PullAuth | undefined {
  const image = textOf(config.image);
  const auth = blockOf(config.auth);
  if (textOf(auth.username) === '') return fromFile(registryOf(image), credentialFile);
  const email = textOf(auth.email);
  return {
    username: textOf(auth.username),
    password: textOf(auth.password),
    ...(email !== '' && { email }),
    serveraddress: textOf(auth.server_address) || serverAddress(registryOf(image)),
  };
}

/** The file as `docker login` writes it. */
function fromFile(registry: string, text: string | undefined): PullAuth | undefined {
  if (text === undefined) return undefined;
  const auths = (JSON.parse(text) as { auths?: Record<string, FileEntry> }).auths ?? {};
  const keys = registry === DEFAULT_REGISTRY ? DEFAULT_REGISTRY_KEYS : [registry, `https://${registry}`];
  const entry = keys.map((key) => auths[key]).find((each) => each !== undefined);
  if (entry === undefined) return undefined;
  const [username = '', ...rest] = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  return {
    username: entry.username ?? username,
    password: entry.password ?? rest.join(':'),
    serveraddress: serverAddress(registry),
    ...(entry.identitytoken !== undefined && { identitytoken: entry.identitytoken }),
  };
}

interface FileEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

const serverAddress = (registry: string): string =>
  registry === DEFAULT_REGISTRY ? DEFAULT_REGISTRY_KEYS[0]! : registry;
