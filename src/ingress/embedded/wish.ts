/** What a request says about where it would like to go, by the headers and cookies that its service has named. */
import type { Backend as Spec } from '../../model/ingress.ts';
import { cookieValue } from './cookies.ts';
import type { HeaderField } from './header-fields.ts';

export interface Wish {
  /** The instance that its client came to before. */
  readonly instance?: string | undefined;
  readonly canary?: CanaryWish | undefined;
  /** What its client's trial cookie says. */
  readonly mark?: string | undefined;
}

export type CanaryWish = 'always' | 'never';

type Names = Pick<Spec, 'StickyCookie' | 'CanaryHeader' | 'CanaryCookie' | 'TrialCookie'>;

/** A service that names nothing is not asked at every request. */
export const hearsWishes = ({ StickyCookie, CanaryHeader, CanaryCookie, TrialCookie }: Names): boolean =>
  (StickyCookie ?? CanaryHeader ?? CanaryCookie ?? TrialCookie) !== undefined;

export function wishOf(names: Names, fields: readonly HeaderField[]): Wish {
  return {
    instance: cookieOf(fields, names.StickyCookie),
    canary: canaryWord(headerOf(fields, names.CanaryHeader)) ?? canaryWord(cookieOf(fields, names.CanaryCookie)),
    mark: cookieOf(fields, names.TrialCookie),
  };
}

const cookieOf = (fields: readonly HeaderField[], name: string | undefined): string | undefined =>
  name === undefined ? undefined : cookieValue(fields, name);

function headerOf(fields: readonly HeaderField[], name: string | undefined): string | undefined {
  const lower = name?.toLowerCase();
  return lower === undefined ? undefined : fields.find((field) => field.lower === lower)?.value;
}

function canaryWord(text: string | undefined): CanaryWish | undefined {
  const word = text?.toLowerCase();
  return word === 'always' || word === 'never' ? word : undefined;
}
