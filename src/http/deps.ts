/**
 * What the HTTP API needs of the rest of the agent, each as small as it can be; the composition root gives it.
 * The API decides nothing: it reads the state, asks the server, and puts the wire's objects together.
 */
import type { Registry } from 'prom-client';
import type { AttachedCommand } from '../drivers/driver.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { TlsMaterial } from '../lib/tls-material.ts';
import type { IngressReport, RoutingTable } from '../model/ingress.ts';
import type { DeploymentTraffic } from '../model/version-figures.ts';
import type { ServerOperations } from '../server/operations.ts';
import type { Change, CommittedTransaction, ReadTx, Table } from '../state/types.ts';
import type { TokenPolicy } from './auth.ts';
import type { Forward } from './forward.ts';
import type { ForwardSocket } from './forward-socket.ts';
import type { HostPolicy } from './guard.ts';
import type { PageFiles } from './page.ts';

export interface Watch {
  readonly tables: readonly Table[];
  /** Narrows the wait to changes that can matter; a waiter reads again anyway, so too many is only slower. */
  readonly relevant?: (change: Change) => boolean;
}

export interface StateReader {
  readonly index: number;
  view<T>(read: (tx: ReadTx) => T): T;
  /** Resolves when everything up to `index` survives a crash. */
  whenDurable(index: number): Promise<void>;
  /** Resolves at the first committed transaction after `afterIndex` that touches a table and is relevant, or on abort. */
  waitFor(watch: Watch & { readonly afterIndex: number }, signal: AbortSignal): Promise<unknown>;
  subscribe(from: { readonly afterIndex: number }, signal: AbortSignal): AsyncIterable<CommittedTransaction>;
}

/** A piece of a task's log, as the wire frames it: Data is base64. */
export interface LogFrame {
  readonly File: string;
  readonly Offset: number;
  readonly Data: string;
}

export interface LogRequest {
  readonly task: string;
  readonly type: 'stdout' | 'stderr';
  readonly offset: number;
  readonly origin: 'start' | 'end';
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** A file or folder of an allocation, as the wire says it. */
export interface FileInfo {
  readonly Name: string;
  readonly IsDir: boolean;
  readonly Size: number;
  readonly FileMode: string;
  readonly ModTime: string;
  readonly ContentType?: string;
}

export interface FileRequest {
  /** Below the folder of the allocation. */
  readonly path: string;
  readonly offset: number;
  readonly origin: 'start' | 'end';
  readonly limit?: number;
  readonly follow: boolean;
}

/** A piece of a file, or what happened to it while it was followed. */
export interface FileChunk {
  readonly File: string;
  readonly Offset: number;
  readonly Data: Uint8Array;
  readonly FileEvent?: string;
}

/** What is in the folder of an allocation. */
export interface FilesReader {
  list(path: string): Promise<readonly FileInfo[]>;
  stat(path: string): Promise<FileInfo>;
  /** Rejects at its first item where there is no such file. */
  read(request: FileRequest, signal: AbortSignal): AsyncIterable<FileChunk>;
}

export interface ExecOptions {
  /** "": the only one. */
  readonly task: string;
  readonly command: readonly [string, ...string[]];
  readonly tty: boolean;
  readonly signal: AbortSignal;
}

/** The node agent that runs in this process. Errors are `SerinError`s. */
export interface NodeOperations {
  readonly nodeId: string;
  /** Whether it knows the allocation; an agent without a server hands calls for others on to one. */
  has?(allocId: string): boolean;
  restart(allocId: string, task?: string): Promise<void>;
  /** Also those that have done their work, in their order. */
  restartAll(allocId: string): Promise<void>;
  signal(allocId: string, signal: string, task?: string): Promise<void>;
  /** Runs a command beside a task until the signal aborts. */
  exec?(allocId: string, options: ExecOptions): Promise<AttachedCommand>;
  readLogs(allocId: string, request: LogRequest): AsyncIterable<LogFrame>;
  /** Of an allocation that is here, or has left its folder here. */
  files?(allocId: string): FilesReader;
  /** By their ids, as the wire has them. */
  checks?(allocId: string): Readonly<Record<string, unknown>>;
  /** The wire's AllocResourceUsage. */
  stats(allocId: string): Promise<unknown>;
  /** The wire's HostStats: what the machine is doing. */
  hostStats?(): Promise<unknown>;
  /** Removes what is left on disk of an allocation that has ended. */
  collect?(allocId: string): Promise<void>;
}

export interface AgentHealth {
  readonly ok: boolean;
  readonly message: string;
}

export interface AgentInfo {
  readonly name: string;
  readonly region: string;
  readonly datacenter: string;
  readonly version: string;
  readonly bindAddr: string;
  /** "127.0.0.1:4646", as other agents reach this one. */
  readonly httpAddr: string;
  readonly roles: { readonly server: boolean; readonly client: boolean; readonly ingress: boolean };
  /** The configuration as it may be shown: no secrets. Merged over what the wire has by itself. */
  config(): Readonly<Record<string, unknown>>;
  /** Figures by area, values as text. */
  stats(): Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Per role that this agent has. */
  health(): { readonly server?: AgentHealth; readonly client?: AgentHealth };
  /** "127.0.0.1:4646", or "" while nobody leads. */
  leader(): string;
  peers(): readonly string[];
}

/** The newest word of each ingress; it lives in memory, beside the rows of the state. */
export interface IngressReports {
  reports(): readonly { readonly report: IngressReport; readonly leaseUntilMs: number }[];
  /** What each version of its job has served since it began. */
  ofDeployment?(deploymentId: string): DeploymentTraffic | undefined;
}

export interface TlsServing extends TlsMaterial {
  /** Only who shows a certificate that `ca` signed is let in. */
  readonly requestCert: boolean;
}

export interface HttpDeps {
  readonly server: ServerOperations;
  readonly state: StateReader;
  readonly node?: NodeOperations;
  readonly agent: AgentInfo;
  readonly metrics: Registry;
  readonly planIngressTable: (tx: ReadTx) => RoutingTable;
  readonly traffic?: IngressReports;
  readonly tokens?: TokenPolicy;
  /** Plain HTTP without it. */
  readonly tls?: TlsServing;
  readonly hosts: HostPolicy;
  readonly clock: Clock;
  readonly log: Log;
  /** How a call for an allocation of another agent's node gets there. */
  readonly forward: Forward;
  /** How a conversation gets there. */
  readonly forwardSocket: ForwardSocket;
  readonly bodyLimitBytes?: number;
  /** Absent: this build has no page. */
  readonly page?: PageFiles;
}
