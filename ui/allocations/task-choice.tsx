/** Which of the tasks. */
import type { TaskFacts } from './task-facts.ts';

export interface TaskChoiceProps {
  readonly tasks: readonly TaskFacts[];
  readonly task: string;
  readonly onChange: (task: string) => void;
}

export const TaskChoice = ({ tasks, task, onChange }: TaskChoiceProps) => (
  <label>
    <span className="visually-hidden">Task</span>
    <select className="field" value={task} onChange={({ target }) => onChange(target.value)}>
      {[...new Set([...tasks.map(({ name }) => name), task])].map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  </label>
);
