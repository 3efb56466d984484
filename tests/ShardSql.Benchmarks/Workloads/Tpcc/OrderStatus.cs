using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static System.Data.DbType;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>Reads a customer's newest order (clause 2.6).</summary>
internal sealed class OrderStatus(CustomerChoice customer) : ITransaction
{
    private static readonly Statement s_order = Statement.Query(
        "SELECT o_id, o_carrier_id, o_entry_d, o_ol_cnt FROM oorder WHERE o_w_id = @w AND o_d_id = @d AND o_c_id = @c"
        + " ORDER BY o_id DESC LIMIT 1",
        ("w", Int32),
        ("d", Int32),
        ("c", Int32));

    private static readonly Statement s_lines = Statement.Query(
        "SELECT ol_i_id, ol_supply_w_id, ol_quantity, ol_amount, ol_delivery_d FROM order_line"
        + " WHERE ol_w_id = @w AND ol_d_id = @d AND ol_o_id = @o",
        ("w", Int32),
        ("d", Int32),
        ("o", Int32));

    public async Task<bool> RunAsync(StatementSession session)
    {
        CustomerRow found = CustomerChoice.Of(await session.RunAsync(customer.Read()));
        object[] order = (await session.RunAsync(s_order.With(customer.Warehouse, customer.District, found.Id))).Row;
        Reply lines = await session.RunAsync(s_lines.With(customer.Warehouse, customer.District, order[0]));
        return lines.Rows.Count == (int)order[3]
            ? true
            : throw new BenchmarkException($"An order of {order[3]} lines has {lines.Rows.Count}.");
    }
}
