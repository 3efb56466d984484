using System;
using System.Linq;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.SqlLanguage;

public sealed class ParserTests
{
    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    [InlineData("-- only a comment")]
    [InlineData("/* a */ ; ;")]
    public void Parse_of_nothing_gives_no_statements(string text) => Assert.Empty(SqlParser.Parse(text).Statements);

    [Fact]
    public void Parse_of_several_statements_gives_them_in_order()
    {
        ParsedBatch batch = SqlParser.Parse("SELECT @b; SELECT @A, @a;;");
        Assert.Equal(2, batch.Statements.Count);
        Assert.Equal(["b", "A"], batch.ParameterNames);
        Assert.Equal(12u, batch.Statements[1].Position);
        Assert.Equal("A", batch.Statements[1].Select.Items[1].Expression.Nodes[0].Name);
    }

    [Fact]
    public void Parse_alias_keeps_its_case_and_names_fold()
    {
        Select select = SqlTestHelp.ParseOne("SELECT Id AS MyId, [Mixed], \"Q\"\"x\" AS \"A b\", F.* FROM Foo F").Select;
        Assert.Equal("MyId", select.Items[0].Name);
        Assert.False(select.Items[0].AliasQuoted);
        Assert.Equal("id", select.Items[0].Expression.Nodes[0].Name);
        Assert.Equal("Mixed", select.Items[1].Name);
        Assert.Equal("Q\"x", select.Items[2].Expression.Nodes[0].Name);
        Assert.True(select.Items[2].AliasQuoted);
        Assert.Equal("f", select.Items[3].StarQualifier);
        Assert.Equal("foo", select.From.Table.Name);
        Assert.Equal("f", select.From.Alias);
    }

    [Fact]
    public void Parse_of_a_full_select_carries_every_clause()
    {
        Select select = SqlTestHelp.ParseOne(
            "SELECT DISTINCT a, count(*) FROM t WHERE b > @p GROUP BY a HAVING count(*) > 1 "
            + "ORDER BY 2 DESC, a NULLS FIRST LIMIT @n OFFSET 5 FOR UPDATE").Select;
        Assert.True(select.Distinct && select.ForUpdate);
        Assert.Single(select.GroupBy);
        Assert.Equal("count(*) > 1", ExpressionPrinter.Print(select.Having));
        Assert.Equal(2u, select.OrderBy[0].Ordinal);
        Assert.True(select.OrderBy[0].Descending);
        Assert.Equal(NullsOrder.First, select.OrderBy[1].Nulls);
        Assert.Equal("@n", ExpressionPrinter.Print(select.Limit));
        Assert.Equal("5", ExpressionPrinter.Print(select.Offset));
    }

    [Fact]
    public void Parse_of_create_table_carries_columns_keys_checks_and_placement()
    {
        CreateTable table = SqlTestHelp.ParseOne(
            "CREATE TABLE IF NOT EXISTS accounts (id bigint, owner varchar(20) NOT NULL DEFAULT 'x', "
            + "balance decimal(12,2) CHECK (balance >= 0), key int, at timestamp with time zone, "
            + "PRIMARY KEY (id, owner), CONSTRAINT two CHECK (key < 5 OR id > key)) "
            + "SHARD BY RANGE (id) SPLIT AT VALUES (100), (200)").CreateTable;
        Assert.True(table.IfNotExists);
        Assert.Equal(["id", "owner"], table.PrimaryKey.Select(c => c.Name));
        Assert.Equal([true, true, false, false, false], table.Columns.Select(c => c.NotNull));
        Assert.Equal("decimal(12,2)", SqlType.FromMessage(table.Columns[2].Type).ToString());
        Assert.Equal(SqlKind.Timestamptz, table.Columns[4].Type.Kind);
        Assert.Equal(["accounts_balance_check", "two"], table.Checks.Select(c => c.Name));
        Assert.Equal(2, table.Placement.Range.Splits.Count);
    }

    [Theory]
    [InlineData("SHARD BY HASH (a) INTO 16 SEGMENTS", Placement.KindOneofCase.Hash)]
    [InlineData("COLOCATED WITH u ON (a)", Placement.KindOneofCase.Colocated)]
    [InlineData("REFERENCE", Placement.KindOneofCase.Reference)]
    [InlineData("SINGLE ON SHARD 2", Placement.KindOneofCase.Single)]
    [InlineData("SINGLE", Placement.KindOneofCase.Single)]
    public void Parse_of_placements_tells_them_apart(string placement, Placement.KindOneofCase kind)
    {
        CreateTable table = SqlTestHelp.ParseOne($"CREATE TABLE t (a int PRIMARY KEY) {placement}").CreateTable;
        Assert.Equal(kind, table.Placement.KindCase);
    }

    [Fact]
    public void Parse_of_writes_carries_rows_defaults_and_returning()
    {
        Insert insert = SqlTestHelp.ParseOne("INSERT INTO t (a, b) VALUES (1, DEFAULT), (-2, @p) RETURNING id, *").Insert;
        Assert.Equal(2, insert.Rows.Count);
        Assert.Equal(ExpressionOp.Default, insert.Rows[0].Values[1].Nodes[0].Op);
        Assert.Equal(-2, ValueCodec.FromBytes(insert.Rows[1].Values[0].Nodes[0].Literal.Span).AsInt32());
        Assert.Equal(2, insert.Returning.Count);
        Update update = SqlTestHelp.ParseOne("UPDATE t AS x SET a = a + 1, b = DEFAULT WHERE x.a = 1 RETURNING a").Update;
        Assert.Equal("x", update.Table.Alias);
        Assert.Equal("a + 1", ExpressionPrinter.Print(update.Assignments[0].Value));
        Delete delete = SqlTestHelp.ParseOne("DELETE FROM t WHERE a IN (1, 2)").Delete;
        Assert.Equal("a IN (1, 2)", ExpressionPrinter.Print(delete.Where));
        Assert.True(SqlTestHelp.ParseOne("INSERT INTO t DEFAULT VALUES").Insert.DefaultValues);
    }

    [Fact]
    public void Parse_of_transaction_and_admin_statements()
    {
        Assert.Equal(Statement.KindOneofCase.Commit, SqlTestHelp.ParseOne("COMMIT TRANSACTION").KindCase);
        Assert.Equal(Statement.KindOneofCase.Rollback, SqlTestHelp.ParseOne("rollback").KindCase);
        TransactionModes modes = SqlTestHelp.ParseOne(
            "START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").Begin.Modes;
        Assert.Equal(TransactionIsolation.RepeatableRead, modes.Isolation);
        Assert.Equal(AccessMode.ReadOnly, modes.Access);
        Assert.Equal("-5s", SqlTestHelp.ParseOne("SET TRANSACTION AS OF '-5s'").Set.Transaction.AsOf);
        Assert.Equal("it's", SqlTestHelp.ParseOne("SET TRANSACTION type 'it''s', READ WRITE").Set.Transaction.Type);
        Assert.Equal("deposit", SqlTestHelp.ParseOne("BEGIN TYPE 'deposit'").Begin.Modes.Type);
        Assert.Equal("type", SqlTestHelp.ParseOne("SELECT type FROM type").Select.Items[0].Name);
        Set set = SqlTestHelp.ParseOne("SET a.b = serializable").Set;
        Assert.Equal("a.b", set.Name);
        Assert.Equal("'serializable'", ExpressionPrinter.Print(set.Value));
        Show show = SqlTestHelp.ParseOne("SHOW Hot KEYS FROM TABLE t WHERE a > 1 ORDER BY b DESC LIMIT 3").Show;
        Assert.Equal(("hot_keys", "t"), (show.What, show.Table.Name));
        Assert.Equal("a > 1", ExpressionPrinter.Print(show.Where));
        Assert.True(show.OrderBy[0].Descending && show.Limit.Nodes.Count == 1);
        Explain explain = SqlTestHelp.ParseOne("EXPLAIN ANALYZE (JSON) SELECT 1").Explain;
        Assert.True(explain.Analyze && explain.Json && !explain.Commit);
        Assert.Equal(
            2, SqlTestHelp.ParseOne("EXPLAIN TRANSACTION (SELECT 1; DELETE FROM t;)").Explain.Transaction.Count);
    }

    [Theory]
    [InlineData("SHOW TRANSACTIONS IN DOUBT WHERE age_ms > 1", "transactions_in_doubt", "")]
    [InlineData("SHOW PLACEMENT FOR t", "placement", "t")]
    [InlineData("SHOW PLACEMENT FOR TABLE t", "placement", "t")]
    [InlineData("SHOW FOREIGN KEYS FROM TABLE t", "foreign_keys", "t")]
    [InlineData("SHOW SEGMENT FOR ROW t KEY (1, @a)", "segment", "t")]
    [InlineData("SHOW SEGMENTS FOR row", "segments", "row")]
    public void Parse_of_show_keeps_its_words(string text, string what, string table)
    {
        Show show = SqlTestHelp.ParseOne(text).Show;
        Assert.Equal((what, table), (show.What, show.Table?.Name ?? ""));
        Assert.Equal(text.Contains("KEY (", System.StringComparison.Ordinal) ? 2 : 0, show.Row?.Values.Count ?? 0);
    }

    [Theory]
    [InlineData("RESOLVE TRANSACTION 'x-1.1'", "'x-1.1'")]
    [InlineData("resolve transaction @id", "@id")]
    public void Parse_of_resolve_takes_text_or_parameter(string text, string id) =>
        Assert.Equal(id, ExpressionPrinter.Print(SqlTestHelp.ParseOne(text).Resolve.Transaction));

    [Theory]
    [InlineData("TRANSFER LEADER OF SHARD s1 TO NODE n2", "'s1'", "'n2'")]
    [InlineData("transfer leader of shard 1 to node @node", "bigint '1'", "@node")]
    public void Parse_of_transfer_takes_names_numbers_and_parameters(string text, string shard, string node)
    {
        LeaderTransfer transfer = SqlTestHelp.ParseOne(text).Transfer;
        Assert.Equal((shard, node), (ExpressionPrinter.Print(transfer.Shard), ExpressionPrinter.Print(transfer.Node)));
    }

    [Fact]
    public void Parse_admin_words_and_type_names_are_names()
    {
        Select select = SqlTestHelp.ParseOne(
            "SELECT key, segment, node, shard, job, cache, resolve, doubt, text, date, time, position, first FROM nodes").Select;
        Assert.Equal(13, select.Items.Count);
        Assert.Equal("date", select.Items[9].Name);
    }

    [Theory]
    [InlineData("1 + 2 * 3", "1 + (2 * 3)")]
    [InlineData("1 - 2 - 3", "1 - 2 - 3")]
    [InlineData("(1 - 2) - 3", "(1 - 2) - 3")]
    [InlineData("1 - (2 - 3)", "1 - (2 - 3)")]
    [InlineData("NOT a = 1 AND b", "(NOT (a = 1)) AND b")]
    [InlineData("a OR b AND c OR d", "a OR (b AND c) OR d")]
    [InlineData("a BETWEEN 1 AND 2 AND b", "(a BETWEEN 1 AND 2) AND b")]
    [InlineData("a = b IS NULL", "(a = b) IS NULL")]
    [InlineData("-a::text", "- CAST(a AS text)")]
    [InlineData("a || b || 'x''y'", "a || b || 'x''y'")]
    [InlineData("- - 5", "5")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("(a, b) > (1, 2)", "ROW(a, b) > ROW(1, 2)")]
    [InlineData("trim(leading 'x' from a)", "ltrim(a, 'x')")]
    [InlineData("extract(year from a)", "extract('year', a)")]
    [InlineData("substring(a from 2 for 3)", "substring(a, 2, 3)")]
    [InlineData("x IN (SELECT @ids WHERE 1 = 0)", "CASE WHEN 1 = 0 THEN x = @ids ELSE FALSE END")]
    [InlineData("x NOT IN (SELECT @ids)", "NOT (x = @ids)")]
    [InlineData("CASE a WHEN 1 THEN 'x' END", "CASE a WHEN 1 THEN 'x' END")]
    [InlineData("E'a\\n\\u0041\\''", "'a\nA'''")]
    [InlineData("X'0aFF'", "X'0aff'")]
    [InlineData("DATE '2024-02-29'", "date '2024-02-29'")]
    [InlineData("CAST(a AS double precision)", "CAST(a AS double precision)")]
    [InlineData("a.b.c", "a.b.c")]
    [InlineData("count(DISTINCT \"A\")", "count(DISTINCT \"A\")")]
    [InlineData("current_date", "current_date()")]
    [InlineData("a ILIKE 'x%' ESCAPE '!'", "a ILIKE 'x%' ESCAPE '!'")]
    public void Parse_of_expressions_binds_as_PostgreSQL_does(string text, string expected) =>
        Assert.Equal(expected, ExpressionPrinter.Print(SqlTestHelp.ParseExpression(text)));

    [Theory]
    [InlineData("SELEC 1", 1, "SELECT")]
    [InlineData("SELECT 1 FRM t", 14, "FROM")]
    [InlineData("SELECT ?", 8, "@name")]
    [InlineData("SELECT select", 8, "reserved")]
    [InlineData("SELECT 1a", 8, "digit")]
    public void Parse_of_a_mistake_says_where_and_what_was_meant(string text, int position, string hint)
    {
        SqlException error = SqlTestHelp.FailsToParse(SqlStates.SyntaxError, text);
        Assert.Equal(position, error.Position);
        Assert.Contains(hint, error.Hint, StringComparison.Ordinal);
        Assert.Contains($"1:{position}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT 'abc", 8)]
    [InlineData("SELECT \"abc", 8)]
    [InlineData("SELECT /* abc", 8)]
    [InlineData("SELECT (1", 10)]
    [InlineData("SELECT 1; SELECT", 17)]
    [InlineData("x; DROP TABLE t", 1)]
    [InlineData("SELECT 1 = 1 = 1", 14)]
    [InlineData("INSERT INTO t (a) VALUES (1, 2)", 26)]
    [InlineData("SELECT sum(*)", 8)]
    [InlineData("SELECT \"\"", 8)]
    public void Parse_of_no_sql_is_42601_with_its_place(string text, int position) =>
        Assert.Equal(position, SqlTestHelp.FailsToParse(SqlStates.SyntaxError, text).Position);

    [Fact]
    public void Parse_error_on_a_later_line_gives_line_and_column()
    {
        SqlException error = SqlTestHelp.FailsToParse(SqlStates.SyntaxError, "SELECT 1\nFROM t\n  WHERE )");
        Assert.Equal((3, 9), (error.Line, error.Column));
        Assert.Contains("3:9", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GRANT SELECT ON t TO u", 1)]
    [InlineData("TRUNCATE t", 1)]
    [InlineData("CREATE TABLE t (a int REFERENCES u (b) MATCH PARTIAL)", 46)]
    [InlineData("CREATE TABLE t (a int REFERENCES u DEFERRABLE)", 36)]
    [InlineData("CREATE TABLE t (a int REFERENCES u NOT DEFERRABLE INITIALLY DEFERRED)", 51)]
    [InlineData("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u ON DELETE SET NULL (a)", 67)]
    [InlineData("CREATE TABLE t (a int GENERATED ALWAYS AS (1) STORED)", 43)]
    [InlineData("SELECT a FROM t GROUP BY ROLLUP (a, b)", 26)]
    [InlineData("SELECT a FROM t GROUP BY b, CUBE (a)", 29)]
    [InlineData("SELECT * FROM t, LATERAL (SELECT t.a) q", 26)]
    [InlineData("SELECT * FROM t TABLESAMPLE SYSTEM (10)", 29)]
    [InlineData("SELECT * FROM generate_series(1, 3)", 30)]
    [InlineData("SELECT a FROM t GROUP BY GROUPING SETS ((a), ())", 35)]
    [InlineData("WITH d AS (DELETE FROM t RETURNING a) SELECT * FROM d", 12)]
    [InlineData("SELECT 1 FROM t FOR SHARE", 21)]
    [InlineData("SELECT a COLLATE b FROM t", 10)]
    [InlineData("SELECT a ~ 'x' FROM t", 10)]
    [InlineData("SELECT count(DISTINCT a) OVER () FROM t", 8)]
    [InlineData("SELECT 1 < ANY ((1, 2))", 10)]
    [InlineData("CREATE VIEW v AS SELECT @a", 1)]
    [InlineData("SELECT a FROM t LIMIT 1, 2", 24)]
    public void Parse_of_sql_that_we_do_not_have_is_0A000_with_its_place(string text, int position)
    {
        SqlException error = SqlTestHelp.FailsToParse(SqlStates.FeatureNotSupported, text);
        Assert.Equal(position, error.Position);
        Assert.False(string.IsNullOrEmpty(error.Hint));
    }

    [Theory]
    [InlineData("SELECT * FROM a JOIN b", 17)]
    [InlineData("SELECT * FROM a CROSS JOIN b ON a.x = b.x", 23)]
    [InlineData("SELECT ANY (SELECT 1)", 8)]
    [InlineData("SELECT lower(a) FILTER (WHERE a = 1) FROM t", 17)]
    [InlineData("INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1", 26)]
    [InlineData("UPDATE t SET (a, b) = (1) WHERE a = 1", 14)]
    public void Parse_of_a_query_that_is_not_whole_is_42601_with_its_place(string text, int position) =>
        Assert.Equal(position, SqlTestHelp.FailsToParse(SqlStates.SyntaxError, text).Position);

    [Fact]
    public void Parse_of_queries_inside_one_another_is_54001_beyond_the_limit()
    {
        Assert.Single(SqlParser.Parse(Nested(SqlLimits.MaxQueryNesting)).Statements);
        SqlTestHelp.FailsToParse(SqlStates.StatementTooComplex, Nested(SqlLimits.MaxQueryNesting + 1));

        static string Nested(int levels) => string.Concat(System.Linq.Enumerable.Repeat("SELECT (", levels - 1))
            + "SELECT 1" + new string(')', levels - 1);
    }

    [Fact]
    public void Parse_of_set_operations_binds_intersect_first()
    {
        Select select = SqlParser.Parse("SELECT 1 UNION SELECT 2 INTERSECT ALL SELECT 3").Statements[0].Select;
        Assert.Equal(
            ["query", "query", "query", "Intersect", "Union"],
            System.Linq.Enumerable.Select(select.Terms, t => t.Operation?.Operator.ToString() ?? "query"));
        Assert.True(select.Terms[3].Operation.All);
    }

    [Theory]
    [InlineData("CREATE TABLE t (a int, a int)", SqlStates.DuplicateColumn)]
    [InlineData("CREATE TABLE t (a int PRIMARY KEY, b int PRIMARY KEY)", SqlStates.InvalidTableDefinition)]
    [InlineData("CREATE TABLE t (a int, PRIMARY KEY (b))", SqlStates.UndefinedColumn)]
    [InlineData("CREATE TABLE t (a int) SHARD BY HASH (b)", SqlStates.UndefinedColumn)]
    [InlineData("CREATE TABLE t (a nothing)", SqlStates.UndefinedObject)]
    [InlineData("CREATE TABLE t (a decimal(39, 2))", SqlStates.InvalidParameterValue)]
    [InlineData("UPDATE t SET a = 1, a = 2", SqlStates.DuplicateColumn)]
    [InlineData("SELECT DATE '2024-13-01'", SqlStates.InvalidDateTime)]
    [InlineData("SELECT a FROM t ORDER BY 0", SqlStates.InvalidColumnReference)]
    public void Parse_of_contradictions_gives_their_states(string text, string state) =>
        Assert.True(SqlTestHelp.FailsToParse(state, text).Position > 0);

    [Fact]
    public void StatementCache_forgets_the_least_recently_used()
    {
        var cache = new StatementCache(2);
        ParsedBatch first = cache.Parse("SELECT 1");
        cache.Parse("SELECT 2");
        Assert.Same(first, cache.Parse("SELECT 1"));
        ParsedBatch second = cache.Parse("SELECT 2");
        cache.Parse("SELECT 3");
        Assert.Equal(2, cache.Count);
        Assert.Same(second, cache.Parse("SELECT 2"));
        Assert.NotSame(first, cache.Parse("SELECT 1"));
    }
}
