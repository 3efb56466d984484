using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static System.Data.DbType;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>Counts the items of a district's newest orders of which little is left (clause 2.8).</summary>
internal sealed class StockLevel(int warehouse, int district, int threshold) : ITransaction
{
    private const int NewestOrders = 20;

    private static readonly Statement s_next = Statement.Query(
        "SELECT d_next_o_id FROM district WHERE d_w_id = @w AND d_id = @d", ("w", Int32), ("d", Int32));

    private static readonly Statement s_count = Statement.Query(
        "SELECT COUNT(DISTINCT s_i_id) FROM order_line JOIN stock ON s_w_id = ol_w_id AND s_i_id = ol_i_id"
        + " WHERE ol_w_id = @w AND ol_d_id = @d AND ol_o_id >= @first AND ol_o_id < @next AND s_quantity < @threshold",
        ("w", Int32),
        ("d", Int32),
        ("first", Int32),
        ("next", Int32),
        ("threshold", Int32));

    public async Task<bool> RunAsync(StatementSession session)
    {
        int next = (await session.RunAsync(s_next.With(warehouse, district))).Value<int>();
        _ = (await session.RunAsync(
            s_count.With(warehouse, district, next - NewestOrders, next, threshold))).Value<long>();
        return true;
    }
}
