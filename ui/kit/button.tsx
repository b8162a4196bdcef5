import type { ButtonHTMLAttributes } from 'react';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: 'primary' | 'danger' | 'plain';
}

export const Button = ({ kind = 'plain', ...rest }: ButtonProps) => (
  <button type="button" className="button" data-kind={kind} {...rest} />
);
