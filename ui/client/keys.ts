/** Under which names the answers of the agent are kept; events find them again by these. */
export const keys = {
  jobs: ['jobs'],
  job: (id: string) => ['job', id],
  deployments: ['deployments'],
  deployment: (id: string) => ['deployment', id],
  allocations: ['allocations'],
  allocationRows: ['allocation rows'],
  allocation: (id: string) => ['allocation', id],
  nodes: ['nodes'],
  node: (id: string) => ['node', id],
  evaluations: ['evaluations'],
  evaluation: (id: string) => ['evaluation', id],
  ingress: ['ingress'],
} as const;
