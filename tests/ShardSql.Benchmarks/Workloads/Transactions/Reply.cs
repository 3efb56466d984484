using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>What a call gave: rows of a query, or how many rows were changed.</summary>
internal sealed class Reply
{
    private readonly Statement _statement;

    private Reply(Statement statement, List<object[]> rows, int changed)
    {
        _statement = statement;
        Rows = rows;
        Changed = changed;
    }

    /// <summary>Rows in order; none of a statement without a result.</summary>
    public IReadOnlyList<object[]> Rows { get; }

    /// <summary>Rows that were changed; −1 of a query.</summary>
    public int Changed { get; }

    /// <summary>The only row; an error when there is another number of them.</summary>
    public object[] Row => Rows.Count == 1
        ? Rows[0]
        : throw new BenchmarkException($"{Rows.Count} rows where one must be: {_statement}");

    /// <summary>The only row's only value.</summary>
    public T Value<T>() => (T)Row[0];

    /// <summary>Reads the result that the reader stands at.</summary>
    public static async Task<Reply> ReadAsync(Statement statement, DbDataReader reader)
    {
        var rows = new List<object[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return new Reply(statement, rows, changed: -1);
    }

    /// <summary>The reply of a statement without a result.</summary>
    public static Reply OfChange(Statement statement, int changed) => new(statement, [], changed);

    /// <summary>Requires so many rows to have been changed.</summary>
    public void RequireChanged(int rows)
    {
        if (Changed != rows)
        {
            throw new BenchmarkException($"{Changed} rows were changed where {rows} must be: {_statement}");
        }
    }
}
