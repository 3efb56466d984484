using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>Fills a table by INSERTs of many rows, on several connections.</summary>
internal static class TableLoader
{
    private const int Connections = 4;
    private const int ParametersPerInsert = 1_000;

    /// <summary>Inserts all rows; a row has a value for each column.</summary>
    public static async Task FillAsync(
        Side side, string table, IReadOnlyList<(string Name, DbType Type)> columns, IEnumerable<object[]> rows)
    {
        int rowsPerInsert = ParametersPerInsert / columns.Count;
        Statement insert = Statement.Insert(table, columns, rowsPerInsert);
        using IEnumerator<object[][]> chunks = rows.Chunk(rowsPerInsert).GetEnumerator();
        var turn = new Lock();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            DbConnection connection = await side.Source.OpenConnectionAsync();
            await using var session = new StatementSession(connection, batches: false);
            while (Next() is { } chunk)
            {
                Statement statement =
                    chunk.Length == rowsPerInsert ? insert : Statement.Insert(table, columns, chunk.Length);
                await InsertAsync(session, statement.With([.. chunk.SelectMany(static row => row)]), chunk.Length);
            }
        }));

        object[][]? Next()
        {
            lock (turn)
            {
                return chunks.MoveNext() ? chunks.Current : null;
            }
        }
    }

    // Beside other INSERTs it may have to be tried again, as any SERIALIZABLE transaction.
    private static async Task InsertAsync(StatementSession session, Call call, int rows)
    {
        const int AttemptsMax = 20;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                (await session.RunAsync(call)).RequireChanged(rows);
                return;
            }
            catch (DbException error) when (Conflicts.IsRolledBack(error) && attempt < AttemptsMax)
            {
                // Nothing was inserted.
            }
        }
    }
}
