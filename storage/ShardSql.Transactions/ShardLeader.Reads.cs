using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>Snapshot reads: the stamp they leave and the writers they wait for (commit.md §2).</summary>
public sealed partial class ShardLeader
{
    /// <summary>Whether a snapshot may be served with the ceiling that is logged.</summary>
    public bool IsBelowCeiling(HlcTimestamp begin) => begin <= _machine.Ceiling;

    /// <summary>Draws a snapshot above one that was asked for and above all that this leader has stamped, applied or
    /// served: what is acknowledged here is in it.</summary>
    public HlcTimestamp NewestSnapshot(HlcTimestamp atLeast)
    {
        MergeMachine();
        _clock.Merge(atLeast);
        return _clock.Next(0);
    }

    /// <summary>
    /// Leaves the snapshot's stamp on a key, then says whom the read must wait for: a writer that is undecided, or
    /// proposed and not applied, and that does not account for the snapshot. Null: read now.
    /// </summary>
    public TxnId? GateRead(byte[] key, HlcTimestamp begin)
    {
        _clock.Merge(begin);
        _keysRead.Raise(key, begin);
        foreach (ProposedWrite write in Proposals.Of(key))
        {
            if (write.ReadFloor < begin)
            {
                return write.Id;
            }
        }

        return _machine.Fences.WriterOf(key) is { } writer && writer.Vote.Eta < begin ? writer.Id : null;
    }

    /// <summary>The same for a range.</summary>
    public TxnId? GateRead(KeyRange range, HlcTimestamp begin)
    {
        _clock.Merge(begin);
        _rangesRead.Raise(range, begin);
        foreach ((_, List<ProposedWrite> writes) in Proposals.In(range))
        {
            foreach (ProposedWrite write in writes)
            {
                if (write.ReadFloor < begin)
                {
                    return write.Id;
                }
            }
        }

        foreach ((_, Register writer) in _machine.Fences.WritersIn(range))
        {
            if (writer.Vote.Eta < begin)
            {
                return writer.Id;
            }
        }

        return null;
    }

    /// <summary>Whom an evaluation on the newest state must wait for: an undecided writer of a key.</summary>
    public TxnId? GateEvaluation(byte[] key)
    {
        foreach (ProposedWrite write in Proposals.Of(key))
        {
            if (write.IsPrepare)
            {
                return write.Id;
            }
        }

        return _machine.Fences.WriterOf(key)?.Id;
    }

    /// <summary>The same for a range.</summary>
    public TxnId? GateEvaluation(KeyRange range)
    {
        foreach ((_, List<ProposedWrite> writes) in Proposals.In(range))
        {
            foreach (ProposedWrite write in writes)
            {
                if (write.IsPrepare)
                {
                    return write.Id;
                }
            }
        }

        foreach ((_, Register writer) in _machine.Fences.WritersIn(range))
        {
            return writer.Id;
        }

        return null;
    }
}
