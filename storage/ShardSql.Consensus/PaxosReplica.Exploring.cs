using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Consensus;

/// <summary>Copies and fingerprints, with which the explorer walks through all states of the real replica.</summary>
public sealed partial class PaxosReplica
{
    private PaxosReplica(PaxosReplica other)
    {
        Invariant.Check(other._ready.IsEmpty, "What is to be done is taken before a copy is made.");
        _options = other._options;
        _prng = other._prng;
        _log = other._log.Clone();
        _hasHeard = HasHeard;
        Membership = other.Membership;
        _settled = other._settled;
        _learners = [.. other._learners];
        _asked = [.. other._asked];
        _yielded = other._yielded;
        _isNeeded = other._isNeeded;
        _yieldsTo = other._yieldsTo;
        _yieldDeadlineMs = other._yieldDeadlineMs;
        _promised = other._promised;
        _commit = other._commit;
        _commitRecorded = other._commitRecorded;
        _handedOut = other._handedOut;
        _nowMs = other._nowMs;
        _followed = other._followed;
        _match = other._match;
        _leaderHeardMs = other._leaderHeardMs;
        _ballot = other._ballot;
        _electionDeadlineMs = other._electionDeadlineMs;
        _lastProposed = other._lastProposed;
        _heartbeatDueMs = other._heartbeatDueMs;
        Role = other.Role;
        Leader = other.Leader;
        ElectionsWon = other.ElectionsWon;
        _granted = [.. other._granted];
        _promises = new SortedDictionary<NodeId, PaxosMessage>(other._promises);
        _testimonies = new SortedDictionary<NodeId, Slot>(other._testimonies);
        _life = other._life;
        _relearnBallot = other._relearnBallot;
        _willing = [.. other._willing];
        _relearnDueMs = other._relearnDueMs;
        IsAmnesiac = other.IsAmnesiac;
        Forgotten = other.Forgotten;
        _progress = [];
        foreach ((NodeId node, Progress progress) in other._progress)
        {
            _progress.Add(node, progress.Clone());
        }
    }

    /// <summary>A replica in the same state.</summary>
    internal PaxosReplica Clone() => new(this);

    /// <summary>Writes all that decides what the replica does next while its clock stands still.</summary>
    internal void WriteFingerprint(ByteWriter writer)
    {
        writer.WriteByte((byte)Role);
        writer.WriteBoolean(IsAmnesiac);
        writer.WriteVarint(Forgotten.Value);
        writer.WriteBallot(_relearnBallot);
        foreach ((NodeId node, Slot accepted) in _testimonies)
        {
            writer.WriteVarint(node.Value);
            writer.WriteVarint(accepted.Value);
        }

        writer.WriteBallot(_promised);
        writer.WriteVarint(_commit.Value);
        writer.WriteVarint(_commitRecorded.Value);
        writer.WriteVarint(_handedOut.Value);
        writer.WriteVarint(_log.First.Value);
        Membership.Write(writer);
        for (Slot slot = _log.First; slot <= _log.Last; slot = slot.Next)
        {
            AcceptedEntry entry = _log.Get(slot) ?? default;
            writer.WriteBallot(entry.Ballot);
            writer.WriteNullableBytes(entry.Value);
        }

        switch (Role)
        {
            case PaxosRole.Follower:
                writer.WriteBallot(_followed);
                writer.WriteVarint(_match.Value);
                break;
            case PaxosRole.Leader:
                WriteProgress(writer);
                break;
            default:
                WriteCandidacy(writer);
                break;
        }
    }

    private void WriteProgress(ByteWriter writer)
    {
        writer.WriteBallot(_ballot);
        writer.WriteVarint(_lastProposed.Value);
        writer.WriteVarint(_yieldsTo.Value);
        foreach ((NodeId node, Progress progress) in _progress)
        {
            writer.WriteVarint(node.Value);
            writer.WriteVarint(progress.Known.Value);
            writer.WriteVarint(progress.Next.Value);
            writer.WriteVarint(progress.Match.Value);
            writer.WriteVarint(progress.MatchAtHeartbeat.Value);
            writer.WriteVarint(progress.Voted.Value);
        }
    }

    private void WriteCandidacy(ByteWriter writer)
    {
        writer.WriteBallot(_ballot);
        writer.WriteBallot(_yielded);
        foreach (NodeId node in _granted)
        {
            writer.WriteVarint(node.Value);
        }

        writer.WriteVarint(0);
        foreach ((NodeId node, PaxosMessage promise) in _promises)
        {
            writer.WriteVarint(node.Value);
            promise.Write(writer);
        }
    }
}
