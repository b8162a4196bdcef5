import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GOING_AWAY, GOING_AWAY_MASKED, WebSocketFrames } from './websocket-frames.ts';

/** A frame of that many bytes of payload, in the shortest spelling of its length. */
function frame(size: number, isMasked: boolean): Buffer {
  const mask = isMasked ? 0x80 : 0;
  const head = [0x82, mask | (size < 126 ? size : size < 65536 ? 126 : 127)];
  if (size >= 65536) head.push(0, 0, 0, 0, (size >> 24) & 255, (size >> 16) & 255);
  if (size >= 126) head.push((size >> 8) & 255, size & 255);
  if (isMasked) head.push(1, 2, 3, 4);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(size)]);
}

it('stands between two frames exactly where one has ended, however the stream is cut', () => {
  const sizes = fc.array(fc.constantFrom(0, 1, 125, 126, 127, 65535, 65536, 70000), { maxLength: 4 });
  fc.assert(
    fc.property(sizes, fc.boolean(), fc.integer({ min: 1, max: 5000 }), (all, isMasked, step) => {
      const frames = all.map((size) => frame(size, isMasked));
      const borders = new Set(frames.map((_, at) => Buffer.concat(frames.slice(0, at + 1)).length));
      const bytes = Buffer.concat(frames);
      const reader = new WebSocketFrames();
      for (let at = 0; at < bytes.length; at += step) {
        const end = Math.min(bytes.length, at + step);
        reader.push(bytes.subarray(at, end));
        expect(reader.isBetween).toBe(borders.has(end));
      }
    }),
    { numRuns: 40 },
  );
});

it('a close frame is found where it begins, however the stream is cut', () => {
  const stream = Buffer.concat([frame(300, true), GOING_AWAY_MASKED, frame(2, true)]);
  const closeAt = frame(300, true).length;
  for (let step = 1; step <= stream.length; step++) {
    const reader = new WebSocketFrames();
    const found: number[] = [];
    for (let at = 0; at < stream.length && !reader.isClosed; at += step) {
      reader.push(stream.subarray(at, at + step));
      if (reader.closeAt !== undefined) found.push(at + reader.closeAt);
    }
    expect(found).toEqual([closeAt]);
  }
});

it('a goodbye is one whole frame', () => {
  for (const goodbye of [GOING_AWAY, GOING_AWAY_MASKED]) {
    const reader = new WebSocketFrames();
    reader.push(goodbye.subarray(0, -1));
    expect(reader.isBetween).toBe(false);
    reader.push(goodbye.subarray(-1));
    expect(reader.isBetween).toBe(true);
  }
});
