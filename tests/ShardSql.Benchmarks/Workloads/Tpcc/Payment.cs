using System;
using System.Data;
using System.Globalization;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>A customer pays at a warehouse, his own or another (clause 2.5).</summary>
internal sealed class Payment(
    TpccLedger ledger, int warehouse, int district, CustomerChoice customer, decimal amount) : ITransaction
{
    private static readonly Statement s_warehouse = Statement.Query(
        "UPDATE warehouse SET w_ytd = w_ytd + @amount WHERE w_id = @w RETURNING w_name",
        ("amount", DbType.Decimal),
        ("w", DbType.Int32));

    private static readonly Statement s_district = Statement.Query(
        "UPDATE district SET d_ytd = d_ytd + @amount WHERE d_w_id = @w AND d_id = @d RETURNING d_name",
        ("amount", DbType.Decimal),
        ("w", DbType.Int32),
        ("d", DbType.Int32));

    private static readonly Statement s_customer = Statement.Change(
        "UPDATE customer SET c_balance = c_balance - @amount, c_ytd_payment = c_ytd_payment + @amount,"
        + " c_payment_cnt = c_payment_cnt + 1 WHERE c_w_id = @w AND c_d_id = @d AND c_id = @c",
        ("amount", DbType.Decimal),
        ("w", DbType.Int32),
        ("d", DbType.Int32),
        ("c", DbType.Int32));

    private static readonly Statement s_badCustomer = Statement.Change(
        "UPDATE customer SET c_balance = c_balance - @amount, c_ytd_payment = c_ytd_payment + @amount,"
        + " c_payment_cnt = c_payment_cnt + 1, c_data = @data WHERE c_w_id = @w AND c_d_id = @d AND c_id = @c",
        ("amount", DbType.Decimal),
        ("data", DbType.String),
        ("w", DbType.Int32),
        ("d", DbType.Int32),
        ("c", DbType.Int32));

    private static readonly Statement s_history = Statement.Insert("history", TpccTables.HistoryColumns, rows: 1);

    public async Task<bool> RunAsync(StatementSession session)
    {
        Reply[] read = await session.RunAsync(
            s_warehouse.With(amount, warehouse), s_district.With(amount, warehouse, district), customer.Read());
        CustomerRow found = CustomerChoice.Of(read[2]);
        Call update = found.IsBad
            ? s_badCustomer.With(amount, DataOf(found), customer.Warehouse, customer.District, found.Id)
            : s_customer.With(amount, customer.Warehouse, customer.District, found.Id);
        Call history = s_history.With(
            Guid.NewGuid(), found.Id, customer.District, customer.Warehouse, district, warehouse, TpccTables.Now(),
            amount, $"{read[0].Value<string>()}    {read[1].Value<string>()}");
        foreach (Reply reply in await session.RunAsync(update, history))
        {
            reply.RequireChanged(1);
        }

        return true;
    }

    public void Acknowledge() => ledger.AddPayment(amount);

    // Who has bad credit has a history of his payments, the newest first.
    private string DataOf(CustomerRow found)
    {
        string data = string.Create(
            CultureInfo.InvariantCulture,
            $"{found.Id} {customer.District} {customer.Warehouse} {district} {warehouse} {amount:0.00} | {found.Data}");
        return data.Length <= TpccTables.CustomerDataLength ? data : data[..TpccTables.CustomerDataLength];
    }
}
