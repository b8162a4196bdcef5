/**
 * The way out of a terminal that does not answer: the escape character at the beginning of a line, then ".". Twice the
 * character is once the character. Pure but for where in a line it is.
 */

export type Typed = { readonly data: Buffer; readonly isOver: boolean };

const DOT = 46;
const LINE_ENDS: readonly number[] = [10, 13];

/** `key`: one byte; undefined: there is no way out. */
export function escapeKeys(key: number | undefined): (typed: Buffer) => Typed {
  let atStart = true;
  let held = false;
  return (typed) => {
    if (key === undefined) return { data: typed, isOver: false };
    const passed: number[] = [];
    for (const byte of typed) {
      if (held) {
        held = false;
        if (byte === DOT) return { data: Buffer.from(passed), isOver: true };
        passed.push(key);
        if (byte === key) {
          atStart = false;
          continue;
        }
      } else if (atStart && byte === key) {
        held = true;
        continue;
      }
      passed.push(byte);
      atStart = LINE_ENDS.includes(byte);
    }
    return { data: Buffer.from(passed), isOver: false };
  };
}
