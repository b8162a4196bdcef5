/** How much of something is taken: a bar beside its words. A screen reader hears the words alone. */
import type { Tone } from './badge.tsx';

export interface MeterProps {
  /** "Processor asked": said before the words where nobody sees where the bar stands. */
  readonly label: string;
  /** 0 to 1. */
  readonly share: number;
  readonly words: string;
  readonly tone?: Tone;
}

export const Meter = ({ label, share, words, tone = 'good' }: MeterProps) => (
  <span className="meter">
    <span className="visually-hidden">{label}: </span>
    <span className="meter-bar" aria-hidden="true">
      <span data-tone={tone} style={{ width: `${Math.round(share * 1000) / 10}%` }} />
    </span>
    <span className="meter-words">{words}</span>
  </span>
);
