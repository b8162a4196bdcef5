import { describe, expect, it } from 'vitest';
import { problemsOf } from './problems.ts';

const TEXT = `job "web" {
  group "app" {
    service {
      name = "web"
    }
    task "server" {
      driver = "raw_exec"
    }
  }
  group "other" {
    task "t.1" {
    }
  }
}
`;

const places = (words: string) => problemsOf(words, TEXT).map(({ line, message }) => [line, message]);

describe('what is wrong with a job file', () => {
  it('stands at the line that the parser names', () => {
    const words = [
      'input.hcl:2,3-9: Unsupported argument; An argument named "nosuch" is not expected here.',
      'input.hcl:4,5-6,2: Missing item separator; Expected a comma.',
    ].join('\n');
    expect(problemsOf(words, TEXT)).toEqual([
      {
        line: 2,
        column: 3,
        message: 'Unsupported argument; An argument named "nosuch" is not expected here.',
      },
      { line: 4, column: 5, message: 'Missing item separator; Expected a comma.' },
    ]);
  });

  it('stands at the part that a judge names, the innermost first', () => {
    const words = [
      '3 errors occurred:',
      '\t* Job priority must be between [1, 100], not 500',
      '\t* Task group app validation failed: 3 errors occurred:',
      "\t* Task group count can't be negative",
      '\t* 1 error occurred:',
      '\t* Service web validation failed: 2 errors occurred:',
      '\t* Service name must be valid: "web"',
      '\t* check "service: \\"web\\" check" invalid: 1 error occurred:',
      '\t* missing required value interval',
      '\n\n\n\n\n\n',
      '\t* Task server validation failed: 1 error occurred:',
      '\t* Task resources validation failed: 1 error occurred:',
      '\t* minimum CPU value is 1; got -1',
      '\n\n\n\n\n\n',
      '\t* Task group other validation failed: 1 error occurred:',
      '\t* Task t.1 validation failed: 1 error occurred:',
      '\t* Missing task driver',
    ].join('\n');
    expect(places(words)).toEqual([
      [undefined, 'Job priority must be between [1, 100], not 500'],
      [2, "Task group app validation failed: Task group count can't be negative"],
      [4, 'Task group app validation failed: Service web validation failed: Service name must be valid: "web"'],
      [
        4,
        'Task group app validation failed: Service web validation failed: check "service: \\"web\\" check" invalid: missing required value interval',
      ],
      [
        6,
        'Task group app validation failed: Task server validation failed: Task resources validation failed: minimum CPU value is 1; got -1',
      ],
      [11, 'Task group other validation failed: Task t.1 validation failed: Missing task driver'],
    ]);
  });

  it('that is one sentence is one problem', () => {
    expect(places('job "shop" does already listen there')).toEqual([
      [undefined, 'job "shop" does already listen there'],
    ]);
    expect(places('group "other": what is wrong with it')).toEqual([[10, 'group "other": what is wrong with it']]);
  });
});
