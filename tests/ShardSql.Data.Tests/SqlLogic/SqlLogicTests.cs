using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Gateway.Hosting;
using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Data.Tests.SqlLogic;

/// <summary>
/// The scripts of sqlite.org/sqllogictest, on one shard and on four. By default a few seconds of each; with
/// <c>SHARDSQL_LONG=1</c> all of them. <c>SHARDSQL_SQLLOGIC</c> limits them to files whose path contains it.
/// </summary>
public sealed class SqlLogicTests(ITestOutputHelper output)
{
    private static readonly bool s_isLong = Environment.GetEnvironmentVariable("SHARDSQL_LONG") == "1";
    private static readonly TimeSpan s_fileTime = s_isLong ? TimeSpan.FromHours(1) : TimeSpan.FromMilliseconds(350);

    /// <summary>Each script gives the answers that it says.</summary>
    [Theory]
    [InlineData(SqlLogicLayout.OneShard)]
    [InlineData(SqlLogicLayout.FourByHash)]
    [InlineData(SqlLogicLayout.FourByRange)]
    public async Task Scripts_onEveryLayout_giveTheirAnswers(SqlLogicLayout layout)
    {
        if (SqlLogicFile.Folder is not { } folder)
        {
            output.WriteLine("skipped: there is no folder shared/sqllogictest beside the repository");
            return;
        }

        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "sqllogic-" + Guid.NewGuid().ToString("N"),
            Nodes = 1,
            Shards = layout == SqlLogicLayout.OneShard ? 1 : 4,
            Store = "memory",
        });
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await using var connection = (ShardSqlConnection)await source.OpenConnectionAsync();
        var failures = new List<string>();
        foreach (string path in Files(folder))
        {
            failures.AddRange(Run(connection, layout, folder, path));
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static IEnumerable<string> Files(string folder)
    {
        string? only = Environment.GetEnvironmentVariable("SHARDSQL_SQLLOGIC");
        return Directory.EnumerateFiles(folder, "*.test", SearchOption.AllDirectories)
            .Where(p => only is null || p.Contains(only, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
    }

    private List<string> Run(ShardSqlConnection connection, SqlLogicLayout layout, string folder, string path)
    {
        string file = Path.GetRelativePath(folder, path);
        (List<SqlLogicRecord> records, int skipped) = SqlLogicFile.Read(path);
        var runner = new SqlLogicRunner(connection, layout);
        int run = runner.Run(file, records, s_fileTime);
        output.WriteLine(
            $"{file}: {runner.Passed} passed, {runner.Failed} failed, {skipped + records.Count - run} skipped");
        return runner.Failures;
    }
}
