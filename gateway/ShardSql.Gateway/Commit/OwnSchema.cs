using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <summary>
/// What an open transaction has made of the schema, which nobody else sees before it commits: its statements are planned
/// with it. The row of the catalog's header, which it has read and will write, makes all other changes of catalog and map
/// conflict with it; the shards are told of the new guards when it commits. Immutable, so that a savepoint keeps one.
/// </summary>
internal sealed class OwnSchema
{
    private readonly Lazy<DdlChange> _net;

    private OwnSchema(SystemState before, SystemState state)
    {
        Before = before;
        State = state;
        _net = new Lazy<DdlChange>(() => SchemaDifference.Between(before, state));
    }

    /// <summary>What everybody sees, as it was when the first change was made.</summary>
    public SystemState Before { get; }

    /// <summary>What the transaction sees.</summary>
    public SystemState State { get; }

    /// <summary>What its changes come to.</summary>
    public DdlChange Net => _net.Value;

    /// <summary>With one change more.</summary>
    public static OwnSchema After(OwnSchema? earlier, DdlChange change)
    {
        Invariant.Check(
            earlier is null || ReferenceEquals(earlier.State, change.Before), "A change is planned with those before it.");
        return new OwnSchema(earlier?.Before ?? change.Before, change.After);
    }

    /// <summary>The sequences that the transaction has made.</summary>
    public IEnumerable<SequenceDescriptor> NewSequences => State.Catalog.Sequences.Where(IsNew);

    /// <summary>Whether the transaction has made a sequence or changed it: then its numbers are the transaction's own.
    /// </summary>
    public bool IsOwn(SequenceDescriptor sequence)
    {
        SequenceDescriptor? known = Before.Catalog.Sequences.FirstOrDefault(one => one.Id == sequence.Id);
        return known is null ? IsNew(sequence) : known != sequence;
    }

    /// <summary>What a plan counts on, as the shards have it before the commit: a table as it was, and nothing of what is
    /// new.</summary>
    public List<Guard> Known(List<Guard> guards)
    {
        var known = new List<Guard>(guards.Count);
        CatalogHeader header = Before.Catalog.Header;
        foreach (Guard guard in guards)
        {
            if (guard.Kind == GuardKind.Segment && guard.Id < header.NextSegmentId)
            {
                known.Add(guard);
            }
            else if (guard.Kind == GuardKind.Table && Before.Catalog.Find(guard.Id) is { } table)
            {
                known.Add(guard with { Version = table.Version });
            }
        }

        return known;
    }

    /// <summary>Adds to a shard's share what its commit sets there, and leaves out rows of what is gone by then.</summary>
    public void Complete(ShardId shard, TransactionShare share)
    {
        share.Writes.RemoveAll(write => IsGone(write.Key));
        if (Net.Shards.Contains(shard))
        {
            share.NewGuards.AddRange(PlanGuards.Of(Net, shard));
        }
    }

    private bool IsNew(SequenceDescriptor sequence) => sequence.Id >= Before.Catalog.Header.NextTableId;

    private bool IsGone(byte[] key)
    {
        uint id = key.Length < RowKeyLayout.RowPrefixLength ? 0 : BinaryPrimitives.ReadUInt32BigEndian(key);
        if (id < Catalog.FirstTableId)
        {
            return false;
        }

        ushort number = BinaryPrimitives.ReadUInt16BigEndian(key.AsSpan(sizeof(uint)));
        return State.Catalog.Find(id) is not { } table
            || (number != RowKeyLayout.PrimaryIndex && table.Indexes.All(index => index.Number != number));
    }
}
