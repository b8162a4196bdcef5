/** Colours and weight of words: as functions, so that formatters are the same with and without a terminal. */
type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly brightYellow: Paint;
  readonly cyan: Paint;
  readonly blue: Paint;
}

const same: Paint = (text) => text;

export const plainStyle: Style = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  brightYellow: same,
  cyan: same,
  blue: same,
};

/** Loaded only where there is a terminal. */
export async function colorStyle(): Promise<Style> {
  const { default: picocolors } = await import('picocolors');
  const colors = picocolors.createColors(true);
  const { bold, dim, red, green, yellow, cyan, blue, yellowBright } = colors;
  return { bold, dim, red, green, yellow, cyan, blue, brightYellow: yellowBright };
}
