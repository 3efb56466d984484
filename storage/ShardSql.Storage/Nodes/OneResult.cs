using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// What a ONE tells its client, as it is kept in the register: a client that lost the reply gets the same one again. Rows
/// beyond a bound are not kept; such a reply can only be given once.
/// </summary>
internal static class OneResult
{
    private const int KeptRowBytesMax = 1 << 20;

    public static byte[] Encode(
        ReadOnlySpan<byte> rows, int rowCount, long rowsAffected, IReadOnlyList<StatementCount> statements)
    {
        RequireKept(rows.Length);
        var writer = new ByteWriter(rows.Length + 32);
        CommitCodec.Write(writer, new OneReply
        {
            Rows = rows.ToArray(),
            RowCount = rowCount,
            RowsAffected = rowsAffected,
            Statements = statements,
        });
        return writer.ToArray();
    }

    /// <summary>54000 for more rows than a register keeps: they end the evaluation before they grow further.</summary>
    public static void RequireKept(int rowBytes)
    {
        if (rowBytes > KeptRowBytesMax)
        {
            throw new Sql.SqlException(
                Sql.SqlStates.ProgramLimitExceeded,
                $"RETURNING gives {rowBytes} bytes, more than {KeptRowBytesMax} in one autocommit statement");
        }
    }

    public static OneReply Of(Register register) => Of(register.Vote, register.Stamp, register.Result);

    public static OneReply Of(Vote vote, HlcTimestamp stamp, byte[] result)
    {
        if (!vote.Ok || result.Length == 0)
        {
            return new OneReply { Status = ReplyStatus.Ok, Vote = vote, Stamp = stamp };
        }

        var reader = new ByteReader(result);
        OneReply kept = CommitCodec.ReadOneReply(ref reader);
        return new OneReply
        {
            Status = ReplyStatus.Ok,
            Vote = vote,
            Stamp = stamp,
            Rows = kept.Rows,
            RowCount = kept.RowCount,
            RowsAffected = kept.RowsAffected,
            Statements = kept.Statements,
        };
    }
}
