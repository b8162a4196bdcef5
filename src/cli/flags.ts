/** The flags of a command: how they are declared, and how a command reads what was given. */

export interface FlagSpec {
  /** Without dashes: "check-index". */
  readonly name: string;
  /** The value's name in the help; a flag without one is a boolean. */
  readonly value?: string;
  /** May be given several times. */
  readonly repeated?: boolean;
  readonly about: string;
}

export interface Flags {
  /** True where it was given; false where it was given as `-x=false`; else `otherwise`. */
  is(name: string, otherwise?: boolean): boolean;
  /** undefined where it was not given. */
  text(name: string): string | undefined;
  list(name: string): readonly string[];
}

/** Those that every command which asks an agent has. */
export const CONNECTION_FLAGS: readonly FlagSpec[] = [
  {
    name: 'address',
    value: 'url',
    about: 'The agent to ask. Else NOMAD_ADDR or SERIN_ADDR, else http://127.0.0.1:4646.',
  },
  { name: 'namespace', value: 'name', about: 'The namespace to work in. Else NOMAD_NAMESPACE.' },
  { name: 'region', value: 'name', about: 'The region to send the request to. Else NOMAD_REGION.' },
  { name: 'token', value: 'secret', about: 'The token to send. Else NOMAD_TOKEN or SERIN_TOKEN.' },
  { name: 'ca-cert', value: 'path', about: 'Whose certificates to believe, for https addresses. Else NOMAD_CACERT.' },
  { name: 'ca-path', value: 'folder', about: 'A folder of such certificates (.pem, .crt). Else NOMAD_CAPATH.' },
  { name: 'client-cert', value: 'path', about: 'The certificate to show. Else NOMAD_CLIENT_CERT.' },
  { name: 'client-key', value: 'path', about: 'The key of that certificate. Else NOMAD_CLIENT_KEY.' },
  {
    name: 'tls-server-name',
    value: 'name',
    about: 'The name in the certificate of the agent, where it is not that of the address. Else NOMAD_TLS_SERVER_NAME.',
  },
  { name: 'tls-skip-verify', about: 'Believe any certificate. Else NOMAD_SKIP_VERIFY.' },
  { name: 'no-color', about: 'No colours, even on a terminal.' },
];

export const JSON_FLAGS: readonly FlagSpec[] = [
  { name: 'json', about: 'Print the answer as JSON.' },
  {
    name: 't',
    value: 'template',
    about: 'Print the answer through a Go template: \'{{range .}}{{.ID}}{{"\\n"}}{{end}}\'.',
  },
];

export const VERBOSE: FlagSpec = { name: 'verbose', about: 'Whole ids and times.' };
export const DETACH: FlagSpec = { name: 'detach', about: 'Return at once instead of watching what comes of it.' };

export const VARIABLE_FLAGS: readonly FlagSpec[] = [
  { name: 'var', value: 'name=value', repeated: true, about: 'A value for a variable of the job file.' },
  { name: 'var-file', value: 'path', repeated: true, about: 'A file with values for variables.' },
  { name: 'hcl1', about: 'Refused: job files are HCL2.' },
];

/** commander keeps `--check-index=7` as `checkIndex: '7'`, and `--no-deadline` as `deadline: false`. */
export function readFlags(options: Readonly<Record<string, unknown>>): Flags {
  const given = (name: string): unknown =>
    name.startsWith('no-') ? options[camelCase(name.slice(3))] === false : options[camelCase(name)];
  return {
    is(name, otherwise = false) {
      const value = given(name);
      return typeof value === 'boolean' ? value : otherwise;
    },
    text(name) {
      const value = given(name);
      return typeof value === 'string' ? value : undefined;
    },
    list(name) {
      const value = given(name);
      return Array.isArray(value) ? value.map(String) : [];
    },
  };
}

const camelCase = (name: string): string => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
