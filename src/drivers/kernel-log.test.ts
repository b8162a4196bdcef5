import { describe, expect, it } from 'vitest';
import { isMemoryKill } from './kernel-log.ts';

const ID = '07aa1399577044721dda69953c64f3f0580346b5b4880168166ad0242f0be239';
const record = (constraint: string, oomGroup: string, taskGroup: string) =>
  `6,25001,22810988163,-;oom-kill:constraint=${constraint},nodemask=(null),cpuset=x,mems_allowed=0,${oomGroup}task_memcg=${taskGroup},task=tail,pid=4537,uid=0\n`;

describe('a record of the kernel log tells of a container killed for its memory', () => {
  it.each([
    ['its own limit', record('CONSTRAINT_MEMCG', `oom_memcg=/docker/${ID},`, `/docker/${ID}`), true],
    [
      'its limit, where systemd names it',
      record('CONSTRAINT_MEMCG', `oom_memcg=/system.slice/docker-${ID}.scope,`, 'x'),
      true,
    ],
    ['a cgroup of its own inside', record('CONSTRAINT_MEMCG', `oom_memcg=/docker/${ID}/inner,`, 'x'), true],
    ['the limit of all together', record('CONSTRAINT_MEMCG', 'oom_memcg=/docker,', `/docker/${ID}`), false],
    ['the whole machine', record('CONSTRAINT_NONE', 'global_oom,', `/docker/${ID}`), false],
    ["another's limit", record('CONSTRAINT_MEMCG', 'oom_memcg=/docker/beef,', '/docker/beef'), false],
    ['words about it', `6,1,2,-;docker0: port of ${ID}\n`, false],
  ])('%s', (_name, text, expected) => {
    expect(isMemoryKill(text, ID)).toBe(expected);
  });
});
