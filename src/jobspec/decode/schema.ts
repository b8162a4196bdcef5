/**
 * The shape of a table that says how blocks of a job file become objects on the wire. The tables themselves are
 * `job-schema.ts` and its neighbours; `decode-block.ts` reads them. Who adds a field of a job adds a row.
 */
import type { Json } from '../evaluate/value.ts';

/** The types of attributes, with the words for "what was expected". */
export const AttributeTypes = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  amount: 'a whole number or a percentage such as "25%"',
  bool: 'true or false',
  duration: 'a duration such as "30s", "5m" or "1h30m"',
  strings: 'a list of strings',
  stringMap: 'a map of strings',
  stringLists: 'a map of lists of strings',
  any: 'any value',
} as const;
export type AttributeType = keyof typeof AttributeTypes;

export interface AttributeSchema {
  readonly wire: string;
  readonly type: AttributeType;
  /** On the wire when the file does not say it; undefined: the key is left out. */
  readonly absent: Json | undefined;
  readonly required: boolean;
}

export interface NestedSchema {
  readonly wire: string;
  readonly schema: BlockSchema;
  /** One object, a list of objects, or an object by label. */
  readonly as: 'one' | 'list' | 'map';
  /** On the wire when there is none; undefined: the key is left out. */
  readonly absent: Json | undefined;
  readonly required: boolean;
}

export type Wire = Record<string, Json>;

export interface BlockSchema {
  /** What each label is, in order: "name". */
  readonly labels: readonly string[];
  /** Where the first label goes on the wire. */
  readonly labelWire: string | undefined;
  readonly attributes: Readonly<Record<string, AttributeSchema>>;
  readonly blocks: Readonly<Record<string, NestedSchema>>;
  /** Wire keys that no job file can set. */
  readonly constants: Readonly<Wire>;
  /** The block is a map of whatever the user writes (env, meta), or free-form JSON (a driver's config). */
  readonly content: 'fields' | 'stringMap' | 'stringLists' | 'config' | 'wire';
  /** Whether the block says anything: `distinct_hosts = false` is a constraint that is none. */
  readonly isMeant: (wire: Wire) => boolean;
  /** The last word on the object: fields that stand for others, defaults that hang together. */
  readonly finish: (wire: Wire) => Wire;
  /** For the writer: the fields as rows have them, from those that `finish` left. */
  readonly unfinish: (wire: Wire) => Wire;
}

const EMPTY: BlockSchema = {
  labels: [],
  labelWire: undefined,
  attributes: {},
  blocks: {},
  constants: {},
  content: 'fields',
  isMeant: () => true,
  finish: (wire) => wire,
  unfinish: (wire) => wire,
};

export const block = (parts: Partial<BlockSchema>): BlockSchema => ({ ...EMPTY, ...parts });

/** A block whose content is no set of known fields. */
export const freeForm = (content: BlockSchema['content'], labels: readonly string[] = []): BlockSchema =>
  block({ content, labels });

type Absent = { readonly absent?: Json | undefined; readonly required?: boolean };

/** An attribute; null on the wire when absent, unless `options` say otherwise. */
export const attribute = (wire: string, type: AttributeType, options: Absent = {}): AttributeSchema => ({
  wire,
  type,
  absent: 'absent' in options ? options.absent : null,
  required: options.required ?? false,
});

/** A text attribute whose absence is "" on the wire. */
export const plainText = (wire: string): AttributeSchema => attribute(wire, 'string', { absent: '' });

const nested =
  (as: NestedSchema['as']) =>
  (wire: string, schema: BlockSchema, options: Absent = {}): NestedSchema => ({
    wire,
    schema,
    as,
    absent: 'absent' in options ? options.absent : null,
    required: options.required ?? false,
  });

export const one = nested('one');
export const list = nested('list');
export const byLabel = nested('map');
