import { describe, expect, it } from 'vitest';
import { cryptHashProblem, passwordSteps } from './crypt-hash.ts';

function isRight(password: string, hash: string): boolean {
  const steps = passwordSteps(password, hash);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

const LONG = 'a much longer password than any digest is long: sixty-four bytes and then some more of them';

/** Made with `openssl passwd` and with crypt(3) of libxcrypt. */
const VECTORS: readonly (readonly [password: string, hash: string])[] = [
  ['secret', '$1$saltsalt$9xy1btjgzLYfb7hivXtC//'],
  ['', '$1$abc$Or2rbeUYTvt12aiVzMuS/.'],
  [LONG, '$1$ab$JTKhfl9aUlfa9G/4WgOH00'],
  ['secret', '$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA'],
  [LONG, '$5$ab$38ZxIC3VBSgYyw453t3FaRlqqrN5nwFcXtYoT6KhVG0'],
  ['Grüße', '$5$rounds=1000$x$l/mp8n.IQm.hQQSG/IlO1SUTxPFyIYUOgwUR1rGzJqB'],
  ['secret', '$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1'],
  [LONG, '$6$ab$yccH/KAAXKBEigKgVKaZYavXTqjEvZXT0EiOd/I6JwS3H1ZYRF2F6JaVR2NMYwq35Q3al9rw5tRV.ykr8zYet/'],
  [
    'Grüße',
    '$6$rounds=1500$abcdefghijklmnop$tZgrj.ZCHQjFUm3V/1wzCP0K6XZ/gY04zWTZIGcutZlKrgIQaOFFyXwqZpy2IQAB9RNhL1dKgG5ZqIc46ZRix1',
  ],
];

describe('a password', () => {
  it.each(VECTORS)('%s is that of %s, and no other is', (password, hash) => {
    expect(cryptHashProblem(hash)).toBeUndefined();
    expect(isRight(password, hash)).toBe(true);
    expect(isRight(`${password}x`, hash)).toBe(false);
  });

  it('of many bytes is nobody’s, however long it would take', () => {
    expect(isRight('x'.repeat(600), VECTORS[0]![1])).toBe(false);
  });

  it('takes many short steps', () => {
    expect([...passwordSteps('secret', VECTORS.find(([, hash]) => hash.startsWith('$6$saltsalt'))![1])]).toHaveLength(
      20,
    );
  });
});

describe('a hash that cannot be checked', () => {
  it.each([
    ['$2b$12$OwRVTNv0jgW6tV6xMay.lOny4RM6/sTDYtznb/pXi0eeuxZWB5KSW', /bcrypt/],
    ['$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/', /Apache/],
    ['$y$j9T$abc$def', /yescrypt/],
    ['$6$rounds=999999$short$uih0WTzHbVY3STogZQPX1RG', /more than 100000 rounds/],
    ['$6$saltsalt$tooshort', /none of the kinds/],
    ['$1$rounds=1000$saltsalt$9xy1btjgzLYfb7hivXtC//', /none of the kinds/],
    ['$1$saltsaltsalt$9xy1btjgzLYfb7hivXtC//', /none of the kinds/],
    ['ab01FAX.bQRSU', /none of the kinds/],
    ['secret', /none of the kinds/],
    ['', /none of the kinds/],
  ])('%s', (hash, sentence) => {
    expect(cryptHashProblem(hash)).toMatch(sentence);
    expect(isRight('secret', hash)).toBe(false);
  });
});
