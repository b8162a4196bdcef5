/** `plugin "exec" { config { … } }` of the agent's configuration: what the operator of a node settles for its tasks. */

export interface ExecPluginConfig {
  /** A name or a path; "": runc or crun, whichever is there. */
  readonly runtime: string;
  /** Capabilities that jobs may add beyond the usual ones. */
  readonly allowCaps: readonly string[];
}

/** Name → what may stand there. */
export const EXEC_PLUGIN_NAMES: Readonly<Record<string, 'text' | 'list'>> = { runtime: 'text', allow_caps: 'list' };

type Raw = Readonly<Record<string, unknown>>;

/** Of a block without problems. */
export const compileExecPlugin = (raw: Raw): ExecPluginConfig => ({
  runtime: (raw.runtime as string | undefined) ?? '',
  allowCaps: (raw.allow_caps as readonly string[] | undefined) ?? [],
});

/** Each a sentence. */
export function execPluginProblems(raw: Raw): string[] {
  return Object.entries(raw).flatMap(([name, value]) => {
    const kind = Object.hasOwn(EXEC_PLUGIN_NAMES, name) ? EXEC_PLUGIN_NAMES[name] : undefined;
    if (kind === undefined) return [`plugin "exec": no such name: "${name}"; it knows ${KNOWN}`];
    if (kind === 'text') return typeof value === 'string' ? [] : [`plugin "exec": "${name}" must be a text`];
    return isTexts(value) ? [] : [`plugin "exec": "${name}" must be a list of texts`];
  });
}

const KNOWN = Object.keys(EXEC_PLUGIN_NAMES).join(', ');

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === 'string');
