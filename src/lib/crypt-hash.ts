/**
 * Passwords as crypt(3) keeps them: "$1$" (MD5), "$5$" (SHA-256) and "$6$" (SHA-512, what `openssl passwd -6` makes).
 * A check takes thousands of rounds, so it comes in steps: whoever has other things to do does them in between.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

interface Kind {
  readonly algorithm: 'md5' | 'sha256' | 'sha512';
  readonly longestSalt: number;
  readonly rounds: number;
  /** The bytes of the digest in the order in which they are written, three to a group of four letters. */
  readonly order: readonly number[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  1: { algorithm: 'md5', longestSalt: 8, rounds: 1000, order: [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 5, 11] },
  5: { algorithm: 'sha256', longestSalt: 16, rounds: 5000, order: [...turned([0, 10, 20], 10, [2, 0, 1]), 31, 30] },
  6: { algorithm: 'sha512', longestSalt: 16, rounds: 5000, order: [...turned([0, 21, 42], 21, [1, 2, 0]), 63] },
};

/** Each group is the one before, every byte one further on, and turned. */
function turned(first: readonly number[], groups: number, turn: readonly number[]): number[] {
  const all = [first];
  while (all.length < groups) all.push(turn.map((at) => all.at(-1)![at]! + 1));
  return all.flat();
}

interface CryptHash extends Kind {
  readonly id: string;
  readonly salt: Buffer;
  readonly digest: string;
}

const FORM = /^\$([156])\$(?:rounds=(\d{4,9})\$)?([./0-9A-Za-z]{1,16})\$([./0-9A-Za-z]+)$/;
const LEAST_ROUNDS = 1000;
/** A data plane makes them for each new password that somebody tries. */
const MOST_ROUNDS = 100_000;
const LONGEST_PASSWORD = 512;
/** About a millisecond. */
const ROUNDS_OF_A_STEP = 250;

/** Why it cannot be checked, to follow "its hash"; undefined: it can be. Says nothing of the hash itself. */
export function cryptHashProblem(text: string): string | undefined {
  if (parsed(text) !== undefined) return undefined;
  if (text.startsWith('$2')) return 'is of bcrypt, which takes too long for every request';
  if (text.startsWith('$apr1$')) return "is of Apache's own kind";
  if (text.startsWith('$y$')) return 'is of yescrypt, which takes too long for every request';
  if (/^\$[56]\$rounds=/.test(text)) return `is malformed, or takes more than ${MOST_ROUNDS} rounds, or less than 1000`;
  return 'is none of the kinds $1$, $5$ and $6$';
}

/** Whether the password is the one of the hash. Each step takes about a millisecond. */
export function* passwordSteps(password: string, hash: string): Generator<undefined, boolean> {
  const known = parsed(hash);
  const given = Buffer.from(password);
  if (known === undefined || given.length > LONGEST_PASSWORD) return false;
  const found = yield* digestSteps(given, known);
  return timingSafeEqual(Buffer.from(written(found, known.order)), Buffer.from(known.digest));
}

function parsed(text: string): CryptHash | undefined {
  const [, id = '', rounds, salt = '', digest = ''] = FORM.exec(text) ?? [];
  const kind = KINDS[id];
  if (kind === undefined) return undefined;
  const count = rounds === undefined ? kind.rounds : Number(rounds);
  const isRight = digest.length === Math.ceil((kind.order.length * 8) / 6) && salt.length <= kind.longestSalt;
  const hasRounds = rounds === undefined || (id !== '1' && count >= LEAST_ROUNDS && count <= MOST_ROUNDS);
  return isRight && hasRounds ? { ...kind, id, rounds: count, salt: Buffer.from(salt), digest } : undefined;
}

function* digestSteps(password: Buffer, known: CryptHash): Generator<undefined, Buffer> {
  const { algorithm, salt, rounds } = known;
  const digestOf = (...pieces: readonly Buffer[]): Buffer =>
    createHash(algorithm).update(Buffer.concat(pieces)).digest();
  const mixed = stretched(digestOf(password, salt, password), password.length);
  const isMd5 = algorithm === 'md5';
  let digest = isMd5
    ? digestOf(password, Buffer.from('$1$'), salt, mixed, ...bitsOf(password.length, NUL, password.subarray(0, 1)))
    : digestOf(password, salt, mixed, ...bitsOf(password.length, digestOf(password, salt, password), password));
  const [p, s] = isMd5
    ? [password, salt]
    : [
        stretched(digestOf(...repeated(password, password.length)), password.length),
        stretched(digestOf(...repeated(salt, 16 + digest[0]!)), salt.length),
      ];
  for (let round = 0; round < rounds; round++) {
    if (round % ROUNDS_OF_A_STEP === ROUNDS_OF_A_STEP - 1) yield;
    const isOdd = round % 2 === 1;
    const middle = [...(round % 3 === 0 ? [] : [s]), ...(round % 7 === 0 ? [] : [p])];
    digest = digestOf(isOdd ? p : digest, ...middle, isOdd ? digest : p);
  }
  return digest;
}

const NUL = Buffer.alloc(1);

const repeated = (piece: Buffer, times: number): Buffer[] => Array.from({ length: times }, () => piece);

/** The same again and again, to this length. */
const stretched = (digest: Buffer, length: number): Buffer => Buffer.alloc(length, digest);

/** For each bit of the number, from the lowest: the one where it is set, or the other. */
function bitsOf(number: number, set: Buffer, unset: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let rest = number; rest > 0; rest >>= 1) pieces.push(rest % 2 === 1 ? set : unset);
  return pieces;
}

const LETTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Six bits a letter, the lowest first; of a group the first byte is the highest. */
function written(digest: Buffer, order: readonly number[]): string {
  let text = '';
  for (let at = 0; at < order.length; at += 3) {
    const group = order.slice(at, at + 3).map((index) => digest[index]!);
    let value = group.reduce((sum, byte) => sum * 256 + byte, 0);
    for (let left = group.length + 1; left > 0; left--) {
      text += LETTERS[value % 64]!;
      value = Math.floor(value / 64);
    }
  }
  return text;
}
