using System.Linq;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static System.Data.DbType;

namespace ShardSql.Benchmarks.Workloads.Tatp;

/// <summary>Reads all of a subscriber.</summary>
internal sealed class GetSubscriberData(int subscriber) : ITransaction
{
    private static readonly Statement s_read =
        Statement.Query("SELECT * FROM subscriber WHERE s_id = @id", ("id", Int32));

    public bool IsOneStatement => true;

    public async Task<bool> RunAsync(StatementSession session)
    {
        object[] row = (await session.RunAsync(s_read.With(subscriber))).Row;
        return (string)row[1] == TatpKeys.NumberOf(subscriber)
            ? true
            : throw new BenchmarkException($"Subscriber {subscriber} has number {row[1]}.");
    }
}

/// <summary>Reads where calls are forwarded to, if they are.</summary>
internal sealed class GetNewDestination(int subscriber, int kind, int start, int end) : ITransaction
{
    private static readonly Statement s_read = Statement.Query(
        "SELECT cf.numberx FROM special_facility sf"
        + " JOIN call_forwarding cf ON cf.s_id = sf.s_id AND cf.sf_type = sf.sf_type"
        + " WHERE sf.s_id = @id AND sf.sf_type = @kind AND sf.is_active = 1"
        + " AND cf.start_time <= @start AND cf.end_time > @end",
        ("id", Int32),
        ("kind", Int32),
        ("start", Int32),
        ("end", Int32));

    public bool IsOneStatement => true;

    public async Task<bool> RunAsync(StatementSession session)
    {
        _ = await session.RunAsync(s_read.With(subscriber, kind, start, end));
        return true;
    }
}

/// <summary>Reads an access, if there is one of this kind.</summary>
internal sealed class GetAccessData(int subscriber, int kind) : ITransaction
{
    private static readonly Statement s_read = Statement.Query(
        "SELECT data1, data2, data3, data4 FROM access_info WHERE s_id = @id AND ai_type = @kind",
        ("id", Int32),
        ("kind", Int32));

    public bool IsOneStatement => true;

    public async Task<bool> RunAsync(StatementSession session)
    {
        _ = (await session.RunAsync(s_read.With(subscriber, kind))).Rows.SingleOrDefault();
        return true;
    }
}
