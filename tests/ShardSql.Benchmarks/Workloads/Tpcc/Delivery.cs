using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static System.Data.DbType;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>Delivers the oldest new order of each district of a warehouse, in one transaction (clause 2.7).</summary>
internal sealed class Delivery(TpccLedger ledger, int warehouse, int carrier) : ITransaction
{
    private const int CallsOfDistrict = 4;

    private static readonly Statement s_oldest = Statement.Query(
        "SELECT no_o_id FROM new_order WHERE no_w_id = @w AND no_d_id = @d ORDER BY no_o_id LIMIT 1",
        ("w", Int32),
        ("d", Int32));

    private static readonly Statement s_take = Statement.Change(
        "DELETE FROM new_order WHERE no_w_id = @w AND no_d_id = @d AND no_o_id = @o",
        ("w", Int32),
        ("d", Int32),
        ("o", Int32));

    private static readonly Statement s_order = Statement.Query(
        "UPDATE oorder SET o_carrier_id = @carrier WHERE o_w_id = @w AND o_d_id = @d AND o_id = @o RETURNING o_c_id",
        ("carrier", Int32),
        ("w", Int32),
        ("d", Int32),
        ("o", Int32));

    private static readonly Statement s_lines = Statement.Change(
        "UPDATE order_line SET ol_delivery_d = @now WHERE ol_w_id = @w AND ol_d_id = @d AND ol_o_id = @o",
        ("now", DateTime2),
        ("w", Int32),
        ("d", Int32),
        ("o", Int32));

    private static readonly Statement s_sum = Statement.Query(
        "SELECT SUM(ol_amount) FROM order_line WHERE ol_w_id = @w AND ol_d_id = @d AND ol_o_id = @o",
        ("w", Int32),
        ("d", Int32),
        ("o", Int32));

    private static readonly Statement s_customer = Statement.Change(
        "UPDATE customer SET c_balance = c_balance + @amount, c_delivery_cnt = c_delivery_cnt + 1"
        + " WHERE c_w_id = @w AND c_d_id = @d AND c_id = @c",
        ("amount", Decimal),
        ("w", Int32),
        ("d", Int32),
        ("c", Int32));

    private int _delivered;

    public async Task<bool> RunAsync(StatementSession session)
    {
        Reply[] oldest = await session.RunAsync(
            [.. Enumerable.Range(1, TpccScale.Districts).Select(district => s_oldest.With(warehouse, district))]);
        (int District, int Order)[] orders =
        [
            .. oldest.Index().Where(static of => of.Item.Rows.Count == 1)
                .Select(static of => (of.Index + 1, of.Item.Value<int>())),
        ];
        _delivered = orders.Length;
        if (_delivered == 0)
        {
            return true;
        }

        Reply[] taken = await session.RunAsync([.. orders.SelectMany(of => Take(of.District, of.Order))]);
        var paid = new List<Call>();
        for (int i = 0; i < orders.Length; i++)
        {
            int first = i * CallsOfDistrict;
            taken[first].RequireChanged(1);
            paid.Add(s_customer.With(
                taken[first + 3].Value<decimal>(), warehouse, orders[i].District, taken[first + 1].Value<int>()));
        }

        foreach (Reply reply in await session.RunAsync(paid))
        {
            reply.RequireChanged(1);
        }

        return true;
    }

    public void Acknowledge() => ledger.AddDeliveries(_delivered);

    private IEnumerable<Call> Take(int district, int order) =>
    [
        s_take.With(warehouse, district, order),
        s_order.With(carrier, warehouse, district, order),
        s_lines.With(TpccTables.Now(), warehouse, district, order),
        s_sum.With(warehouse, district, order),
    ];
}
