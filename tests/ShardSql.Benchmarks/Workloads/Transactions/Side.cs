using System.Collections.Generic;
using System.Data.Common;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>One of the two that are compared.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Source">Its connections.</param>
/// <param name="ProcessIds">Its servers.</param>
/// <param name="IsOurs">Whether its CREATE TABLE takes a placement.</param>
internal sealed record Side(string Name, DbDataSource Source, IReadOnlyList<int> ProcessIds, bool IsOurs)
{
    /// <summary>What is added to a statement on ours only.</summary>
    public string Ours(string text) => IsOurs ? " " + text : "";

    /// <summary>Runs a statement without parameters.</summary>
    public async Task ExecuteAsync(string text)
    {
        await using DbCommand command = Source.CreateCommand(text);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The rows of a query without parameters.</summary>
    public async Task<IReadOnlyList<object[]>> QueryAsync(string text)
    {
        await using DbCommand command = Source.CreateCommand(text);
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        return (await Reply.ReadAsync(Statement.Query(text), reader)).Rows;
    }
}
