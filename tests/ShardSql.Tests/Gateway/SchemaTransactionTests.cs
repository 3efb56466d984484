using System.Linq;
using System.Threading.Tasks;

using ShardSql.Sql;

using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>CREATE, ALTER and DROP inside transactions, on real nodes.</summary>
public sealed class SchemaTransactionTests : IAsyncLifetime
{
    private SchemaCluster _cluster = null!;
    private TestSession _session = null!;

    public async Task InitializeAsync()
    {
        _cluster = await SchemaCluster.StartAsync();
        _session = await _cluster.OpenAsync();
        await OkAsync("CREATE TABLE a (id int PRIMARY KEY, v int)");
        await OkAsync("INSERT INTO a VALUES (1, 1), (2, 2), (3, 3)");
    }

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_new_table_holds_rows_for_its_transaction_and_after_commit_for_all()
    {
        await using TestSession other = await _cluster.OpenAsync();
        await OkAsync("BEGIN");
        await OkAsync("CREATE TABLE b (id int PRIMARY KEY, name text UNIQUE)");
        await OkAsync("INSERT INTO b VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, 'four')");
        await OkAsync("UPDATE b SET name = 'TWO' WHERE name = 'two'");
        await OkAsync("DELETE FROM b WHERE id = 4");
        const string Joined = "SELECT b.id, b.name, a.v FROM b JOIN a ON a.id = b.id ORDER BY b.id";
        Assert.Equal("1:one:1 2:TWO:2 3:three:3", await RowsAsync(Joined));
        (await other.RunAsync("SELECT * FROM b")).Refused(SqlStates.UndefinedTable);
        await OkAsync("COMMIT");
        Assert.Equal("1:one:1 2:TWO:2 3:three:3", await RowsAsync(Joined));
        Assert.Equal("2", await RowsAsync(other, "SELECT id FROM b WHERE name = 'TWO'"));
        (await other.RunAsync("INSERT INTO b VALUES (9, 'one')")).Refused(SqlStates.UniqueViolation);
    }

    [Fact]
    public async Task Rollback_leaves_nothing_of_a_table_and_its_sequence()
    {
        await OkAsync("BEGIN");
        await OkAsync("CREATE TABLE b (id serial PRIMARY KEY, n int)");
        await OkAsync("INSERT INTO b (n) VALUES (10), (20)");
        Assert.Equal("1:10 2:20", await RowsAsync("SELECT id, n FROM b ORDER BY id"));
        await OkAsync("ROLLBACK");
        (await _session.RunAsync("SELECT * FROM b")).Refused(SqlStates.UndefinedTable);
        Assert.Equal("0", await RowsAsync("SELECT count(*) FROM shard.sequences"));

        // The same ids are given again: to what must be empty.
        await OkAsync("CREATE TABLE b (id serial PRIMARY KEY, n int)");
        (await _session.RunAsync("SELECT currval('b_id_seq')"))
            .Refused(SqlStates.ObjectNotInPrerequisiteState);
        await OkAsync("INSERT INTO b (n) VALUES (30)");
        Assert.Equal("1:30", await RowsAsync("SELECT id, n FROM b"));
    }

    [Fact]
    public async Task A_dropped_table_is_gone_for_its_transaction_and_back_after_rollback()
    {
        await OkAsync("BEGIN");
        await OkAsync("UPDATE a SET v = 9 WHERE id = 1");
        await OkAsync("DROP TABLE a");
        (await _session.RunAsync("SELECT * FROM a")).Refused(SqlStates.UndefinedTable);
        (await _session.RunAsync("SELECT 1")).Refused(SqlStates.InFailedTransaction);
        await OkAsync("ROLLBACK");
        Assert.Equal("1:1 2:2 3:3", await RowsAsync("SELECT * FROM a ORDER BY id"));
    }

    [Fact]
    public async Task A_table_can_be_made_anew_under_its_name()
    {
        await OkAsync("BEGIN");
        await OkAsync("DROP TABLE a");
        await OkAsync("CREATE TABLE a (id int PRIMARY KEY, note text)");
        await OkAsync("INSERT INTO a VALUES (1, 'new')");
        await OkAsync("COMMIT");
        Assert.Equal("1:new", await RowsAsync("SELECT * FROM a"));
    }

    [Fact]
    public async Task Rows_written_before_a_change_of_their_columns_are_read_by_the_new_ones()
    {
        await OkAsync("BEGIN");
        await OkAsync("UPDATE a SET v = 20 WHERE id = 2");
        await OkAsync("INSERT INTO a VALUES (4, 4)");
        await OkAsync("ALTER TABLE a ADD COLUMN note text NOT NULL DEFAULT 'old'");
        await OkAsync("UPDATE a SET note = 'new' WHERE v >= 4");
        await OkAsync("ALTER TABLE a DROP COLUMN v");
        await OkAsync("ALTER TABLE a ADD COLUMN v int");
        await OkAsync("ALTER TABLE a RENAME COLUMN note TO remark");
        const string Rows = "1:old:NULL 2:new:NULL 3:old:NULL 4:new:NULL";
        Assert.Equal(Rows, await RowsAsync("SELECT * FROM a ORDER BY id"));
        await OkAsync("COMMIT");
        Assert.Equal(Rows, await RowsAsync("SELECT * FROM a ORDER BY id"));
    }

    [Fact]
    public async Task Rollback_to_a_savepoint_takes_back_the_schema_and_its_rows()
    {
        await OkAsync("BEGIN");
        await OkAsync("CREATE TABLE b (id int PRIMARY KEY)");
        await OkAsync("INSERT INTO b VALUES (1)");
        await OkAsync("SAVEPOINT s");
        await OkAsync("ALTER TABLE b ADD COLUMN n int DEFAULT 7");
        await OkAsync("CREATE TABLE c (id int PRIMARY KEY)");
        await OkAsync("INSERT INTO c VALUES (1)");
        await OkAsync("DROP TABLE a");
        (await _session.RunAsync("SELECT * FROM a")).Refused(SqlStates.UndefinedTable);
        await OkAsync("ROLLBACK TO s");
        Assert.Equal("1", await RowsAsync("SELECT * FROM b"));
        (await _session.RunAsync("SELECT * FROM c")).Refused(SqlStates.UndefinedTable);
        await OkAsync("ROLLBACK TO s");
        await OkAsync("CREATE TABLE d (id int PRIMARY KEY)");
        await OkAsync("INSERT INTO d VALUES (5)");
        await OkAsync("COMMIT");
        Assert.Equal("1 1 3 1", string.Join(' ',
            await RowsAsync("SELECT count(*) FROM b"),
            await RowsAsync("SELECT count(*) FROM d"),
            await RowsAsync("SELECT count(*) FROM a"),
            await RowsAsync("SELECT count(*) FROM information_schema.columns WHERE table_name = 'b'")));
    }

    [Fact]
    public async Task What_is_made_and_dropped_in_one_transaction_leaves_no_row_behind()
    {
        await OkAsync("BEGIN");
        await OkAsync("CREATE TABLE b (id int PRIMARY KEY, n int)");
        await OkAsync("INSERT INTO b VALUES (1, 1)");
        await OkAsync("CREATE INDEX by_n ON b (n)");
        await OkAsync("DROP INDEX by_n");
        await OkAsync("DROP TABLE b");
        await OkAsync("COMMIT");
        Assert.Equal("a", await RowsAsync("SELECT table_name FROM shard.tables"));
        (await _session.RunAsync("SELECT * FROM b")).Refused(SqlStates.UndefinedTable);
    }

    [Fact]
    public async Task Views_and_sequences_work_at_once()
    {
        await OkAsync("BEGIN");
        await OkAsync("CREATE SEQUENCE s START 5 INCREMENT 5");
        await OkAsync("CREATE VIEW large AS SELECT id, v FROM a WHERE v > 1");
        await OkAsync("INSERT INTO a SELECT nextval('s'), 10 FROM large");
        Assert.Equal("2:2 3:3 5:10 10:10", await RowsAsync("SELECT * FROM large ORDER BY id"));
        Assert.Equal("10", await RowsAsync("SELECT currval('s')"));
        await OkAsync("COMMIT");
        Assert.Equal("15", await RowsAsync("SELECT nextval('s')"));
        Assert.Equal("4", await RowsAsync("SELECT count(*) FROM large"));
    }

    [Fact]
    public async Task A_session_forgets_the_numbers_of_sequences_that_never_were()
    {
        (await _session.RunAsync("CREATE SEQUENCE s; SELECT nextval('s'); SELECT * FROM nowhere"))
            .Refused(SqlStates.UndefinedTable);
        await OkAsync("BEGIN");
        await OkAsync("CREATE SEQUENCE r");
        Assert.Equal("1", await RowsAsync("SELECT nextval('r')"));
        await OkAsync("SAVEPOINT made");
        await OkAsync("CREATE SEQUENCE s");
        Assert.Equal("1", await RowsAsync("SELECT nextval('s')"));
        await OkAsync("ROLLBACK TO made");
        Assert.Equal("1", await RowsAsync("SELECT currval('r')"));
        await OkAsync("CREATE SEQUENCE t");
        (await _session.RunAsync("SELECT currval('t')")).Refused(SqlStates.ObjectNotInPrerequisiteState);
        await OkAsync("ROLLBACK TO made");
        await OkAsync("COMMIT");
        Assert.Equal("1", await RowsAsync("SELECT currval('r')"));
        await OkAsync("CREATE SEQUENCE s");
        (await _session.RunAsync("SELECT currval('s')")).Refused(SqlStates.ObjectNotInPrerequisiteState);
    }

    [Fact]
    public async Task A_changed_sequence_gives_its_numbers_to_the_transaction_only()
    {
        await OkAsync("CREATE SEQUENCE s");
        Assert.Equal("1", await RowsAsync("SELECT nextval('s')"));
        await OkAsync("BEGIN");
        await OkAsync("ALTER SEQUENCE s RESTART WITH 100");
        Assert.Equal("100", await RowsAsync("SELECT nextval('s')"));
        Assert.Equal("101", await RowsAsync("SELECT nextval('s')"));
        await OkAsync("ROLLBACK");
        Assert.Equal("2", await RowsAsync("SELECT nextval('s')"));
        await OkAsync("BEGIN");
        await OkAsync("ALTER SEQUENCE s RESTART WITH 100");
        Assert.Equal("100", await RowsAsync("SELECT nextval('s')"));
        await OkAsync("SELECT setval('s', 200)");
        await OkAsync("COMMIT");
        Assert.Equal("201", await RowsAsync("SELECT nextval('s')"));
    }

    [Fact]
    public async Task An_index_made_in_a_transaction_is_whole_and_used()
    {
        await OkAsync("BEGIN");
        await OkAsync("CREATE TABLE b (id int PRIMARY KEY, n int, m int)");
        await OkAsync("INSERT INTO b VALUES (1, 10, 1), (2, 20, 2), (3, 30, NULL), (4, NULL, NULL)");
        await OkAsync("CREATE INDEX by_n ON b (n)");
        await OkAsync("CREATE UNIQUE INDEX by_m ON b (m)");
        await OkAsync("CREATE INDEX a_by_v ON a (v)");
        await OkAsync("ALTER TABLE b ADD UNIQUE (n)");
        await OkAsync("INSERT INTO b VALUES (5, 50, 5)");
        await OkAsync("INSERT INTO a VALUES (4, 4)");
        await OkAsync("COMMIT");
        Assert.Equal("2:20:2", await RowsAsync("SELECT * FROM b WHERE n = 20"));
        Assert.Equal("5:50:5", await RowsAsync("SELECT * FROM b WHERE m = 5"));
        Assert.Equal("3:3 4:4", await RowsAsync("SELECT * FROM a WHERE v > 2 ORDER BY v"));
        Assert.Contains("a_by_v", await RowsAsync("EXPLAIN SELECT * FROM a WHERE v = 3"));
        Assert.Equal("0", await RowsAsync("SELECT count(*) FROM shard.indexes WHERE state <> 'public'"));
        (await _session.RunAsync("INSERT INTO b VALUES (6, 60, 2)")).Refused(SqlStates.UniqueViolation);
        (await _session.RunAsync("INSERT INTO b VALUES (6, 50, 6)")).Refused(SqlStates.UniqueViolation);
    }

    [Fact]
    public async Task A_unique_index_over_rows_that_are_not_fails_and_a_savepoint_goes_on()
    {
        await OkAsync("BEGIN");
        await OkAsync("INSERT INTO a VALUES (4, 1)");
        await OkAsync("SAVEPOINT s");
        (await _session.RunAsync("CREATE UNIQUE INDEX by_v ON a (v)")).Refused(SqlStates.UniqueViolation);
        await OkAsync("ROLLBACK TO s");
        await OkAsync("DELETE FROM a WHERE id = 1");
        await OkAsync("CREATE UNIQUE INDEX by_v ON a (v)");
        await OkAsync("COMMIT");
        Assert.Equal("4", await RowsAsync("SELECT id FROM a WHERE v = 1"));
    }

    [Fact]
    public async Task A_foreign_key_refers_to_a_table_of_the_same_transaction()
    {
        await OkAsync("BEGIN");
        await OkAsync("CREATE TABLE parent (id int PRIMARY KEY)");
        await OkAsync("CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE)");
        await OkAsync("INSERT INTO parent VALUES (1), (2), (3)");
        await OkAsync("INSERT INTO child VALUES (10, 1), (20, 2), (30, 2)");
        await OkAsync("SAVEPOINT s");
        (await _session.RunAsync("INSERT INTO child VALUES (40, 4)")).Refused(SqlStates.ForeignKeyViolation);
        await OkAsync("ROLLBACK TO s");
        await OkAsync("DELETE FROM parent WHERE id = 2");
        (await _session.RunAsync("ALTER TABLE a ADD FOREIGN KEY (id) REFERENCES parent"))
            .Refused(SqlStates.ForeignKeyViolation);
        await OkAsync("ROLLBACK TO s");
        await OkAsync("ALTER TABLE a ADD FOREIGN KEY (id) REFERENCES parent");
        await OkAsync("COMMIT");
        Assert.Equal("3", await RowsAsync("SELECT count(*) FROM child"));
        (await _session.RunAsync("INSERT INTO a VALUES (4, 4)")).Refused(SqlStates.ForeignKeyViolation);
        (await _session.RunAsync("DELETE FROM parent WHERE id = 3")).Refused(SqlStates.ForeignKeyViolation);
    }

    [Fact]
    public async Task What_rows_of_the_transaction_violate_cannot_be_added()
    {
        await OkAsync("BEGIN");
        await OkAsync("INSERT INTO a VALUES (4, NULL)");
        await OkAsync("SAVEPOINT s");
        (await _session.RunAsync("ALTER TABLE a ALTER COLUMN v SET NOT NULL")).Refused(SqlStates.NotNullViolation);
        await OkAsync("ROLLBACK TO s");
        await OkAsync("UPDATE a SET v = 4 WHERE id = 4");
        await OkAsync("ALTER TABLE a ALTER COLUMN v SET NOT NULL");
        await OkAsync("COMMIT");
        (await _session.RunAsync("INSERT INTO a VALUES (5, NULL)")).Refused(SqlStates.NotNullViolation);
    }

    [Fact]
    public async Task A_text_with_begin_and_commit_is_one_transaction()
    {
        TestReply reply = await OkAsync(
            "BEGIN; CREATE TABLE b (id int PRIMARY KEY, n int); INSERT INTO b VALUES (1, 1), (2, 2); "
            + "CREATE INDEX by_n ON b (n); ALTER TABLE b ADD COLUMN s int DEFAULT 3; SELECT sum(s) FROM b; COMMIT");
        Assert.Equal(
            ["BEGIN", "CREATE TABLE", "INSERT", "CREATE INDEX", "ALTER TABLE", "SELECT", "COMMIT"],
            reply.Ends.Select(end => end.Tag));
        Assert.Equal("6", reply.Rows[^1][0].ToText());
        Assert.Equal("1:1:3 2:2:3", await RowsAsync("SELECT * FROM b ORDER BY id"));
    }

    [Fact]
    public async Task A_text_without_begin_is_one_transaction_too()
    {
        TestReply reply = await _session.RunAsync(
            "CREATE TABLE b (id int PRIMARY KEY); INSERT INTO b VALUES (1); UPDATE a SET v = 0; INSERT INTO b VALUES (1)");
        reply.Refused(SqlStates.UniqueViolation);
        Assert.Equal(3u, reply.Error!.StatementIndex);
        (await _session.RunAsync("SELECT * FROM b")).Refused(SqlStates.UndefinedTable);
        Assert.Equal("1:1 2:2 3:3", await RowsAsync("SELECT * FROM a ORDER BY id"));
        await OkAsync(
            "CREATE TABLE b (id int PRIMARY KEY, n int); INSERT INTO b VALUES (1, 5); CREATE UNIQUE INDEX by_n ON b (n); "
            + "INSERT INTO b SELECT id + 1, n + 1 FROM b; CREATE INDEX by_v ON a (v)");
        Assert.Equal("2", await RowsAsync("SELECT id FROM b WHERE n = 6"));
    }

    [Fact]
    public async Task The_system_tables_show_what_the_transaction_has_made()
    {
        const string Names =
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name";
        await using TestSession other = await _cluster.OpenAsync();
        await OkAsync("BEGIN");
        await OkAsync("CREATE TABLE b (id int PRIMARY KEY)");
        Assert.Equal("a b", await RowsAsync(Names));
        Assert.Equal("a b", await RowsAsync("SELECT table_name FROM shard.tables ORDER BY 1"));
        Assert.Equal("a", await RowsAsync(other, Names));
        await OkAsync("ROLLBACK");
        Assert.Equal("a", await RowsAsync(Names));
    }

    [Fact]
    public async Task What_only_reads_and_what_is_a_job_is_refused()
    {
        await OkAsync("BEGIN READ ONLY");
        (await _session.RunAsync("CREATE TABLE b (id int PRIMARY KEY)")).Refused(SqlStates.ReadOnlyTransaction);
        await OkAsync("ROLLBACK");
        await OkAsync("BEGIN");
        Assert.NotEmpty((await _session.RunAsync("MOVE SEGMENT 1 TO SHARD 2")).Refused(SqlStates.ActiveTransaction).Hint);
        await OkAsync("ROLLBACK");
        await OkAsync("BEGIN");
        await OkAsync("CREATE TABLE b (id int PRIMARY KEY)");
        (await _session.RunAsync("EXPLAIN CREATE INDEX i ON b (id)")).Refused(SqlStates.ActiveTransaction);
        await OkAsync("ROLLBACK");
    }

    private Task<TestReply> OkAsync(string text) => SchemaCluster.OkAsync(_session, text);

    private Task<string> RowsAsync(string text) => RowsAsync(_session, text);

    private static Task<string> RowsAsync(TestSession session, string text) => SchemaCluster.RowsAsync(session, text);
}
