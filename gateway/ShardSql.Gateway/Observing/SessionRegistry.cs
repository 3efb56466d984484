using System;
using System.Collections.Concurrent;
using System.Collections.Generic;

using ShardSql.Gateway.Sessions;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Observing;

/// <summary>The sessions of this gateway, for those who ask what they do.</summary>
internal sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<Guid, Entry> _entries = new();

    /// <summary>A session that has been greeted.</summary>
    public void Add(Guid id, SessionRunner runner, string client, string application, DateTimeOffset started) =>
        _entries[id] = new Entry(id, runner, client, application, started);

    /// <summary>A session that has ended.</summary>
    public void Remove(Guid id) => _entries.TryRemove(id, out _);

    /// <summary>Rows of <c>shard.sessions</c>.</summary>
    public IReadOnlyList<SqlValue[]> Sessions()
    {
        var rows = new List<SqlValue[]>();
        foreach (Entry entry in _entries.Values)
        {
            rows.Add(
            [
                SqlValue.FromUuid(entry.Id),
                SqlValue.FromText(entry.Client),
                SqlValue.FromText(entry.Application),
                SqlValue.FromText(StateOf(entry.Runner)),
                SqlValue.FromTimestampTz(entry.Started),
                SqlValue.FromInt64(entry.Runner.Requests),
                SqlValue.FromBoolean(entry.Runner.IsRunning),
            ]);
        }

        return rows;
    }

    /// <summary>Rows of <c>shard.transactions</c>.</summary>
    public IReadOnlyList<SqlValue[]> Transactions()
    {
        var rows = new List<SqlValue[]>();
        foreach (Entry entry in _entries.Values)
        {
            if (entry.Runner.SeenTransaction is { } seen)
            {
                rows.Add(
                [
                    SqlValue.FromText(seen.Name),
                    SqlValue.FromUuid(entry.Id),
                    SqlValue.FromText(StateOf(entry.Runner)),
                    SqlValue.FromBoolean(seen.ReadOnly),
                    SqlValue.FromTimestampTz(seen.Begun),
                    SqlValue.FromText(seen.Snapshot.ToString()),
                    seen.Type is { } type ? SqlValue.FromText(type) : SqlValue.Null,
                ]);
            }
        }

        return rows;
    }

    /// <summary>While a request runs, its transaction shows before its end says so.</summary>
    private static string StateOf(SessionRunner runner) =>
        runner.StateSeenOutside == TransactionState.Failed ? "in failed transaction"
        : runner.StateSeenOutside == TransactionState.Open || runner.SeenTransaction is not null ? "in transaction"
        : "idle";

    private sealed record Entry(
        Guid Id, SessionRunner Runner, string Client, string Application, DateTimeOffset Started);
}
