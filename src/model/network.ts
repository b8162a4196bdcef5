/** Networks and ports: what a group asks for, and what an allocation was given. */

export interface Port {
  Label: string;
  /** The static port asked for, or the dynamic one given; 0 while none is. */
  Value: number;
  /** The port inside the task's network; 0: the same. */
  To: number;
  HostNetwork: string;
}

export interface Network {
  /** "", "host", "bridge" or "none". */
  Mode: string;
  Device: string;
  CIDR: string;
  IP: string;
  MBits: number;
  DNS: unknown;
  ReservedPorts: Port[] | null;
  DynamicPorts: Port[] | null;
}

/** A port that an allocation holds on its node. */
export interface AllocatedPort {
  Label: string;
  Value: number;
  To: number;
  HostIP: string;
}

/** Dynamic ports are given from here, both ends included. */
export const DYNAMIC_PORT_FIRST = 20000;
export const DYNAMIC_PORT_LAST = 32000;
