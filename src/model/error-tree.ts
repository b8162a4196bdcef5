/**
 * Everything that is wrong with a job, as a tree: what the parts of a part found stands below it.
 * `renderErrors` gives it the text of the wire: counted, starred, nested.
 */

export interface ErrorTree {
  /** The sentence; with children it says which part they belong to, and "" groups them without a word. */
  readonly message: string;
  readonly children: readonly ErrorTree[];
}

/** One sentence as a list, or nothing: validators add up such lists. */
export function wrongIf(condition: boolean, message: string): ErrorTree[] {
  return condition ? [{ message, children: [] }] : [];
}

export const wrong = (message: string): ErrorTree[] => wrongIf(true, message);

/** What was found in a part, below its name; nothing where nothing was found. */
export function within(message: string, children: readonly ErrorTree[]): ErrorTree[] {
  return children.length > 0 ? [{ message, children }] : [];
}

export const hasErrors = (errors: ErrorTree): boolean => errors.children.length > 0;

/** The whole tree in the wire's form, blank lines included; "" when nothing is wrong. */
export function renderErrors(errors: ErrorTree): string {
  return hasErrors(errors) ? renderNode(errors) : '';
}

/** The first level only, each with what stands below it: the list that the validation endpoint answers. */
export const topLevelErrors = (errors: ErrorTree): string[] => errors.children.map(renderNode);

/** Every sentence on its own, with the parts that lead to it: "Task group app: Update: …". */
export function flatErrors(errors: ErrorTree): string[] {
  return errors.children.flatMap((child) => flatten(child, ''));
}

/** The warnings as the plan and register endpoints answer them; "" when there are none. */
export function renderWarnings(warnings: readonly string[]): string {
  if (warnings.length === 0) return '';
  return `${warnings.length} warning(s):\n\n${warnings.map((warning) => `* ${warning}`).join('\n')}`;
}

function renderNode(node: ErrorTree): string {
  if (node.children.length === 0) return node.message;
  const list = renderList(node.children);
  return node.message === '' ? list : `${node.message}: ${list}`;
}

function renderList(nodes: readonly ErrorTree[]): string {
  const count = nodes.length === 1 ? '1 error occurred:' : `${nodes.length} errors occurred:`;
  return `${count}\n\t${nodes.map((node) => `* ${renderNode(node)}`).join('\n\t')}\n\n`;
}

function flatten(node: ErrorTree, prefix: string): string[] {
  if (node.children.length === 0) return [prefix + node.message];
  const below = node.message === '' ? prefix : `${prefix}${node.message}: `;
  return node.children.flatMap((child) => flatten(child, below));
}
