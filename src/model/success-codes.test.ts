import { describe, expect, it } from 'vitest';
import { isSuccessCode, parseSuccessCodes } from './success-codes.ts';

describe('the statuses of a check', () => {
  it.each([
    ['200', [200], [199, 201, 404]],
    ['200-399', [200, 302, 399], [199, 400]],
    ['200-204, 401,503', [200, 204, 401, 503], [205, 400, 402, 500]],
  ])('"%s"', (text, good, bad) => {
    const ranges = parseSuccessCodes(text)!;
    for (const status of good) expect(isSuccessCode(status, ranges), String(status)).toBe(true);
    for (const status of bad) expect(isSuccessCode(status, ranges), String(status)).toBe(false);
  });

  it.each(['', '2xx', '20', '200-', '299-200', '99-200', '200-600', '200;201', '200,'])('"%s" are none', (text) => {
    expect(parseSuccessCodes(text)).toBeUndefined();
  });
});
