using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

namespace ShardSql.Storage.Nodes;

/// <summary>Steps of moves at the leader, and copies of what it keeps (sharding.md §2).</summary>
public sealed partial class ShardReplica
{
    private const int CopyRowsMax = 256;

    private readonly SortedDictionary<MoveName, List<(IPeerLink Link, ulong Correlation)>> _wantMoves = [];

    private void StartMove(ShardLeader leader, IPeerLink link, ulong correlation, ref ByteReader reader)
    {
        if (reader.Remaining == 0)
        {
            AnswerWhenLeased(link, correlation, () => SendMove(link, correlation, MoveVerdict.Done, null));
            return;
        }

        Command? step = Command.Read(ref reader);
        if (NameOf(step) is not { } name || step is MoveInCommand { Part: var part } && !MoveCodec.IsWhole(part))
        {
            return;
        }

        if (!_wantMoves.TryGetValue(name, out List<(IPeerLink, ulong)>? asking))
        {
            _wantMoves[name] = asking = [];
            leader.Propose(step!);
        }

        asking.Add((link, correlation));
    }

    private static MoveName? NameOf(Command? step) => step switch
    {
        MoveOutCommand command => command.Name,
        MoveInCommand command => command.Name,
        PurgeCommand purge => new MoveName(purge.Segment, purge.Job, ulong.MaxValue, purge.Keys.Count == 0 ? 0 : Hash64.Compute(purge.Keys[^1])),
        _ => null,
    };

    private void AnswerMove(Command step, MoveVerdict verdict)
    {
        if (NameOf(step) is { } name && _wantMoves.Remove(name, out List<(IPeerLink, ulong)>? asking))
        {
            foreach ((IPeerLink link, ulong correlation) in asking)
            {
                SendMove(link, correlation, verdict, verdict == MoveVerdict.Done ? name.Segment : null);
            }
        }
    }

    private void SendMove(IPeerLink link, ulong correlation, MoveVerdict verdict, uint? segment)
    {
        var moves = new List<SegmentMove>();
        foreach (SegmentMove move in _machine.Moves.All)
        {
            if (segment is null || move.Segment == segment)
            {
                moves.Add(move);
            }
        }

        BeginResponse(correlation);
        MoveCodec.Write(_reply, new MoveReply(verdict, _machine.Applied, _machine.Horizon, moves));
        link.Send(_reply.WrittenSpan);
    }

    private void StartCopy(ShardLeader leader, IPeerLink link, ulong correlation, CopyRequest request)
    {
        if (request.Keys.Count > 0)
        {
            CopyKeys(leader, link, correlation, request, request.Keys, next: null);
        }
        else if (request.Since != default)
        {
            (List<byte[]> changed, byte[]? next) = ChangedKeys(request);
            CopyKeys(leader, link, correlation, request, changed, next);
        }
        else
        {
            CopyRanges(leader, link, correlation, request);
        }
    }

    private (List<byte[]> Keys, byte[]? Next) ChangedKeys(CopyRequest request)
    {
        var changed = new List<byte[]>();
        int bytes = 0;
        foreach (KeyRange range in request.Ranges)
        {
            foreach ((byte[] key, KeyState state) in _machine.Versions.Range(range))
            {
                if (state.Newest.InstalledAt <= request.Since && !(state.Quota?.ChangedAt > request.Since))
                {
                    continue;
                }

                if (bytes >= request.MaxBytes)
                {
                    return (changed, key);
                }

                changed.Add(key);
                bytes += key.Length + BytesOf(state);
            }
        }

        return (changed, null);
    }

    private static int BytesOf(KeyState state)
    {
        int bytes = 0;
        foreach (KeyVersion version in state.Versions)
        {
            bytes += version.Value?.Length ?? 0;
        }

        return bytes;
    }

    private void CopyKeys(
        ShardLeader leader, IPeerLink link, ulong correlation, CopyRequest request, IReadOnlyList<byte[]> keys, byte[]? next)
    {
        if (keys.Count == 0)
        {
            SendCopies(link, correlation, request, [], next);
            return;
        }

        _base.Fetch(keys, rows =>
        {
            if (_leader != leader)
            {
                _node.SendNotLeader(link, correlation, Shard, Leader, begun: true);
                return;
            }

            var copies = new List<KeyCopy>(keys.Count);
            for (int i = 0; i < keys.Count; i++)
            {
                copies.Add(CopyOf(keys[i], rows[i]));
            }

            SendCopies(link, correlation, request, copies, next);
        });
    }

    private void CopyRanges(ShardLeader leader, IPeerLink link, ulong correlation, CopyRequest request)
    {
        var copies = new List<KeyCopy>();
        int bytes = 0;
        bool Take(byte[] key, BaseRow row)
        {
            if (bytes >= request.MaxBytes)
            {
                return false;
            }

            KeyCopy copy = CopyOf(key, row);
            copies.Add(copy);
            bytes += key.Length + BytesOf(copy);
            return true;
        }

        Walk(leader, link, correlation, request.Ranges, Take, next => SendCopies(link, correlation, request, copies, next));
    }

    private void StartSum(ShardLeader leader, IPeerLink link, ulong correlation, SumRequest request)
    {
        var sum = new RowSum();
        int keys = 0;
        bool Take(byte[] key, BaseRow row)
        {
            if (keys++ == request.MaxKeys)
            {
                return false;
            }

            sum.Add(CopyOf(key, row), request.At);
            return true;
        }

        Walk(leader, link, correlation, request.Ranges, Take, next => AnswerWhenLeased(link, correlation, () =>
        {
            BeginResponse(correlation);
            MoveCodec.Write(_reply, new SumReply(_machine.Horizon, sum.Rows, sum.Checksum, next));
            link.Send(_reply.WrittenSpan);
        }));
    }

    /// <summary>
    /// Gives all keys of ranges, in order, with their rows in the base store, until one is not taken: what memory knows lies
    /// over the rows of the base store, up to where these reach.
    /// </summary>
    private void Walk(
        ShardLeader leader, IPeerLink link, ulong correlation, IReadOnlyList<KeyRange> ranges,
        Func<byte[], BaseRow, bool> take, Action<byte[]?> then, int range = 0, byte[]? from = null)
    {
        if (range == ranges.Count)
        {
            then(null);
            return;
        }

        KeyRange part = from is null ? ranges[range] : ranges[range] with { Start = from };
        _base.Scan(part, CopyRowsMax, stored =>
        {
            if (_leader != leader)
            {
                _node.SendNotLeader(link, correlation, Shard, Leader, begun: true);
                return;
            }

            bool isWhole = stored.Count < CopyRowsMax;
            KeyRange covered = isWhole ? part : part with { End = KeyRange.Successor(stored[^1].Key) };
            var rows = new SortedDictionary<byte[], BaseRow>(ByteKeyComparer.Instance);
            foreach ((byte[] key, BaseRow row) in stored)
            {
                rows[key] = row;
            }

            foreach (byte[] key in SortedKeys.Merge(
                SortedKeys.Of(rows),
                SortedKeys.Of(_machine.Versions.Range(covered)),
                SortedKeys.Of(_machine.Versions.SettledRange(covered))))
            {
                if (!take(key, rows.GetValueOrDefault(key)))
                {
                    then(key);
                    return;
                }
            }

            Walk(leader, link, correlation, ranges, take, then, isWhole ? range + 1 : range, isWhole ? null : covered.End);
        });
    }

    private static int BytesOf(KeyCopy copy)
    {
        int bytes = 0;
        foreach (byte[] value in copy.Values)
        {
            bytes += value.Length;
        }

        return bytes;
    }

    private KeyCopy CopyOf(byte[] key, BaseRow row)
    {
        SettledRow? settled = _machine.Versions.FindSettled(key);
        return new KeyCopy
        {
            Key = key,
            SettledValue = settled is null ? row.Value : settled.Value,
            SettledCstamp = settled?.Cstamp ?? row.Cstamp,
            Versions = _machine.Versions.Find(key)?.OldestFirst() ?? [],
            Quota = _machine.Versions.Find(key)?.Quota,
        };
    }

    // Under the lease: a leader that has been replaced does not know of what has changed since.
    private void SendCopies(
        IPeerLink link, ulong correlation, CopyRequest request, IReadOnlyList<KeyCopy> copies, byte[]? next)
    {
        var reply = new CopyReply(
            _machine.Applied, _machine.Horizon, _machine.SwitchOf(request.Segment)?.Id ?? default, copies, next);
        AnswerWhenLeased(link, correlation, () =>
        {
            BeginResponse(correlation);
            MoveCodec.Write(_reply, reply);
            link.Send(_reply.WrittenSpan);
        });
    }
}
