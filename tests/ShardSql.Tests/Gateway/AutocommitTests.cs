using System.Threading.Tasks;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.Gateway;

public sealed class AutocommitTests
{
    private const string Accounts =
        "CREATE TABLE accounts (id int PRIMARY KEY, owner text NOT NULL, balance bigint NOT NULL)";

    [Fact]
    public async Task Insert_then_select_gives_rows()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync(Accounts)).Ok();
        TestReply inserted = (await session.RunAsync(
            "INSERT INTO accounts (id, owner, balance) VALUES (1, 'Ann', 10), (2, 'Bob', 20), (3, 'Cy', 30)")).Ok();
        TestReply selected = (await session.RunAsync("SELECT id, owner, balance FROM accounts ORDER BY id")).Ok();

        Assert.Equal(3, inserted.Ends[0].RowsAffected);
        Assert.Equal(3, selected.Rows.Count);
        Assert.Equal("Bob", selected.Rows[1][1].AsText());
        Assert.Equal(30, selected.Rows[2][2].AsInt64());
    }

    [Fact]
    public async Task Update_of_one_row_is_one_entry_at_one_shard()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync(Accounts)).Ok();
        (await session.RunAsync("INSERT INTO accounts VALUES (1, 'Ann', 10)")).Ok();
        gateway.Cluster.Trace.Clear();
        TestReply reply = (await session.RunAsync(
            "UPDATE accounts SET balance = balance + @x WHERE id = 1", ("x", SqlValue.FromInt64(5)))).Ok();

        Assert.Equal(1, reply.Ends[0].RowsAffected);
        Assert.Equal(1, gateway.Cluster.CountTrace("ONE"));
        Assert.Equal(0, gateway.Cluster.CountTrace("PREPARE"));
        Assert.NotNull(reply.End!.CommitStamp);
        TestReply read = (await session.RunAsync("SELECT balance FROM accounts WHERE id = 1")).Ok();
        Assert.Equal(15, read.Rows[0][0].AsInt64());
    }
}
