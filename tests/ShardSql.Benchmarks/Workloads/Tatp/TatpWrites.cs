using System.Data.Common;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static System.Data.DbType;

namespace ShardSql.Benchmarks.Workloads.Tatp;

/// <summary>Writes a subscriber and one of his special facilities; nothing where he has none of this kind.</summary>
internal sealed class UpdateSubscriberData(int subscriber, int kind, int bit, int data) : ITransaction
{
    private static readonly Statement s_subscriber =
        Statement.Change("UPDATE subscriber SET bit_1 = @bit WHERE s_id = @id", ("bit", Int32), ("id", Int32));

    private static readonly Statement s_facility = Statement.Change(
        "UPDATE special_facility SET data_a = @data WHERE s_id = @id AND sf_type = @kind",
        ("data", Int32),
        ("id", Int32),
        ("kind", Int32));

    public async Task<bool> RunAsync(StatementSession session)
    {
        Reply[] written = await session.RunAsync(
            s_subscriber.With(bit, subscriber), s_facility.With(data, subscriber, kind));
        written[0].RequireChanged(1);
        return written[1].Changed == 1;
    }
}

/// <summary>Writes where the subscriber of a number is.</summary>
internal sealed class UpdateLocation(int subscriber, int location) : ITransaction
{
    private static readonly Statement s_update = Statement.Change(
        "UPDATE subscriber SET vlr_location = @location WHERE sub_nbr = @number",
        ("location", Int32),
        ("number", String));

    public bool IsOneStatement => true;

    public async Task<bool> RunAsync(StatementSession session)
    {
        Reply written = await session.RunAsync(s_update.With(location, TatpKeys.NumberOf(subscriber)));
        written.RequireChanged(1);
        return true;
    }
}

/// <summary>Forwards calls to another subscriber, if there is a facility for it and no such forwarding.</summary>
internal sealed class InsertCallForwarding(
    TatpTables tables, int subscriber, int kind, int start, int end, int destination) : ITransaction
{
    private const string UniqueViolation = "23505";
    private const string ForeignKeyViolation = "23503";

    private static readonly Statement s_kinds =
        Statement.Query("SELECT sf_type FROM special_facility WHERE s_id = @id", ("id", Int32));

    private static readonly Statement s_insert = Statement.Change(
        "INSERT INTO call_forwarding (s_id, sf_type, start_time, end_time, numberx)"
        + " VALUES (@id, @kind, @start, @end, @destination)",
        ("id", Int32),
        ("kind", Int32),
        ("start", Int32),
        ("end", Int32),
        ("destination", String));

    public async Task<bool> RunAsync(StatementSession session)
    {
        int found = await SubscriberByNumber.FindAsync(session, subscriber);
        _ = await session.RunAsync(s_kinds.With(found));
        try
        {
            Reply inserted = await session.RunAsync(
                s_insert.With(found, kind, start, end, TatpKeys.NumberOf(destination)));
            inserted.RequireChanged(1);
            return true;
        }
        catch (DbException error) when (error.SqlState is UniqueViolation or ForeignKeyViolation)
        {
            // What the description wants: two of three of these fail.
            return false;
        }
    }

    public void Acknowledge() => tables.Add(1);
}

/// <summary>Ends a call forwarding, if there is one.</summary>
internal sealed class DeleteCallForwarding(TatpTables tables, int subscriber, int kind, int start) : ITransaction
{
    private static readonly Statement s_delete = Statement.Change(
        "DELETE FROM call_forwarding WHERE s_id = @id AND sf_type = @kind AND start_time = @start",
        ("id", Int32),
        ("kind", Int32),
        ("start", Int32));

    private int _deleted;

    public async Task<bool> RunAsync(StatementSession session)
    {
        int found = await SubscriberByNumber.FindAsync(session, subscriber);
        _deleted = (await session.RunAsync(s_delete.With(found, kind, start))).Changed;
        return true;
    }

    public void Acknowledge() => tables.Add(-_deleted);
}

/// <summary>Whom a number belongs to.</summary>
internal static class SubscriberByNumber
{
    private static readonly Statement s_find =
        Statement.Query("SELECT s_id FROM subscriber WHERE sub_nbr = @number", ("number", String));

    /// <summary>The subscriber of a number.</summary>
    public static async Task<int> FindAsync(StatementSession session, int subscriber) =>
        (await session.RunAsync(s_find.With(TatpKeys.NumberOf(subscriber)))).Value<int>();
}
