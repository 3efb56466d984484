using System.Threading.Tasks;

using ShardSql.Protocol.Messages;
using ShardSql.Sql;

using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>Transactions that change the schema beside others, on real nodes.</summary>
public sealed class SchemaConflictTests : IAsyncLifetime
{
    private SchemaCluster _cluster = null!;
    private TestSession _one = null!;
    private TestSession _two = null!;

    public async Task InitializeAsync()
    {
        _cluster = await SchemaCluster.StartAsync();
        _one = await _cluster.OpenAsync();
        _two = await _cluster.OpenAsync();
        await OkAsync(_one, "CREATE TABLE a (id int PRIMARY KEY, v int)");
        await OkAsync(_one, "INSERT INTO a VALUES (1, 1), (2, 2), (3, 3)");
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Of_two_that_make_the_same_table_one_commits()
    {
        foreach (TestSession session in (TestSession[])[_one, _two])
        {
            await OkAsync(session, "BEGIN");
            await OkAsync(session, "CREATE TABLE b (id int PRIMARY KEY)");
        }

        await OkAsync(_one, "INSERT INTO b VALUES (1)");
        await OkAsync(_two, "INSERT INTO b VALUES (2)");
        await OkAsync(_two, "COMMIT");
        Error refused = (await _one.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        Assert.Contains("schema", refused.Message);
        Assert.Equal("2", await RowsAsync(_one, "SELECT * FROM b"));
        (await _one.RunAsync("CREATE TABLE b (id int PRIMARY KEY)")).Refused(SqlStates.DuplicateTable);
    }

    [Fact]
    public async Task A_change_behind_the_snapshot_is_a_conflict_at_once()
    {
        await OkAsync(_one, "BEGIN");
        Assert.Equal("3", await RowsAsync(_one, "SELECT count(*) FROM a"));
        await OkAsync(_two, "CREATE TABLE b (id int PRIMARY KEY)");
        (await _one.RunAsync("CREATE TABLE c (id int PRIMARY KEY)")).Refused(SqlStates.SerializationFailure);
        await OkAsync(_one, "ROLLBACK");
        await OkAsync(_one, "BEGIN");
        await OkAsync(_one, "CREATE TABLE c (id int PRIMARY KEY)");
        await OkAsync(_two, "DROP TABLE b");
        (await _one.RunAsync("INSERT INTO c VALUES (1)")).Refused(SqlStates.SerializationFailure);
        await OkAsync(_one, "ROLLBACK");
        Assert.Equal("a", await RowsAsync(_one, "SELECT table_name FROM shard.tables"));
    }

    [Fact]
    public async Task A_transaction_that_has_shown_nothing_takes_the_newest_catalog()
    {
        await OkAsync(_one, "BEGIN");
        await OkAsync(_one, "SAVEPOINT s");
        await OkAsync(_two, "CREATE TABLE b (id int PRIMARY KEY)");
        await OkAsync(_one, "CREATE TABLE c (id int REFERENCES b)");
        await OkAsync(_one, "COMMIT");
        Assert.Equal("a b c", await RowsAsync(_two, "SELECT table_name FROM shard.tables ORDER BY 1"));
    }

    [Fact]
    public async Task Who_wrote_rows_by_the_old_columns_conflicts_with_who_committed_new_ones()
    {
        await OkAsync(_one, "BEGIN");
        await OkAsync(_one, "ALTER TABLE a ADD COLUMN n int NOT NULL DEFAULT 5");
        await OkAsync(_two, "BEGIN");
        await OkAsync(_two, "INSERT INTO a VALUES (4, 4)");
        await OkAsync(_one, "COMMIT");
        (await _two.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        await OkAsync(_two, "INSERT INTO a VALUES (4, 4)");
        Assert.Equal("4:4:5", await RowsAsync(_one, "SELECT * FROM a WHERE id = 4"));
    }

    [Fact]
    public async Task A_row_that_came_unseen_conflicts_with_what_it_violates()
    {
        await OkAsync(_one, "BEGIN");
        await OkAsync(_one, "ALTER TABLE a ADD CONSTRAINT small CHECK (v < 10)");
        await OkAsync(_two, "INSERT INTO a VALUES (4, 40)");
        (await _one.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        await OkAsync(_one, "BEGIN");
        (await _one.RunAsync("ALTER TABLE a ADD CONSTRAINT small CHECK (v < 10)")).Refused(SqlStates.CheckViolation);
        await OkAsync(_one, "ROLLBACK");
    }

    [Fact]
    public async Task A_row_that_came_unseen_conflicts_with_an_index_that_has_no_entry_of_it()
    {
        await OkAsync(_one, "BEGIN");
        await OkAsync(_one, "CREATE UNIQUE INDEX by_v ON a (v)");
        await OkAsync(_two, "INSERT INTO a VALUES (4, 1)");
        (await _one.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        Assert.Equal("0", await RowsAsync(_two, "SELECT count(*) FROM shard.indexes"));
    }

    [Fact]
    public async Task A_dropped_table_takes_no_rows_of_others_with_it_unseen()
    {
        await OkAsync(_one, "BEGIN");
        Assert.Equal("3", await RowsAsync(_one, "SELECT count(*) FROM a"));
        await OkAsync(_one, "DROP TABLE a");
        await OkAsync(_two, "INSERT INTO a VALUES (4, 4)");
        (await _one.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        Assert.Equal("4", await RowsAsync(_two, "SELECT count(*) FROM a"));
    }

    [Fact]
    public async Task Numbers_taken_meanwhile_conflict_with_a_restart_that_gave_some()
    {
        await OkAsync(_one, "CREATE SEQUENCE s CACHE 1");
        await OkAsync(_one, "BEGIN");
        await OkAsync(_one, "ALTER SEQUENCE s INCREMENT 10");
        Assert.Equal("1", await RowsAsync(_one, "SELECT nextval('s')"));
        Assert.Equal("1", await RowsAsync(_two, "SELECT nextval('s')"));
        (await _one.RunAsync("COMMIT")).Refused(SqlStates.SerializationFailure);
        Assert.Equal("2", await RowsAsync(_two, "SELECT nextval('s')"));
    }

    private static Task<TestReply> OkAsync(TestSession session, string text) => SchemaCluster.OkAsync(session, text);

    private static Task<string> RowsAsync(TestSession session, string text) => SchemaCluster.RowsAsync(session, text);
}
