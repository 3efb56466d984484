using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Model;

/// <summary>
/// What flushes have stored of a machine. Each writes only the parts that have changed since the one before, and all that
/// lies there must be the state (architecture.md §4).
/// </summary>
internal sealed class StoredState
{
    private readonly SortedDictionary<string, byte[]> _versions = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ulong, byte[]> _registers = [];
    private readonly ByteWriter _part = new();

    public void Flush(ShardMachine machine)
    {
        foreach ((byte[] key, KeyState? versions) in machine.Versions.TakeChanged())
        {
            _part.Clear();
            versions?.Write(_part);
            Put(_versions, Convert.ToHexString(key), exists: versions is not null);
        }

        foreach (ulong block in machine.Registers.TakeChangedBlocks())
        {
            _part.Clear();
            Put(_registers, block, machine.Registers.WriteBlock(block, _part));
        }

        var stored = new ByteWriter();
        machine.WriteHead(stored);
        foreach (byte[] part in (IEnumerable<byte[]>)[.. _versions.Values, .. _registers.Values])
        {
            stored.WriteRaw(part);
        }

        var state = new ByteWriter();
        machine.WriteState(state);
        Invariant.Check(
            stored.WrittenSpan.SequenceEqual(state.WrittenSpan), "What flushes have stored of a state is that state.");
    }

    private void Put<TKey>(SortedDictionary<TKey, byte[]> parts, TKey key, bool exists)
        where TKey : notnull
    {
        if (exists)
        {
            parts[key] = _part.ToArray();
        }
        else
        {
            parts.Remove(key);
        }
    }
}
