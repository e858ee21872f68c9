/**
 * The signals that there are, with their defaults, and what a person has set of them. One line a signal: the compiler
 * asks for each.
 */
import { activeBackends, defaultActiveBackends, type ActiveBackendsSettings } from './active-backends.ts';
import { blockedSessions, defaultBlockedSessions, type BlockedSessionsSettings } from './blocked-sessions.ts';
import { connections, defaultConnections, type ConnectionsSettings } from './connections.ts';
import { deadRows, defaultDeadRows, type DeadRowsSettings } from './dead-rows.ts';
import { defaultForcedCheckpoints, forcedCheckpoints, type ForcedCheckpointsSettings } from './forced-checkpoints.ts';
import type { HttpCheck } from './http-check.ts';
import { defaultOldestTransaction, oldestTransaction, type OldestTransactionSettings } from './oldest-transaction.ts';
import { defaultReplicaLag, replicaLag, type ReplicaLagSettings } from './replica-lag.ts';
import { defaultReplicationSlots, replicationSlots, type ReplicationSlotsSettings } from './replication-slots.ts';
import type { ServerSignal } from './signal.ts';
import { defaultTableSize, tableSize, type TableSizeSettings } from './table-size.ts';
import { defaultUnarchivedWal, unarchivedWal, type UnarchivedWalSettings } from './unarchived-wal.ts';
import type { UserQuery } from './user-query.ts';
import { defaultWalRate, walRate, type WalRateSettings } from './wal-rate.ts';

export type ServerSignalSettings = {
  readonly replicaLag: ReplicaLagSettings;
  readonly replicationSlots: ReplicationSlotsSettings;
  readonly unarchivedWal: UnarchivedWalSettings;
  readonly walRate: WalRateSettings;
  readonly forcedCheckpoints: ForcedCheckpointsSettings;
  readonly blockedSessions: BlockedSessionsSettings;
  readonly connections: ConnectionsSettings;
  readonly activeBackends: ActiveBackendsSettings;
  readonly oldestTransaction: OldestTransactionSettings;
  readonly deadRows: DeadRowsSettings;
  readonly tableSize: TableSizeSettings;
};

type ServerSignalName = keyof ServerSignalSettings;

/** What a person may set. `false` turns a signal off; a limit of null lets it be shown and slow nothing down. */
export type SignalOptions = {
  readonly [N in ServerSignalName]?: Partial<ServerSignalSettings[N]> | false;
} & {
  /** By name. */
  readonly queries?: Readonly<Record<string, UserQuery>>;
  /** By name. */
  readonly httpChecks?: Readonly<Record<string, HttpCheck>>;
};

export const defaultSignalSettings: ServerSignalSettings = {
  replicaLag: defaultReplicaLag,
  replicationSlots: defaultReplicationSlots,
  unarchivedWal: defaultUnarchivedWal,
  walRate: defaultWalRate,
  forcedCheckpoints: defaultForcedCheckpoints,
  blockedSessions: defaultBlockedSessions,
  connections: defaultConnections,
  activeBackends: defaultActiveBackends,
  oldestTransaction: defaultOldestTransaction,
  deadRows: defaultDeadRows,
  tableSize: defaultTableSize,
};

const makers: { readonly [N in ServerSignalName]: (settings: ServerSignalSettings[N]) => ServerSignal } = {
  replicaLag,
  replicationSlots,
  unarchivedWal,
  walRate,
  forcedCheckpoints,
  blockedSessions,
  connections,
  activeBackends,
  oldestTransaction,
  deadRows,
  tableSize,
};

export type WatchedServerSignal = {
  readonly name: ServerSignalName;
  readonly optional: boolean;
  readonly wanted: boolean;
  readonly signal: ServerSignal;
};

/** Those that are on, in the order of the list above: of two that press alike, the first one is named. */
export function serverSignalsOf(options: SignalOptions): readonly WatchedServerSignal[] {
  return serverSignalNames.flatMap((name) => watched(name, options[name]));
}

const serverSignalNames: readonly ServerSignalName[] = [
  'replicaLag',
  'replicationSlots',
  'unarchivedWal',
  'walRate',
  'forcedCheckpoints',
  'blockedSessions',
  'connections',
  'activeBackends',
  'oldestTransaction',
  'deadRows',
  'tableSize',
];

function watched<N extends ServerSignalName>(
  name: N,
  given: Partial<ServerSignalSettings[N]> | false | undefined,
): readonly WatchedServerSignal[] {
  if (given === false) return [];
  const settings: ServerSignalSettings[N] = { ...defaultSignalSettings[name], ...given };
  return [{ name, optional: settings.optional === true, wanted: given !== undefined, signal: makers[name](settings) }];
}
