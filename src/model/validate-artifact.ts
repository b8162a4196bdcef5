/** Judges an artifact: where it comes from, where it goes, and its checksum. */
import { type ErrorTree, wrong, wrongIf } from './error-tree.ts';
import { escapesDirectory } from './path-escape.ts';
import type { Artifact } from './task.ts';

const MODES = ['any', 'file', 'dir'];
const CHECKSUM_BYTES: Readonly<Record<string, number>> = { md5: 16, sha1: 20, sha256: 32, sha512: 64 };

export function validateArtifact(artifact: Artifact): ErrorTree[] {
  return [
    ...wrongIf(artifact.GetterSource === '', 'source must be specified'),
    ...wrongIf(
      !MODES.includes(artifact.GetterMode),
      `invalid artifact mode ${JSON.stringify(artifact.GetterMode)}; must be one of: ${MODES.join(', ')}`,
    ),
    ...wrongIf(escapesDirectory(artifact.RelativeDest), 'artifact destination escapes the allocation directory'),
    ...validateChecksum(artifact.GetterOptions?.checksum),
  ];
}

function validateChecksum(checksum: string | undefined): ErrorTree[] {
  if (checksum === undefined || checksum.includes('${')) return [];
  const colon = checksum.indexOf(':');
  if (colon < 1) return wrong(`invalid checksum: must be given as "type:value"; got ${JSON.stringify(checksum)}`);
  const type = checksum.slice(0, colon);
  if (type === 'file') return [];
  const bytes = CHECKSUM_BYTES[type];
  if (bytes === undefined) return wrong(`unsupported checksum type: ${type}`);
  return validateHex(checksum.slice(colon + 1), type, bytes);
}

function validateHex(hex: string, type: string, bytes: number): ErrorTree[] {
  const stranger = /[^0-9a-fA-F]/u.exec(hex)?.[0];
  if (stranger !== undefined) return wrong(`invalid checksum: encoding/hex: invalid byte: ${unicodeOf(stranger)}`);
  return wrongIf(
    hex.length !== bytes * 2,
    `invalid ${type} checksum: ${hex} has ${hex.length / 2} bytes, not ${bytes}`,
  );
}

/** "U+0078 'x'". */
const unicodeOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${character}'`;
