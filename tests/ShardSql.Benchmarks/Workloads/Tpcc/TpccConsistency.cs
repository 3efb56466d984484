using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>
/// Consistency conditions of TPC-C (clause 3.3.2), as queries for what violates them, and what was acknowledged.
/// </summary>
internal sealed class TpccConsistency(Side side, TpccLedger ledger)
{
    private static readonly (int Condition, string Violations)[] s_conditions =
    [
        (1, "SELECT w_id FROM warehouse JOIN (SELECT d_w_id, SUM(d_ytd) AS total FROM district GROUP BY d_w_id) d"
            + " ON d_w_id = w_id WHERE w_ytd <> total"),
        (2, "SELECT d_w_id, d_id FROM district"
            + " LEFT JOIN (SELECT o_w_id, o_d_id, MAX(o_id) AS last FROM oorder GROUP BY o_w_id, o_d_id) o"
            + " ON o_w_id = d_w_id AND o_d_id = d_id"
            + " LEFT JOIN (SELECT no_w_id, no_d_id, MAX(no_o_id) AS newest FROM new_order GROUP BY no_w_id, no_d_id) n"
            + " ON no_w_id = d_w_id AND no_d_id = d_id"
            + " WHERE last IS DISTINCT FROM d_next_o_id - 1 OR newest <> d_next_o_id - 1"),
        (3, "SELECT no_w_id, no_d_id FROM new_order GROUP BY no_w_id, no_d_id"
            + " HAVING MAX(no_o_id) - MIN(no_o_id) + 1 <> COUNT(*)"),
        (4, "SELECT o_w_id, o_d_id FROM (SELECT o_w_id, o_d_id, SUM(o_ol_cnt) AS counted FROM oorder"
            + " GROUP BY o_w_id, o_d_id) o"
            + " LEFT JOIN (SELECT ol_w_id, ol_d_id, COUNT(*) AS lines FROM order_line GROUP BY ol_w_id, ol_d_id) l"
            + " ON ol_w_id = o_w_id AND ol_d_id = o_d_id WHERE lines IS DISTINCT FROM counted"),
        (5, "SELECT o_w_id, o_d_id, o_id FROM oorder LEFT JOIN new_order"
            + " ON no_w_id = o_w_id AND no_d_id = o_d_id AND no_o_id = o_id"
            + " WHERE (o_carrier_id IS NULL AND no_o_id IS NULL)"
            + " OR (o_carrier_id IS NOT NULL AND no_o_id IS NOT NULL)"),
        (7, "SELECT o_w_id, o_d_id, o_id FROM oorder JOIN order_line"
            + " ON ol_w_id = o_w_id AND ol_d_id = o_d_id AND ol_o_id = o_id"
            + " WHERE (ol_delivery_d IS NULL AND o_carrier_id IS NOT NULL)"
            + " OR (ol_delivery_d IS NOT NULL AND o_carrier_id IS NULL)"),
        (8, "SELECT w_id FROM warehouse"
            + " LEFT JOIN (SELECT h_w_id, SUM(h_amount) AS total FROM history GROUP BY h_w_id) h"
            + " ON h_w_id = w_id WHERE total IS DISTINCT FROM w_ytd"),
        (9, "SELECT d_w_id, d_id FROM district"
            + " LEFT JOIN (SELECT h_w_id, h_d_id, SUM(h_amount) AS total FROM history GROUP BY h_w_id, h_d_id) h"
            + " ON h_w_id = d_w_id AND h_d_id = d_id WHERE total IS DISTINCT FROM d_ytd"),
        (12, "SELECT c_w_id, c_d_id, c_id FROM customer"
            + " LEFT JOIN (SELECT o_w_id, o_d_id, o_c_id, SUM(ol_amount) AS delivered FROM oorder JOIN order_line"
            + " ON ol_w_id = o_w_id AND ol_d_id = o_d_id AND ol_o_id = o_id"
            + " WHERE ol_delivery_d IS NOT NULL GROUP BY o_w_id, o_d_id, o_c_id) o"
            + " ON o_w_id = c_w_id AND o_d_id = c_d_id AND o_c_id = c_id"
            + " WHERE c_balance + c_ytd_payment <> COALESCE(delivered, 0)"),
    ];

    /// <summary>Looks for what is wrong; null: nothing is.</summary>
    public async Task<string?> FindWrongAsync() => await FindViolatedAsync(side) ?? await FindLostAsync();

    /// <summary>Looks for what violates a condition; null: nothing does.</summary>
    public static async Task<string?> FindViolatedAsync(Side side)
    {
        foreach ((int condition, string violations) in s_conditions)
        {
            IReadOnlyList<object[]> wrong = await side.QueryAsync(violations);
            if (wrong.Count > 0)
            {
                string first = string.Join(", ", wrong[0]);
                return $"condition {condition} is violated {wrong.Count} times, first at ({first}).";
            }
        }

        return null;
    }

    private async Task<string?> FindLostAsync()
    {
        TpccScale scale = ledger.Scale;
        long districts = (long)scale.Warehouses * TpccScale.Districts;
        return await CompareAsync(
                "orders", "SELECT COUNT(*) FROM oorder", (districts * TpccScale.Customers) + ledger.Orders)
            ?? await CompareAsync(
                "new orders",
                "SELECT COUNT(*) FROM new_order",
                (districts * TpccScale.NewOrders) + ledger.Orders - ledger.Deliveries)
            ?? await CompareAsync(
                "payments", "SELECT SUM(w_ytd) FROM warehouse", (districts * TpccTables.DistrictYtd) + ledger.Paid);
    }

    private async Task<string?> CompareAsync(string what, string query, decimal expected)
    {
        object[] row = (await side.QueryAsync(query))[0];
        decimal found = Convert.ToDecimal(row[0], CultureInfo.InvariantCulture);
        return found == expected
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{what} are {found}, acknowledged were {expected}.");
    }
}
