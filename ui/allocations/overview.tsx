/** How one instance is: its tasks and what happened to them, its checks, what it uses, how it is reached. */
import type { AllocView } from '../../src/api/views.ts';
import { ChecksPanel } from './checks-panel.tsx';
import { EventsPanel } from './events-panel.tsx';
import { PlacementPanel } from './placement-panel.tsx';
import { ResourcesPanel } from './resources-panel.tsx';
import { StoryPanel } from './story-panel.tsx';
import { TasksPanel } from './tasks-panel.tsx';
import { TrafficPanel } from './traffic-panel.tsx';
import { useAllocation } from './use-allocation.ts';

export function Overview() {
  const alloc: AllocView = useAllocation();
  return (
    <div className="alloc-overview">
      <div className="stack">
        <StoryPanel alloc={alloc} />
        <TasksPanel alloc={alloc} />
        <EventsPanel states={alloc.TaskStates} />
      </div>
      <div className="stack">
        <ResourcesPanel alloc={alloc} />
        <ChecksPanel alloc={alloc} />
        <TrafficPanel alloc={alloc} />
        <PlacementPanel alloc={alloc} />
      </div>
    </div>
  );
}
