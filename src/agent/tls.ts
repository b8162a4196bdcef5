/** Reads the certificates that a configuration names; every way in which that can fail is one sentence. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { messageOf, SerinError } from '../lib/errors.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';
import type { TlsConfig } from './config.ts';

export function loadTls(config: Pick<TlsConfig, 'caFile' | 'certFile' | 'keyFile'>, block = 'tls'): TlsMaterial {
  const material = {
    ...read('ca', `${block}.ca_file`, config.caFile),
    ...read('cert', `${block}.cert_file`, config.certFile),
    ...read('key', `${block}.key_file`, config.keyFile),
  };
  try {
    createSecureContext(material);
  } catch (error) {
    const files = [config.caFile, config.certFile, config.keyFile].filter(Boolean).join(', ');
    throw new SerinError(
      'config',
      `the certificates of the ${block} block cannot be used (${messageOf(error)}): check that ${files} are PEM files and belong together`,
    );
  }
  return material;
}

function read(name: keyof TlsMaterial, where: string, file: string): TlsMaterial {
  if (file === '') return {};
  try {
    return { [name]: readFileSync(file, 'utf8') };
  } catch (error) {
    throw new SerinError('config', `${where} cannot be read: ${messageOf(error)}`);
  }
}
