using System;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Gateway.Hosting;
using ShardSql.Sql.Values;

namespace ShardSql.Tests.Gateway;

/// <summary>A cluster of one node and three shards for tests that change its schema.</summary>
internal sealed class SchemaCluster(EmbeddedCluster cluster) : IAsyncDisposable
{
    public static async Task<SchemaCluster> StartAsync() => new(await EmbeddedCluster.StartAsync(
        new EmbeddedClusterOptions { Name = "embedded-" + Guid.NewGuid().ToString("N"), Nodes = 1 }));

    public Task<TestSession> OpenAsync() => TestSession.OpenAsync(cluster.Name);

    /// <summary>Runs a text that must not fail.</summary>
    public static async Task<TestReply> OkAsync(TestSession session, string text) => (await session.RunAsync(text)).Ok();

    /// <summary>The rows of a query as words.</summary>
    public static async Task<string> RowsAsync(TestSession session, string text) => string.Join(' ', (await OkAsync(
        session, text)).Rows.Select(static row => string.Join(':', row.Select(Text))));

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private static string Text(SqlValue value) => value.IsNull ? "NULL" : value.ToText();
}
