/** What the left or right side of a constraint stands for on a node: "${attr.kernel.name}", "${node.class}", or itself. */
import type { Node } from '../../model/node.ts';

export interface Target {
  /** undefined: the node does not have it. */
  readonly read: (node: Node) => string | undefined;
  /** It looks at what is unique to a node, so nodes of one class may differ. */
  readonly isUnique: boolean;
}

const NODE_FIELDS: Readonly<Record<string, Target>> = {
  'node.unique.id': { read: (node) => node.ID, isUnique: true },
  'node.unique.name': { read: (node) => node.Name, isUnique: true },
  'node.datacenter': { read: (node) => node.Datacenter, isUnique: false },
  'node.class': { read: (node) => node.NodeClass, isUnique: false },
};

const REFERENCE = /^\$\{(.+)\}$/;

export function compileTarget(text: string): Target {
  const name = REFERENCE.exec(text)?.[1]?.trim();
  if (name === undefined) return { read: () => text, isUnique: false };
  const field = NODE_FIELDS[name];
  if (field) return field;
  if (name.startsWith('attr.')) return attribute(name.slice('attr.'.length));
  if (name.startsWith('meta.')) return meta(name.slice('meta.'.length));
  if (name.startsWith('driver.')) return driverAttribute(name);
  return { read: () => undefined, isUnique: false };
}

function attribute(key: string): Target {
  const isUnique = key.startsWith('unique.');
  if (key.startsWith('driver.')) return { read: (node) => node.Attributes[key] ?? driverValue(node, key), isUnique };
  return { read: (node) => node.Attributes[key], isUnique };
}

function meta(key: string): Target {
  return { read: (node) => node.Meta[key], isUnique: key.startsWith('unique.') };
}

function driverAttribute(key: string): Target {
  return { read: (node) => driverValue(node, key) ?? node.Attributes[key], isUnique: false };
}

/** "driver.docker.version" stands among the attributes of the driver; "driver.docker" says whether it is there. */
function driverValue(node: Node, key: string): string | undefined {
  const driver = node.Drivers[key.split('.')[1] ?? ''];
  if (!driver) return undefined;
  const value = driver.Attributes?.[key];
  if (value !== undefined || key.split('.').length > 2) return value;
  return driver.Detected ? '1' : undefined;
}
