using System;
using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>The table of all workloads: accounts with ids from 1 and a balance each.</summary>
internal static class AccountTable
{
    /// <summary>What each account holds at first.</summary>
    public const long InitialBalance = 1_000;

    /// <summary>What it is called where there is one.</summary>
    public const string DefaultName = "accounts";

    private const int RowsPerInsert = 500;

    private static readonly string s_rows =
        string.Join(", ", Enumerable.Range(0, RowsPerInsert).Select(row => $"(@id{row}, @balance)"));

    /// <summary>Makes the table and fills it with accounts <paramref name="first"/> and up.</summary>
    public static async Task LoadAsync(
        DbDataSource source, string placement, long first, int count, string name = DefaultName)
    {
        if (count % RowsPerInsert != 0)
        {
            throw new ArgumentException($"A table has a multiple of {RowsPerInsert} accounts.", nameof(count));
        }

        await using DbConnection connection = await source.OpenConnectionAsync();
        await using DbCommand create = connection.CreateCommand();
        create.CommandText = $"CREATE TABLE {name} (id bigint PRIMARY KEY, balance bigint NOT NULL){placement}";
        await create.ExecuteNonQueryAsync();

        await using DbCommand insert = connection.CreateCommand();
        insert.CommandText = $"INSERT INTO {name} (id, balance) VALUES {s_rows}";
        DbParameter[] ids = [.. Enumerable.Range(0, RowsPerInsert).Select(row => AddBigint(insert, $"id{row}"))];
        AddBigint(insert, "balance").Value = InitialBalance;
        for (long id = first; id < first + count; id += RowsPerInsert)
        {
            for (int row = 0; row < RowsPerInsert; row++)
            {
                ids[row].Value = id + row;
            }

            await insert.ExecuteNonQueryAsync();
        }
    }

    /// <summary>All money in the table.</summary>
    public static async Task<long> SumAsync(DbDataSource source, string name = DefaultName)
    {
        await using DbCommand command = source.CreateCommand($"SELECT SUM(balance) FROM {name}");
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>Adds a parameter whose value is set for each execution.</summary>
    public static DbParameter AddBigint(DbCommand command, string name)
    {
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = DbType.Int64;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
