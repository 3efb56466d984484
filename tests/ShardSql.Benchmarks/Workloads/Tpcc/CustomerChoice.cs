using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static System.Data.DbType;

namespace ShardSql.Benchmarks.Workloads.Tpcc;

/// <summary>A customer by number, or the middle one of those of a last name, by first names (clause 2.5.2.2).</summary>
internal readonly record struct CustomerChoice(int Warehouse, int District, int Id, string? LastName)
{
    private const string Columns = "c_id, c_credit, c_data, c_balance";

    private static readonly Statement s_byId = Statement.Query(
        $"SELECT {Columns} FROM customer WHERE c_w_id = @w AND c_d_id = @d AND c_id = @c",
        ("w", Int32),
        ("d", Int32),
        ("c", Int32));

    private static readonly Statement s_byName = Statement.Query(
        $"SELECT {Columns} FROM customer WHERE c_w_id = @w AND c_d_id = @d AND c_last = @name ORDER BY c_first",
        ("w", Int32),
        ("d", Int32),
        ("name", String));

    /// <summary>Reads the customer, or all of that name.</summary>
    public Call Read() => LastName is null
        ? s_byId.With(Warehouse, District, Id)
        : s_byName.With(Warehouse, District, LastName);

    /// <summary>The one of what was read.</summary>
    public static CustomerRow Of(Reply read)
    {
        if (read.Rows.Count == 0)
        {
            throw new BenchmarkException("A customer that must be there is not.");
        }

        object[] row = read.Rows[(read.Rows.Count - 1) / 2];
        return new CustomerRow((int)row[0], (string)row[1], (string)row[2], (decimal)row[3]);
    }
}

/// <summary>What transactions read of a customer.</summary>
internal readonly record struct CustomerRow(int Id, string Credit, string Data, decimal Balance)
{
    /// <summary>Whether the credit is bad.</summary>
    public bool IsBad => Credit == "BC";
}
