using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Sessions;
using ShardSql.Gateway.Stamps;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Catalogs;

/// <summary>
/// Reads and changes rows of the system shard in transactions like any other: what was read is validated, so two
/// gateways that make the same change at once do not both succeed.
/// </summary>
internal sealed class SystemStore
{
    private static readonly TimeSpan s_commitTime = TimeSpan.FromSeconds(10);

    private readonly IShardClient _client;
    private readonly StampSource _stamps;
    private readonly SnapshotRegistry _snapshots;
    private readonly Committer _committer;
    private readonly TimeProvider _time;
    private readonly Func<UInt128> _newSession;

    public SystemStore(
        IShardClient client,
        StampSource stamps,
        SnapshotRegistry snapshots,
        Committer committer,
        TimeProvider time,
        Func<UInt128>? newSession = null)
    {
        _newSession = newSession ?? SessionIds.New;
        _client = client;
        _stamps = stamps;
        _snapshots = snapshots;
        _committer = committer;
        _time = time;
    }

    /// <summary>A new transaction of the gateway's own.</summary>
    public OpenTransaction Begin() =>
        new(NewName(), _snapshots.Open(_stamps));

    /// <summary>The name of a transaction of the gateway's own.</summary>
    public TransactionName NewName() => new(_newSession(), 1);

    /// <summary>The content of a row, or null; part of the transaction's read set.</summary>
    public async Task<byte[]?> GetAsync(OpenTransaction transaction, byte[] key, CancellationToken cancellationToken)
    {
        List<KeyValuePair<byte[], byte[]>> rows =
            await ReadAsync(transaction, SystemRows.Get(key), cancellationToken);
        return rows.Count == 0 ? null : rows[0].Value;
    }

    /// <summary>The rows of a range; the first so many of them unless the limit is 0.</summary>
    public Task<List<KeyValuePair<byte[], byte[]>>> ScanAsync(
        OpenTransaction transaction, KeyRange range, uint limit, CancellationToken cancellationToken) =>
        ReadAsync(transaction, SystemRows.Scan(range, limit), cancellationToken);

    /// <summary>
    /// Reads, decides and writes until it holds. <paramref name="change"/> gives null when nothing is to be written; it
    /// runs again from the start whenever another gateway was faster.
    /// </summary>
    public async Task<T> ChangeAsync<T>(
        Func<OpenTransaction, Task<(T Result, bool HasWrites)>> change, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using OpenTransaction transaction = Begin();
            try
            {
                (T result, bool hasWrites) = await change(transaction);
                if (!hasWrites)
                {
                    return result;
                }

                CommitOutcome outcome = await _committer.CommitAsync(transaction, s_commitTime);
                if (outcome.Verdict == CommitVerdict.Committed)
                {
                    return result;
                }

                if (outcome.Verdict != CommitVerdict.Refused || attempt >= GatewayLimits.MaxStatementRestarts)
                {
                    throw CommitErrors.From(outcome, Catalog.Empty);
                }
            }
            catch (SnapshotRefusedException refused)
            {
                if (attempt >= GatewayLimits.MaxStatementRestarts)
                {
                    throw StatementEngine.ToError(refused, Catalog.Empty);
                }
            }

            _stamps.CatchUp(attempt);
            await Backoff.BeforeAttemptAsync(attempt + 2, _time, cancellationToken);
        }
    }

    private async Task<List<KeyValuePair<byte[], byte[]>>> ReadAsync(
        OpenTransaction transaction, byte[] fragment, CancellationToken cancellationToken)
    {
        var rows = new List<KeyValuePair<byte[], byte[]>>();
        FragmentReply reply = await _client.RunFragmentAsync(
            ShardId.System,
            new FragmentRequest
            {
                Begin = transaction.Begin,
                AtNewest = transaction.IsFresh,
                Fragment = fragment,
                Overlay = transaction.OverlayAt(ShardId.System),
                WantReadSet = true,
                BatchBytes = GatewayLimits.RowBatchBytes,
            },
            cancellationToken);
        Take(transaction, reply, rows);
        while (reply.Cursor != 0)
        {
            reply = await _client.ContinueAsync(ShardId.System, reply.Cursor, cancellationToken);
            Take(transaction, reply, rows);
        }

        return rows;
    }

    private void Take(OpenTransaction transaction, FragmentReply reply, List<KeyValuePair<byte[], byte[]>> rows)
    {
        _stamps.Merge(reply.EtaHint);
        _stamps.Merge(reply.MovePast);
        if (reply.Status == ReplyStatus.Failed)
        {
            throw ErrorFrames.ToException(reply.Failure);
        }

        if (reply.Status != ReplyStatus.Ok)
        {
            throw new SnapshotRefusedException(ShardId.System, reply.Status);
        }

        if (transaction.IsFresh)
        {
            _stamps.Merge(reply.Begin);
            transaction.BeginAt(reply.Begin);
        }

        if (reply.PiHint <= transaction.Begin)
        {
            // Overwritten by one that comes before this snapshot: another snapshot shows both (commit.md §2).
            throw new SnapshotRefusedException(ShardId.System, ReplyStatus.Retry);
        }

        transaction.Take(ShardId.System, reply);
        SystemRows.Read(reply.Rows, reply.RowCount, rows);
    }
}
