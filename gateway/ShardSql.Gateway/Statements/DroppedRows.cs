using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Gateway.Commit;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Statements;

/// <summary>
/// Deletes what is left of a dropped table at one shard, or of an index beside its rows, in transactions of
/// <see cref="GatewayLimits.DropBatchRows"/> rows. Those of a table hold only while its guard is 0 there; the number of an
/// index is not used again.
/// </summary>
internal sealed class DroppedRows(GatewayServices services, DroppedKeys dropped, ShardId shard)
{
    private readonly Guard[] _gone = dropped.IsTable ? [new Guard(GuardKind.Table, dropped.Shape.TableId, 0)] : [];

    /// <summary>Deletes all rows.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        KeyRange rest = dropped.Range;
        while (await DeleteBatchAsync(rest, cancellationToken) is { } last)
        {
            rest = rest with { Start = KeyRange.Successor(last) };
        }
    }

    private Task<byte[]?> DeleteBatchAsync(KeyRange rest, CancellationToken cancellationToken) =>
        services.Store.ChangeAsync(
            async transaction =>
            {
                List<byte[]> keys = await ReadKeysAsync(transaction, rest, cancellationToken);
                ShardWork work = transaction.At(shard);
                work.Expect(_gone);
                foreach (byte[] key in keys)
                {
                    work.Write(new KeyWrite(key, null));
                }

                return (keys.Count == 0 ? null : keys[^1], HasWrites: keys.Count > 0);
            },
            cancellationToken);

    private async Task<List<byte[]>> ReadKeysAsync(
        OpenTransaction transaction, KeyRange rest, CancellationToken cancellationToken)
    {
        var keys = new List<byte[]>();
        FragmentReply reply = await services.Client.RunFragmentAsync(
            shard,
            new FragmentRequest { Begin = transaction.Begin, Fragment = Scan(rest), Guards = [.. _gone] },
            cancellationToken);
        while (true)
        {
            if (reply.Status != ReplyStatus.Ok)
            {
                throw new SnapshotRefusedException(shard, reply.Status);
            }

            Decode(reply, keys);
            if (reply.Cursor == 0)
            {
                return keys;
            }

            reply = await services.Client.ContinueAsync(shard, reply.Cursor, cancellationToken);
        }
    }

    private void Decode(FragmentReply reply, List<byte[]> keys)
    {
        var reader = new ByteReader(reply.Rows);
        for (int i = 0; i < reply.RowCount; i++)
        {
            keys.Add(dropped.KeyOf(RowCodec.Read(ref reader)));
        }
    }

    private byte[] Scan(KeyRange rest)
    {
        var access = new AccessPath();
        access.Ranges.Add(new AccessRange
        {
            Start = ByteString.CopyFrom(rest.Start),
            End = ByteString.CopyFrom(rest.End),
        });
        var fragment = new Fragment();
        fragment.Statements.Add(new FragmentStatement
        {
            Scan = new ScanPlan
            {
                Table = dropped.Shape,
                Access = access,
                Output = new OutputStage
                {
                    Visible = (uint)dropped.Shape.Columns.Count,
                    Limited = true,
                    Limit = GatewayLimits.DropBatchRows,
                },
            },
        });
        return fragment.ToByteArray();
    }
}
