using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// Table versions and segment epochs of a shard. A guard carries stamps like a key: who relies on it comes after who set
/// it, and who sets it comes after all who relied on the old one, so no stale plan is ever serialized behind the DDL.
/// </summary>
public sealed class GuardTable
{
    private readonly SortedDictionary<(GuardKind Kind, uint Id), State> _states = [];

    /// <summary>The version that holds now; 0: none.</summary>
    public ulong VersionOf(Guard guard) => _states.TryGetValue((guard.Kind, guard.Id), out State state) ? state.Version : 0;

    /// <summary>c of the transaction that set it.</summary>
    public HlcTimestamp CstampOf(Guard guard) => _states.TryGetValue((guard.Kind, guard.Id), out State state) ? state.Cstamp : default;

    /// <summary>The highest c of a transaction that relied on it.</summary>
    public HlcTimestamp PstampOf(Guard guard) => _states.TryGetValue((guard.Kind, guard.Id), out State state) ? state.Pstamp : default;

    /// <summary>Snapshots below it are not served with this guard.</summary>
    public HlcTimestamp HorizonOf(Guard guard) => _states.TryGetValue((guard.Kind, guard.Id), out State state) ? state.Horizon : default;

    /// <summary>A committed transaction relied on a guard.</summary>
    public void Rely(Guard guard, HlcTimestamp stamp)
    {
        (GuardKind, uint) key = (guard.Kind, guard.Id);
        State state = _states.GetValueOrDefault(key);
        _states[key] = state with { Pstamp = HlcTimestamp.Max(state.Pstamp, stamp) };
    }

    /// <summary>A committed transaction set a guard.</summary>
    public void Set(Guard guard, HlcTimestamp stamp, HlcTimestamp horizon = default) =>
        _states[(guard.Kind, guard.Id)] = new State(guard.Version, stamp, stamp, horizon);

    /// <summary>Writes the table.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_states.Count);
        foreach (((GuardKind kind, uint id), State state) in _states)
        {
            new Guard(kind, id, state.Version).Write(writer);
            writer.WriteStamp(state.Cstamp);
            writer.WriteStamp(state.Pstamp);
            writer.WriteStamp(state.Horizon);
        }
    }

    /// <summary>Reads a table.</summary>
    public static GuardTable Read(ref ByteReader reader)
    {
        var table = new GuardTable();
        for (int i = reader.ReadCount(3); i > 0; i--)
        {
            Guard guard = Guard.Read(ref reader);
            table._states[(guard.Kind, guard.Id)] = new State(
                guard.Version, reader.ReadStamp(), reader.ReadStamp(), reader.ReadStamp());
        }

        return table;
    }

    private readonly record struct State(
        ulong Version, HlcTimestamp Cstamp, HlcTimestamp Pstamp, HlcTimestamp Horizon);
}
