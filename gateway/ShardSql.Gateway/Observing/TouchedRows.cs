using System;
using System.Buffers.Binary;
using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Gateway.Commit;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Planning.TransactionGraph;

namespace ShardSql.Gateway.Observing;

/// <summary>The rows of users' tables that a transaction touched by full key, at most so many: of reference tables, indexes
/// and system rows none, because they lie where they lie.</summary>
internal sealed class TouchedRows(SystemState state)
{
    private readonly List<TouchedKey> _rows = [];
    private TableDescriptor? _table;

    /// <summary>The rows.</summary>
    public TouchedKey[] ToArray() => [.. _rows];

    /// <summary>Those of a transaction that kept what it read and wrote.</summary>
    public TouchedRows Add(OpenTransaction transaction)
    {
        foreach ((byte[] key, bool isWrite) in transaction.Touched())
        {
            if (!Add(key, isWrite))
            {
                break;
            }
        }

        return this;
    }

    /// <summary>Those that a shard was sent to visit by key.</summary>
    public TouchedRows Add(ShardTask task)
    {
        foreach (FragmentStatement statement in Fragment.Parser.ParseFrom(task.Fragment.Span).Statements)
        {
            switch (statement.PlanCase)
            {
                case FragmentStatement.PlanOneofCase.Scan:
                    Add(statement.Scan.Access, isWrite: false);
                    break;
                case FragmentStatement.PlanOneofCase.Insert:
                    foreach (InsertRow row in statement.Insert.Rows)
                    {
                        Add(row.Key.Memory, isWrite: true);
                    }

                    break;
                case FragmentStatement.PlanOneofCase.Update:
                    Add(statement.Update.Access, isWrite: true);
                    break;
                case FragmentStatement.PlanOneofCase.Delete:
                    Add(statement.Delete.Access, isWrite: true);
                    break;
                case FragmentStatement.PlanOneofCase.Relation:
                    foreach (ScanPlan scan in statement.Relation.Scans)
                    {
                        Add(scan.Access, isWrite: false);
                    }

                    break;
                default:
                    break;
            }
        }

        return this;
    }

    /// <summary>Adds a key of a shard; false: there is no room for more.</summary>
    public bool Add(ReadOnlyMemory<byte> key, bool isWrite)
    {
        if (_rows.Count == GatewayLimits.MaxTouchedRows)
        {
            return false;
        }

        if (TableOf(key.Span) is { } table)
        {
            ReadOnlyMemory<byte> suffix = key[RowKeyLayout.RowPrefixLength..];
            if (RowKeyText.SegmentOf(state.Map, table, suffix.Span) is { } segment)
            {
                _rows.Add(new TouchedKey(table.Id, segment.Id, suffix, isWrite));
            }
        }

        return true;
    }

    private void Add(AccessPath access, bool isWrite)
    {
        if (access.Entries is not null)
        {
            return;
        }

        foreach (Google.Protobuf.ByteString key in access.Keys)
        {
            if (!Add(key.Memory, isWrite))
            {
                return;
            }
        }
    }

    private TableDescriptor? TableOf(ReadOnlySpan<byte> key)
    {
        if (key.Length < RowKeyLayout.RowPrefixLength
            || BinaryPrimitives.ReadUInt16BigEndian(key[sizeof(uint)..]) != RowKeyLayout.PrimaryIndex)
        {
            return null;
        }

        uint id = BinaryPrimitives.ReadUInt32BigEndian(key);
        if (_table?.Id != id)
        {
            _table = id >= Catalog.FirstTableId ? state.Catalog.Find(id) : null;
        }

        return _table is { Placement: not PlacementKind.Reference, IsHidden: false } ? _table : null;
    }
}
