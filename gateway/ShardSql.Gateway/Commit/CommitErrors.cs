using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <summary>What a client is told of a commit that did not come about, and of one that nobody knows about.</summary>
internal static class CommitErrors
{
    /// <summary>The reason of a conflict that no commit met, but a reader that has handed out rows.</summary>
    public const string ReadAgainReason = "retry";

    /// <summary>The reason of a conflict between changes of the catalog that one of them found before its commit.
    /// </summary>
    public const string CatalogReason = "catalog";

    private const int KeyTextMax = 64;

    private const string CatalogChangedText =
        "serialization failure, retry transaction: another transaction has changed the schema or the shard map meanwhile";

    /// <summary>The error of an outcome other than committed.</summary>
    public static GatewayException From(CommitOutcome outcome, Catalog catalog) => outcome.Verdict switch
    {
        CommitVerdict.Unknown => new GatewayException(
            SqlStates.StatementCompletionUnknown,
            $"commit outcome unknown, id={outcome.Id}",
            CommandOutcome.Unknown)
        {
            Detail = outcome.Detail ?? "",
            Hint = "Ask for the outcome by the transaction's id before running it again.",
        },
        CommitVerdict.Unavailable => new GatewayException(
            SqlStates.CannotConnectNow,
            $"the transaction was rolled back: {outcome.Detail ?? "a shard cannot be reached"}",
            CommandOutcome.RolledBack),
        _ => Refused(outcome, catalog),
    };

    /// <summary>The error of reads that cannot be part of one serial order any more.</summary>
    public static GatewayException Early(OpenTransaction transaction, Catalog catalog) => new(
        SqlStates.SerializationFailure,
        "serialization failure, retry transaction: what it read has been overwritten by transactions it must precede",
        CommandOutcome.RolledBack)
    {
        Conflict = new Conflict
        {
            Reason = "window",
            Pi = ToMessage(transaction.PiHint),
            Eta = ToMessage(transaction.EtaHint),
            Table = OnlyOf(transaction.Tables, catalog),
        },
    };

    /// <summary>The error of a transaction that has handed out rows and met a newer state.</summary>
    public static GatewayException ReadAgain(ShardId shard, IReadOnlyCollection<uint> tables, Catalog catalog) => new(
        SqlStates.SerializationFailure,
        $"serialization failure, retry transaction: shard {shard} has newer versions than the snapshot",
        CommandOutcome.RolledBack)
    {
        Conflict = new Conflict { Reason = ReadAgainReason, Shard = shard.Value, Table = OnlyOf(tables, catalog) },
    };

    /// <summary>The error of a transaction that changes the schema when another has changed catalog or map.</summary>
    public static GatewayException CatalogChanged() => new(
        SqlStates.SerializationFailure, CatalogChangedText, CommandOutcome.RolledBack)
    {
        Conflict = new Conflict { Reason = CatalogReason, Shard = ShardId.System.Value },
    };

    /// <summary>Hands out the results of what is committed: an end of the request now must not read as a rollback.
    /// </summary>
    public static async Task DeliverAsync(Task delivering, TxnId id)
    {
        try
        {
            await delivering;
        }
        catch (OperationCanceledException)
        {
            throw new GatewayException(
                SqlStates.StatementCompletionUnknown,
                $"the transaction committed, but handing out its results was ended, id={id}",
                CommandOutcome.Unknown);
        }
    }

    /// <summary>A stamp as it travels.</summary>
    public static Stamp ToMessage(HlcTimestamp stamp) => new() { Time = stamp.Time, Source = stamp.Source };

    private static GatewayException Refused(CommitOutcome outcome, Catalog catalog)
    {
        (string sqlState, string text, CommandOutcome command) = outcome.Reason switch
        {
            RefusalReason.OtherContent => (
                SqlStates.ProtocolViolation,
                $"sequence {outcome.Id.Sequence} reused with different request",
                CommandOutcome.Failed),
            RefusalReason.SnapshotTooOld => (
                SqlStates.SnapshotTooOld,
                "snapshot too old: the transaction read below what the shard keeps",
                CommandOutcome.RolledBack),
            RefusalReason.StaleSchema => (
                SqlStates.SerializationFailure,
                "serialization failure, retry transaction: a table it used was changed meanwhile",
                CommandOutcome.RolledBack),
            RefusalReason.StaleEpoch => (
                SqlStates.SerializationFailure,
                "serialization failure, retry transaction: rows it used have moved to another shard",
                CommandOutcome.RolledBack),
            RefusalReason.DiskFull => (
                SqlStates.DiskFull,
                $"shard {outcome.No?.Shard} takes no writes: the disk of its leader is nearly full",
                CommandOutcome.RolledBack),
            _ => (
                SqlStates.SerializationFailure,
                outcome.No?.Key is { } key && ByteKeyComparer.Instance.Equals(key, SystemKeys.Header)
                    ? CatalogChangedText
                    : "serialization failure, retry transaction",
                CommandOutcome.RolledBack),
        };
        return new GatewayException(sqlState, text, command)
        {
            Detail = outcome.Detail ?? "",
            Conflict = ConflictOf(outcome, catalog),
        };
    }

    private static Conflict ConflictOf(CommitOutcome outcome, Catalog catalog)
    {
        var conflict = new Conflict { Reason = NameOf(outcome.Reason) };
        if (outcome.No is { } no)
        {
            conflict.Shard = no.Shard.Value;
            conflict.Pi = ToMessage(no.Pi);
            conflict.Eta = ToMessage(no.Eta);
            conflict.OtherTransactionId = no.Other == default ? "" : no.Other.ToString();
            if (no.Key is { } key)
            {
                (conflict.Table, conflict.Key) = Describe(key, catalog);
            }
        }
        else if (outcome.Decision is { } decision)
        {
            conflict.Pi = ToMessage(decision.Pi);
            conflict.Eta = ToMessage(decision.Eta);
        }

        if (conflict.Table.Length == 0)
        {
            conflict.Table = OnlyOf(outcome.Tables, catalog);
        }

        return conflict;
    }

    /// <summary>Where only one table is used, the conflict is about that.</summary>
    private static string OnlyOf(IReadOnlyCollection<uint> tables, Catalog catalog)
    {
        string name = "";
        foreach (uint table in tables)
        {
            name = tables.Count == 1 ? catalog.Find(table)?.Name ?? "" : "";
        }

        return name;
    }

    private static string NameOf(RefusalReason reason) => reason switch
    {
        RefusalReason.Window => "window",
        RefusalReason.Late => "late",
        RefusalReason.Busy => "busy",
        RefusalReason.SnapshotTooOld => "snapshot_too_old",
        RefusalReason.StaleSchema => "stale_schema",
        RefusalReason.StaleEpoch => "stale_epoch",
        RefusalReason.Closed => "closed",
        RefusalReason.Refused => "recovered",
        RefusalReason.StaleEvaluation => "stale_evaluation",
        RefusalReason.OtherContent => "other_content",
        RefusalReason.Forgotten => "forgotten",
        RefusalReason.DiskFull => "disk_full",
        RefusalReason.NoQuota => "no_quota",
        _ => "none",
    };

    private static (string Table, string Key) Describe(byte[] key, Catalog catalog)
    {
        if (key.Length < Execution.RowKeyLayout.RowPrefixLength
            || catalog.Find(BinaryPrimitives.ReadUInt32BigEndian(key)) is not { } table)
        {
            return ("", Cut(Convert.ToHexString(key)));
        }

        int prefix = Execution.RowKeyLayout.RowPrefixLength
            + (table.Placement == PlacementKind.Hash ? Execution.RowKeyLayout.BucketLength : 0);
        var reader = new ByteReader(key.AsSpan(Math.Min(prefix, key.Length)));
        var text = new System.Text.StringBuilder("(");
        foreach (SqlType type in table.KeyTypes())
        {
            SqlValue value = KeyCodec.Read(ref reader, type);
            if (reader.Failed)
            {
                // The key in a vote is cut; what there is of it names the row well enough.
                text.Append('…');
                break;
            }

            text.Append(text.Length > 1 ? ", " : "").Append(value);
        }

        return (table.Name, Cut(text.Append(')').ToString()));
    }

    private static string Cut(string text) => text.Length <= KeyTextMax ? text : text[..KeyTextMax];
}
