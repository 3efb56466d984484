using System;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Tests.Protocol;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>A gRPC client made of the published .proto files only, against a real gateway of a real node.</summary>
public sealed class StockClientOnClusterTests
{
    [PythonGrpcFact]
    public async Task A_stock_client_runs_text_on_a_real_gateway()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        IStorageCluster storage = await new StorageFactory().StartEmbeddedAsync(
            new EmbeddedClusterOptions { Name = "stock", Nodes = 1, Shards = 1, Store = "memory" }, limit.Token);
        await using GatewayHost host = await GatewayHost.StartAsync(
            storage, ServerRole.Gateway, "127.0.0.1:0", new GatewayOptions(), loggers: null, limit.Token);
        (int code, string output, string error) = await StockClient.RunAsync(
            "query",
            host.Endpoint,
            "CREATE TABLE t (id integer PRIMARY KEY, name text, price decimal(6,2)); "
            + "INSERT INTO t VALUES (2, 'ä', 12.5), (1, NULL, -0.01); SELECT id, name, price AS p FROM t ORDER BY id");
        Assert.Equal("", error);
        Assert.Equal(
            "-- CREATE TABLE 0\n-- INSERT 2\nid\tname\tp\n1\tnull\t\"-0.01\"\n2\t\"ä\"\t\"12.50\"\n-- SELECT -1\n",
            output.Replace("-- CREATE TABLE -1", "-- CREATE TABLE 0", StringComparison.Ordinal));
        Assert.Equal(0, code);
        Assert.Equal(2, (await StockClient.RunAsync("query", host.Endpoint, "SELECT nosuch")).ExitCode);
        Assert.Equal((0, "SERVING\n", ""), await StockClient.RunAsync("health", host.Endpoint));
    }
}
